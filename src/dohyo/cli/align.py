"""dohyo align"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli import sweep_files
from dohyo.cli.estimating import size_of, stage_of_fit, tell_estimate
from dohyo.cli.options import Choosing, Common, Engine, Estimating, Setting, Source
from dohyo.cli.session import Session, Work, session
from dohyo.cluster.align import fit_by_ray
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.artifact import FILES
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.corrections.registry import METHODS
from dohyo.decision.align import align as fit
from dohyo.decision.policy import policy_for
from dohyo.decision.sweep import sweep as take
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder


def align(
    source: Source,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write the map to.")],
    method: Annotated[str, typer.Option(help=f"{', '.join(METHODS)}, or auto.")] = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier map.")] = False,
    half: Annotated[
        bool,
        typer.Option("--half", help="Store anchors in float16; map.json says what it changes."),
    ] = False,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="Also judge it at strengths 0 to 1."),
    ] = False,
    sweep_out: Annotated[
        Path | None,
        typer.Option(help="Folder to write the sweep to.", show_default="OUT-sweep"),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Where to run.")] = "local",
    setting: Setting,
    choosing: Choosing,
    estimating: Estimating,
    common: Common,
) -> None:
    """Fit one method (or let auto choose, which may be not to correct) and save the map.

    Example: dohyo align corpus.npz --method displacement --out map
    """
    with session(common) as s:
        if estimating.estimate:
            tell_estimate(s, stage_of_fit(method), size_of(source), estimating)
            return
        check_folder(out, overwrite=overwrite, ours=FILES)
        if engine == "ray":
            fitted = _on_cluster(s, source, method, setting, asked=sweep)
            fitted.save(out, overwrite=overwrite)
            _tell(s, fitted, out, None, asked=False)
            return
        beside = _sweep_folder(out, sweep_out, asked=sweep)
        if beside is not None:
            check_folder(beside, overwrite=overwrite, ours=sweep_files.FILES)
        pairs, judged_only = choosing.pairs(), sweep and method != "auto"
        judgements, rules = choosing.judged(), choosing.rules()
        parameters = setting.parameters()
        corpus = source.read(s.tell_columns)
        s.fits(corpus, _work(method, parameters))
        fitted = fit(
            corpus,
            method,
            # A named method is not chosen by pairs, but its sweep may be judged by them.
            growing=choosing.share(),
            pairs_from=None if judged_only else pairs,
            judgements=judgements,
            policy=None if judged_only else rules,
            keep_dimension=choosing.keep_dimension,
            seed=common.seed,
            progress=s.progress,
            **parameters,
        )
        swept = None
        if beside is not None and fitted.method != NOTHING.method:
            recipe = Recipe(method=fitted.method, parameters=fitted.parameters)
            swept = take(
                corpus,
                recipe,
                policy=policy_for(choosing.share(), policy=rules),
                pairs_from=pairs,
                seed=common.seed,
                progress=s.progress,
            )
            write = sweep_files.write_sweep
            write(swept, corpus, beside, overwrite=overwrite, common=common)
        fitted.save(out, overwrite=overwrite, half=half)
    if swept is not None:
        s.tell(sweep_files.sweep_table(swept, common.words))
    _tell(s, fitted, out, beside if swept is not None else None, asked=sweep)


def _tell(s: Session, fitted: AlignmentMap, out: Path, swept: Path | None, *, asked: bool) -> None:
    words = s.common.words
    made = Recipe(method=fitted.method, parameters=fitted.parameters).label
    s.tell(words("cli.aligned", method=words.name(made), out=out))
    for reason in fitted.reasons:
        s.tell(reason)
    if swept is not None:
        s.tell(words("sweep.written", path=swept))
    elif asked:
        s.tell(words("sweep.nothing"))
    s.answer(
        {
            "map": str(out),
            "method": fitted.method,
            "parameters": dict(fitted.parameters),
            "figures": dict(fitted.figures),
            "reasons": list(fitted.reasons),
            "sweep": None if swept is None else str(swept),
        }
    )


def _on_cluster(
    s: Session, source: Source, method: str, setting: Setting, *, asked: bool
) -> AlignmentMap:
    if source.images is None or source.texts is None or source.source is not None:
        raise UsageError(
            "--engine ray sums files or folders of each kind.",
            hint="Name them with --images and --texts: .npy or .parquet, or folders of those.",
        )
    if asked:
        raise UsageError("--engine ray does not judge.", hint="Leave --sweep out.")
    return fit_by_ray(
        method,
        source.images,
        source.texts,
        setting.parameters(),
        workers=s.common.threads,
        progress=s.progress,
    )


def _work(method: str, parameters: Mapping[str, float]) -> Work:
    """Return what the fit does with the rows; a rehearsal of calibrated scores holds them all."""
    reads = METHODS[method].keeps if method in METHODS else None
    plain = not parameters.keys() & {"calibrate", "hubs"}
    if plain and reads in ("nothing", "mean", "variance", "scatter"):
        return "sum"
    return "anchor"


def _sweep_folder(out: Path, named: Path | None, *, asked: bool) -> Path | None:
    """Return where the sweep goes, None if none was asked for."""
    if not asked:
        if named is not None:
            raise UsageError("--sweep-out without --sweep writes nothing.", hint="Say --sweep too.")
        return None
    beside = named or sweep_files.folder_beside(out)
    if beside.resolve() == out.resolve():
        raise UsageError(
            f"{beside} is where the map goes, which holds nothing else.",
            hint="Name another folder with --sweep-out.",
        )
    return beside
