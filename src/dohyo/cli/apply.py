"""dohyo apply"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dohyo.cli.estimating import sized, stage_of_map, tell_estimate
from dohyo.cli.options import Common, Engine, Estimating
from dohyo.cli.session import session
from dohyo.cluster.apply import Correction, spread_by_ray
from dohyo.corpus import Modality, Role
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.encoder import check_encoder
from dohyo.corrections.maps.identity import map_identity
from dohyo.engine.backend import Device, Library, to_numpy
from dohyo.engine.backend import backend as chosen_backend
from dohyo.engine.halving import halving
from dohyo.errors import UsageError
from dohyo.io.extent import extent_of_rows
from dohyo.io.left_out import LeftOut
from dohyo.io.many_files import rewrite_folder
from dohyo.io.rows import rewrite


def apply(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted map.")],
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="Vectors, .npy, a table, or a folder.")
    ],
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
    engine: Annotated[Engine, typer.Option(help="Where to run.")] = "local",
    skip_bad: Annotated[
        bool,
        typer.Option("--skip-bad", help="Leave rows of NaN, zeros or another length out of OUT."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    estimating: Estimating,
    common: Common,
) -> None:
    """Correct the vectors of one modality, from file to file, in flat memory.

    From .npy to .npy, or from a table to a table (Parquet, also a folder of it, Arrow, Lance),
    where every other column travels along; or, where OUT has no suffix, from a folder of Parquet
    or .npy files to a folder of as many. Interrupted, the same command goes on.

    Example: dohyo apply map images.npy corrected.npy --modality image
    """
    with session(common) as s:
        place = chosen_backend(backend, device)
        fitted = load_map(map_)
        check_encoder(fitted.encoder, encoder)
        if not 0 <= strength <= 1:
            raise UsageError(f"Strength {strength} is outside 0 to 1.", hint="Choose one inside.")
        if estimating.estimate:
            size = sized(extent_of_rows(source, modality, column), fitted)
            tell_estimate(s, stage_of_map(fitted, source.suffix), size, estimating)
            return
        left_out = LeftOut() if skip_bad else None
        many = source.is_dir() and not target.suffix
        work: Callable[..., int] = rewrite_folder if many else rewrite
        if engine == "ray":
            if not many or backend != "numpy":
                raise UsageError(
                    "--engine ray goes from a folder of files to a folder, by NumPy.",
                    hint="Name a folder as IN and one without a suffix as OUT.",
                )
            told = Correction(
                folder=map_,
                modality=modality,
                role=role,
                strength=strength,
                column=column,
                skip_bad=skip_bad,
            )
            work = partial(rewrite_folder, spread=spread_by_ray(told, common.threads))
        rows = work(
            source,
            target,
            halving(
                lambda block: to_numpy(fitted.apply(place.send(block), modality, role, strength))
            ),
            made_by={
                "map": map_identity(fitted, strength),
                "modality": modality,
                "role": role,
                "backend": [backend, device],
                "skip bad": skip_bad,
            },
            modality=modality,
            column=column,
            width=fitted.dimension,
            left_out=left_out,
            overwrite=overwrite,
            progress=s.progress,
        )
    without = left_out or LeftOut()
    s.tell(common.words("cli.applied", rows=rows - without.count, out=target))
    if without.count:
        first = escape("; ".join(without.first))
        s.tell(common.words("cli.left_out", rows=without.count, first=first))
    if fitted.tells_roles_apart and strength:
        s.tell(common.words("cli.roles", role=role, width=fitted.width))
    s.answer(
        {
            "rows": rows - without.count,
            "left_out": without.count,
            "left_out_first": without.first,
            "out": str(target),
            "method": fitted.method,
            "modality": modality,
            "role": role,
            "strength": strength,
            "backend": backend,
            "device": device,
        }
    )
