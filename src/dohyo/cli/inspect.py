"""dohyo inspect"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.corrections.map import load_map


def inspect(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted map.")],
    common: Common,
) -> None:
    """Say what a map is, after verifying its checksums.

    Example: dohyo inspect out/map
    """
    with session(common) as s:
        fitted = load_map(map_)
        document = {
            "method": fitted.method,
            "parameters": dict(fitted.parameters),
            "dimension": fitted.dimension,
            "encoder": fitted.encoder,
            "corpus": fitted.corpus,
            "figures": dict(fitted.figures),
            "arrays": {name: list(array.shape) for name, array in fitted.arrays.items()},
            "reasons": list(fitted.reasons),
        }
    table = Table(title=str(map_), title_justify="left", show_header=False)
    for name, value in document.items():
        if isinstance(value, dict):
            value = "\n".join(f"{key} = {entry}" for key, entry in value.items())
        elif isinstance(value, list):
            value = "\n".join(value)
        table.add_row(common.words(f"map.{name}"), str(value if value is not None else "—"))
    s.tell(table)
    s.answer(document)
