"""dohyo inspect"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.maps.artifact import DESCRIPTION, FILES
from dohyo.corrections.maps.inspection import Inspection, inspection
from dohyo.io.atomic import check_file, new_file
from dohyo.reports.map_answer import Said, Written, headline, say
from dohyo.words import Words


def inspect(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted map.")],
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with pictures there.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that page.")] = False,
    common: Common,
) -> None:
    """Say what a map is, does and destroys, after verifying its checksums.

    Example: dohyo inspect out/map --html map.html
    """
    words = common.words
    with session(common) as s:
        if html is not None:
            check_file(html, overwrite=overwrite)
        fitted = load_map(map_)
        inspected = inspection(fitted, seed=common.seed)
        written = _written(map_)
        said = say(fitted, inspected, written, words)
        if html is not None:
            # The page brings the charts along, which would slow every other command down.
            from dohyo.reports.map_page import render_map

            with new_file(html, overwrite=overwrite) as draft:
                page = render_map(fitted, inspected, written, words)
                draft.write_text(page, encoding="utf-8")
    s.tell(headline(fitted, words))
    for each in said:
        s.tell(f"\n{each.heading}")
        for sentence in each.sentences:
            s.tell(f"  {sentence}")
    s.tell()
    s.tell(_table(fitted, str(map_), words))
    if html is not None:
        s.tell(words("inspect.page_written", path=html))
    s.answer(_document(fitted, inspected, written, said, html))


def _written(folder: Path) -> Written:
    document = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    changed = (folder / DESCRIPTION).stat().st_mtime
    return Written(
        name=folder.resolve().name,
        bytes=sum((folder / name).stat().st_size for name in FILES),
        date=datetime.fromtimestamp(changed, UTC),
        dohyo_version=str(document.get("dohyo_version", "?")),
    )


def _document(
    fitted: AlignmentMap,
    inspected: Inspection,
    written: Written,
    said: tuple[Said, ...],
    html: Path | None,
) -> dict[str, Any]:
    return {
        "method": fitted.method,
        "parameters": dict(fitted.parameters),
        "dimension": fitted.dimension,
        "width": fitted.width,
        "roles": fitted.tells_roles_apart,
        "encoder": fitted.encoder,
        "corpus": fitted.corpus,
        "figures": dict(fitted.figures),
        "arrays": {name: list(array.shape) for name, array in fitted.arrays.items()},
        "reasons": list(fitted.reasons),
        "offset": list(fitted.offset),
        "grows": inspected.grows,
        "bytes": written.bytes,
        "bytes_by_purpose": dict(inspected.sizes),
        "date": written.date.isoformat(timespec="seconds"),
        "dohyo_version": written.dohyo_version,
        "moves": {
            side: {"mean_degrees": float(each.mean()), "largest_degrees": float(each.max())}
            for side, each in inspected.degrees.items()
        },
        "moves_of": inspected.origin,
        "says": {each.heading: list(each.sentences) for each in said},
        "html": None if html is None else str(html),
    }


def _table(fitted: AlignmentMap, title: str, words: Words) -> Table:
    """Return the figures themselves."""
    table = Table(title=title, title_justify="left", show_header=False)
    shapes = {name: list(array.shape) for name, array in sorted(fitted.arrays.items())}
    rows: dict[str, Any] = {
        "method": fitted.method,
        "parameters": fitted.parameters,
        "encoder": fitted.encoder or "—",
        "corpus": fitted.corpus or "—",
        "figures": fitted.figures,
        "arrays": shapes,
    }
    if fitted.reasons:
        rows["reasons"] = "\n".join(fitted.reasons)
    for name, value in rows.items():
        shown = value
        if not isinstance(value, str):
            shown = "\n".join(f"{key} = {entry}" for key, entry in value.items())
        table.add_row(words(f"map.{name}"), shown)
    return table
