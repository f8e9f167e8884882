"""dohyo migrate"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli import migrate_told as told
from dohyo.cli.options import Common, StoreAddress
from dohyo.cli.session import Session, session
from dohyo.corpus import Modality
from dohyo.corrections.map import load_map
from dohyo.encoders.load import load_encoder
from dohyo.errors import Interrupted, UsageError
from dohyo.migration.migrate import migrate as carry_out
from dohyo.migration.migrate import roll_back, survey
from dohyo.migration.naming import corrected_name, identity
from dohyo.migration.prepare import BATCH, Prepared, prepare
from dohyo.migration.route import copies
from dohyo.stores.address import parse_address
from dohyo.stores.protocol import Store


def migrate(
    *,
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="The database, e.g. lancedb://folder.")
    ],
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="The raw collection, or an alias of it.")
    ],
    map_: Annotated[Path | None, typer.Option("--map", help="Folder of a fitted map.")] = None,
    texts: Annotated[
        str | None, typer.Option(help="Collection of texts, if COLLECTION holds images alone.")
    ] = None,
    modality: Annotated[
        Modality | None, typer.Option(help="What all rows are of, if of one kind.")
    ] = None,
    address: StoreAddress,
    alias: Annotated[
        str | None, typer.Option(help="Alias to make or switch, where COLLECTION is none.")
    ] = None,
    no_switch: Annotated[
        bool, typer.Option("--no-switch", help="Write and verify the copy alone.")
    ] = False,
    strength: Annotated[
        float, typer.Option(help="How much of the map to apply, above 0 and up to 1.")
    ] = 1.0,
    encoder: Annotated[
        str | None, typer.Option(help="Encoder of the vectors, by name; the map must be of it.")
    ] = None,
    encoder_fingerprint: Annotated[
        str | None, typer.Option(help="Or its fingerprint, as dohyo inspect shows the map's.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although the encoder is unknown or another.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows of zeros, NaN or infinity.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, help="Rows that travel at once.")] = BATCH,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count everything, write nothing.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Let the alias stand for the raw collection again.")
    ] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="With --rollback, also remove the corrected copy.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --drop, do not ask.")] = False,
    common: Common,
) -> None:
    """Write a corrected copy of a collection beside it, verify it, and switch the alias.

    Raw vectors stay. Stopped at any moment, the same command goes on.

    Example: dohyo migrate qdrant+http://localhost:6333 products --map map --dry-run
    """
    try:
        with session(common) as s, address.open(store) as opened:
            if rollback:
                _back(s, opened, collection, map_, strength, drop=drop, yes=yes)
                return
            if map_ is None:
                raise UsageError("There is no map to apply.", hint="Name its folder with --map.")
            if drop:
                raise UsageError("--drop goes with --rollback.", hint="Add it, or leave it out.")
            prepared = prepare(
                opened,
                collection,
                load_map(map_),
                texts=texts,
                modality=modality,
                modality_field=address.modality_field,
                alias=alias,
                strength=strength,
                encoder=_fingerprint(encoder, encoder_fingerprint),
                force=force,
                skip_bad=skip_bad or dry_run,
                batch=batch,
            )
            for part in prepared.parts:
                s.tell(told.shown(told.plan(part, common.words, switch=not no_switch)))
            if force:
                s.tell(common.words("migrate.forced"))
            if dry_run:
                _survey(s, prepared)
            else:
                _carry_out(s, prepared, parse_address(store).shown, switch=not no_switch)
    except KeyboardInterrupt as error:
        raise Interrupted(
            "Interrupted; the raw collection is as it was.",
            hint="Run the same command again to go on.",
        ) from error


def _fingerprint(name: str | None, fingerprint: str | None) -> str | None:
    if name is None or fingerprint is None:
        return fingerprint if name is None else load_encoder(name).fingerprint
    raise UsageError("--encoder and --encoder-fingerprint say the same.", hint="Give one of them.")


def _survey(s: Session, prepared: Prepared) -> None:
    documents = []
    for part in prepared.parts:
        seen = survey(prepared, part, progress=s.progress)
        s.tell(told.shown(told.surveyed(part, seen, s.common.words)))
        documents.append(told.survey_as_json(part, seen))
    s.tell(s.common.words("migrate.dry"))
    s.answer({"dry_run": True, "collections": documents})


def _carry_out(s: Session, prepared: Prepared, shown: str, *, switch: bool) -> None:
    migration = carry_out(prepared, switch=switch, progress=s.progress)
    for part, each in zip(prepared.parts, migration.parts, strict=True):
        next_ = told.what_next(part, prepared.store, s.common.words, shown=shown, switch=switch)
        s.tell(told.shown([*told.outcome(each, s.common.words), *next_]))
    s.answer(told.as_json(migration))


def _back(
    s: Session,
    store: Store,
    named: str,
    map_: Path | None,
    strength: float,
    *,
    drop: bool,
    yes: bool,
) -> None:
    words = s.common.words
    back = roll_back(store, named)
    if drop and back.alias is None and store.has_aliases:
        raise UsageError(
            f"{named} is no alias, and one of its own may stand for what --drop removes.",
            hint="Name the alias that your program searches.",
        )
    s.tell(told.shown(told.returned(back, store, words)))
    there = copies(store, back.raw)
    if map_ is not None:
        only = corrected_name(back.raw, identity(load_map(map_), strength))
        there = tuple(name for name in there if name == only)
    names = ", ".join(there)
    dropped = there if drop and _dropped(s, store, there, yes=yes) else ()
    if there and not drop:
        s.tell(told.shown([words("migrate.copies", names=names)]))
    s.answer(
        {
            "alias": back.alias,
            "before": back.before,
            "raw": back.raw,
            "copies": [name for name in there if name not in dropped],
            "dropped": list(dropped),
        }
    )


def _dropped(s: Session, store: Store, there: tuple[str, ...], *, yes: bool) -> bool:
    """Remove the copies, if somebody says so; return whether they are gone."""
    words, names = s.common.words, ", ".join(there)
    if not there:
        s.tell(words("migrate.none_to_drop"))
        return True
    if not yes and not sys.stdin.isatty():
        raise UsageError("--drop asks first, and nobody is there.", hint="Add --yes.")
    if not yes and not typer.confirm(words("migrate.ask_drop", names=names), err=True):
        return False
    for name in there:
        store.drop(name)
    s.tell(told.shown([words("migrate.dropped", names=names)]))
    return True
