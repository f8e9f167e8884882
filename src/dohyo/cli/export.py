"""dohyo export"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.corpus import Modality, Role
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.export import Format
from dohyo.corrections.maps.export import export as write


def export(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted linear map.")],
    out: Annotated[Path, typer.Option(help="File to write, .onnx or .py.")],
    format_: Annotated[
        Format, typer.Option("--format", help="A graph, or Python that needs NumPy alone.")
    ],
    modality: Annotated[Modality, typer.Option(help="What the vectors will be of.")],
    role: Annotated[Role, typer.Option(help="In the index, or asking.")] = "item",
    strength: Annotated[
        float, typer.Option(help="0 leaves the vectors as they are, 1 is the fitted map.")
    ] = 1.0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
    common: Common,
) -> None:
    """Write a linear map as one file that needs no dohyo.

    Example: dohyo export map --format onnx --modality image --out image.onnx
    """
    with session(common) as s:
        written = write(
            load_map(map_),
            out,
            format_,
            modality=modality,
            role=role,
            strength=strength,
            overwrite=overwrite,
        )
    s.tell(common.words("cli.exported", **written))
    s.answer(written)
