"""What `dohyo migrate` says: the plan, the outcome, and the steps that are left to a person."""

from typing import Any

from rich.markup import escape

from dohyo.migration.migrate import Migrated, Migration, Return, Survey
from dohyo.migration.prepare import Part
from dohyo.stores.protocol import Store
from dohyo.words import Words

WRITING = 20
"""Megabytes a second that a store is reckoned to take: cautious, LanceDB took 90."""
READS = 2
"""Passes over the raw rows: one that writes, one that finds nothing left to write."""
OPENING = {
    "lancedb": 'db.open_table("{name}")',
    "qdrant": 'client.query_points("{name}", query=vector)',
    "milvus": 'client.search("{name}", data=[vector])',
    "chroma": 'client.get_collection("{name}")',
    "pgvector": 'SELECT … FROM "{name}" ORDER BY vector <#> :query',
}
"""How a program opens a collection, in its store's own words."""


def plan(part: Part, words: Words, *, switch: bool) -> list[str]:
    """Return what will be made and switched."""
    way = part.route
    fitted = part.correction.fitted
    lines = [
        words(
            "migrate.plan",
            raw=way.raw,
            target=way.target,
            rows=part.rows,
            columns_in=fitted.dimension,
            columns_out=fitted.width,
            megabytes=part.bytes / 1e6,
        )
    ]
    if part.there:
        lines.append(words("migrate.there", rows=part.there))
    if not switch or way.alias is None:
        lines.append(words("migrate.no_switch"))
    elif way.before is None:
        lines.append(words("migrate.will_make", alias=way.alias))
    else:
        lines.append(words("migrate.will_switch", alias=way.alias, before=way.before))
    return lines


def surveyed(part: Part, seen: Survey, words: Words) -> list[str]:
    """Return what a dry run has counted and measured."""
    lines = [words("migrate.counted", images=seen.rows["image"], texts=seen.rows["text"])]
    if seen.bad:
        lines.append(words("migrate.bad", rows=seen.bad, examples=examples(seen.bad_ids)))
    lines.append(
        words(
            "migrate.time",
            read=seen.seconds,
            megabytes=part.bytes / 1e6,
            seconds=seconds(part, seen),
            rate=WRITING,
        )
    )
    return lines


def seconds(part: Part, seen: Survey) -> float:
    """Return what a whole run may take."""
    return READS * seen.seconds + part.bytes / 1e6 / WRITING


def outcome(migrated: Migrated, words: Words) -> list[str]:
    """Return what was verified and switched."""
    copied, way = migrated.copied, migrated.route
    lines = [
        words(
            "migrate.done",
            target=way.target,
            images=copied.kinds["image"],
            texts=copied.kinds["text"],
            written=copied.written,
            removed=copied.removed,
        ),
        words(
            "migrate.checksum",
            raw=copied.raw.rows,
            skipped=copied.skipped,
            rows=copied.found.rows,
            verified=copied.verified.checksum,
            found=copied.found.checksum,
        ),
    ]
    if copied.skipped:
        lines.append(
            words("migrate.skipped", rows=copied.skipped, examples=examples(copied.skipped_ids))
        )
    if migrated.switched:
        lines.append(words("migrate.switched", alias=way.alias, target=way.target))
    return lines


def what_next(part: Part, store: Store, words: Words, *, shown: str, switch: bool) -> list[str]:
    """Return what is left to a person: nothing but the queries where the alias was switched."""
    way, fitted = part.route, part.correction.fitted
    strength = "" if part.correction.strength == 1 else f", strength={part.correction.strength}"
    if way.alias is None:
        return _steps(part, store, words, strength)
    lines = [] if switch else [words("migrate.kept")]
    lines.append(words("migrate.query", strength=strength))
    if fitted.width != fitted.dimension:
        lines.append(
            words("migrate.columns", columns_in=fitted.dimension, columns_out=fitted.width)
        )
    if switch:
        lines.append(words("migrate.back", store=shown, alias=way.alias))
    return lines


def _steps(part: Part, store: Store, words: Words, strength: str) -> list[str]:
    way = part.route
    if store.has_aliases:
        why, first = words("migrate.why_collection", name=way.raw), [words("migrate.step_alias")]
    else:
        why, first = words("migrate.why_none", kind=store.kind), []
    code = OPENING.get(store.kind, "{name}").format(name=way.target)
    steps = [
        *first,
        words("migrate.step_open", target=way.target, raw=way.raw, code=code),
        words("migrate.step_query", strength=strength),
        words("migrate.step_back", raw=way.raw),
    ]
    return [
        words("migrate.steps", why=why),
        *(f"  {number}. {step}" for number, step in enumerate(steps, 1)),
    ]


def returned(back: Return, store: Store, words: Words) -> list[str]:
    """Return where a rollback has led."""
    if back.alias is None:
        code = OPENING.get(store.kind, "{name}").format(name=back.raw)
        return [words("migrate.step_back", raw=back.raw), f"  {code}"]
    key = "is_back" if back.before == back.raw else "rolled_back"
    return [words(f"migrate.{key}", alias=back.alias, raw=back.raw, before=back.before)]


def examples(ids: tuple[Any, ...]) -> str:
    """Return some keys for a sentence."""
    return ", ".join(map(repr, ids))


def shown(lines: list[str]) -> str:
    """Return lines for the terminal: names come from outside and are no markup."""
    return escape("\n".join(lines))


def as_json(migration: Migration) -> dict[str, Any]:
    """Return the document of a migration."""
    return {
        "seconds": migration.seconds,
        "collections": [
            {
                "raw": each.route.raw,
                "target": each.route.target,
                "alias": each.route.alias,
                "before": each.route.before,
                "switched": each.switched,
                "rows": {
                    "raw": each.copied.raw.rows,
                    "copy": each.copied.found.rows,
                    **each.copied.kinds,
                },
                "checksum": {
                    "raw": each.copied.raw.checksum,
                    "verified": each.copied.verified.checksum,
                    "copy": each.copied.found.checksum,
                },
                "written": each.copied.written,
                "removed": each.copied.removed,
                "skipped": each.copied.skipped,
                "skipped_ids": list(each.copied.skipped_ids),
                "passes": each.copied.passes,
            }
            for each in migration.parts
        ],
    }


def survey_as_json(part: Part, seen: Survey) -> dict[str, Any]:
    """Return the document of one collection's dry run."""
    return {
        "raw": part.route.raw,
        "target": part.route.target,
        "alias": part.route.alias,
        "before": part.route.before,
        "rows": {"raw": part.rows, "copy": part.there, **seen.rows},
        "bad": seen.bad,
        "bad_ids": list(seen.bad_ids),
        "bytes": part.bytes,
        "seconds": {"reading": seen.seconds, "whole": seconds(part, seen)},
    }
