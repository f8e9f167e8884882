"""dohyo apply"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.corpus import Modality, Role
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.encoder import check_encoder
from dohyo.engine.backend import Device, Library, to_numpy
from dohyo.engine.backend import backend as chosen_backend
from dohyo.errors import UsageError
from dohyo.io.rows import rewrite


def apply(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted map.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="Vectors, .npy or a table.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Where to write them.")],
    modality: Annotated[Modality, typer.Option(help="What the vectors are of.")],
    role: Annotated[Role, typer.Option(help="In the index, or asking.")] = "item",
    strength: Annotated[
        float, typer.Option(help="0 leaves the vectors as they are, 1 is the fitted map.")
    ] = 1.0,
    backend: Annotated[Library, typer.Option(help="What does the arithmetic.")] = "numpy",
    device: Annotated[Device, typer.Option(help="Where PyTorch does it.")] = "cpu",
    encoder: Annotated[
        str | None,
        typer.Option(help="Fingerprint of the vectors' encoder; a map of another is refused."),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Column of the vectors in a table, where the guess is wrong.")
    ] = None,
    engine: Annotated[Literal["local"], typer.Option(help="Where to run.")] = "local",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    common: Common,
) -> None:
    """Correct the vectors of one modality, from file to file, in flat memory.

    From .npy to .npy, or from a table to a table (Parquet, also a folder of it, Arrow, Lance),
    where every other column travels along.

    Example: dohyo apply map images.npy corrected.npy --modality image
    """
    with session(common) as s:
        place = chosen_backend(backend, device)
        fitted = load_map(map_)
        check_encoder(fitted.encoder, encoder)
        if not 0 <= strength <= 1:
            raise UsageError(f"Strength {strength} is outside 0 to 1.", hint="Choose one inside.")
        rows = rewrite(
            source,
            target,
            lambda block: to_numpy(fitted.apply(place.send(block), modality, role, strength)),
            modality=modality,
            column=column,
            overwrite=overwrite,
            progress=s.progress,
        )
    s.tell(common.words("cli.applied", rows=rows, out=target))
    if fitted.tells_roles_apart and strength:
        s.tell(common.words("cli.roles", role=role, width=fitted.width))
    s.answer(
        {
            "rows": rows,
            "out": str(target),
            "method": fitted.method,
            "modality": modality,
            "role": role,
            "strength": strength,
            "backend": backend,
            "device": device,
        }
    )
