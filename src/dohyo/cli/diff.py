"""dohyo diff"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from dohyo.cli.options import Common, TableColumns, meanings
from dohyo.cli.session import session
from dohyo.corpus import MODALITIES
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.diff import MapDiff
from dohyo.corrections.maps.diff import diff as compare
from dohyo.errors import UsageError
from dohyo.io.read import read
from dohyo.words import Words

SHOWN = 24
"""Characters of a fingerprint on the terminal; the JSON holds all."""


def diff(
    *,
    first: Annotated[Path, typer.Argument(metavar="MAP1", help="Folder of a fitted map.")],
    second: Annotated[Path, typer.Argument(metavar="MAP2", help="Folder of another.")],
    source: Annotated[
        Path | None, typer.Option(help="A corpus to apply both to; else what the maps hold.")
    ] = None,
    columns: TableColumns = None,
    common: Common,
) -> None:
    """Say what differs between two maps, and what that does to vectors and to searches.

    Example: dohyo diff map map2 --source corpus.npz
    """
    with session(common) as s:
        if source is None and columns is not None:
            raise UsageError("--columns without --source names no table.", hint="Name the table.")
        corpus = None if source is None else read(source, columns=meanings(columns))
        found = compare(load_map(first), load_map(second), corpus, seed=common.seed)
    words = common.words
    if found.changed:
        s.tell(_table(found, words))
    else:
        s.tell(words("diff.same_facts"))
    for sentence in _sentences(found, words):
        s.tell(sentence)
    s.answer({"first": str(first), "second": str(second), **found.to_json()})


def _table(found: MapDiff, words: Words) -> Table:
    table = Table(
        *(words(f"diff.{name}") for name in ("fact", "first", "second")),
        title=words("diff.title"),
        title_justify="left",
    )
    for name in found.changed:
        table.add_row(words(f"diff.name.{name}"), *map(_shown, found.facts[name]))
    return table


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {entry:g}" for key, entry in value.items()) or "—"
    if isinstance(value, list):
        return " / ".join(f"{each:+.3f}" for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value or "—")[:SHOWN]


def _sentences(found: MapDiff, words: Words) -> list[str]:
    said = [words(f"inspect.origin.{found.origin}", rows=found.moved["image"].mean.n)]
    if found.same:
        return [*said, words("diff.same")]
    for side in MODALITIES:
        each, kind = found.moved[side], words(f"inspect.kind.{side}")
        said.append(
            words(
                "diff.moved",
                kind=kind,
                mean=each.mean.value,
                low=each.mean.low,
                high=each.mean.high,
                n=each.mean.n,
                most=each.most.value,
                largest=each.largest,
            )
        )
        said.append(
            words(
                "diff.shift",
                kind=kind,
                shift=each.shift.value,
                low=each.shift.low,
                high=each.shift.high,
                stay=each.stay.value,
            )
        )
    if "offset" in found.changed:
        first, second = found.facts["offset"]
        for side, before, after in zip(MODALITIES, first, second, strict=True):
            kind = words(f"inspect.kind.{side}")
            said.append(words("diff.offset", kind=kind, first=before, second=after))
    return said
