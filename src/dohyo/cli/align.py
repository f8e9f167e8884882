"""dohyo align"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common, Source
from dohyo.cli.session import session
from dohyo.corrections.artifact import FILES
from dohyo.decision.align import align as fit
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder


def align(
    source: Source,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write the map to.")],
    method: Annotated[
        str, typer.Option(help="center, whiten, gaussian_ot, displacement, none or auto.")
    ] = "auto",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter, e.g. --set shrinkage=0.7.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier map.")] = False,
    common: Common,
) -> None:
    """Fit one method (or let auto choose, which may be not to correct) and save the map.

    Example: dohyo align corpus.npz --method displacement --out map
    """
    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        parameters = dict(_parameter(text) for text in set_ or ())
        corpus = source.read()
        s.fits(corpus)
        fitted = fit(corpus, method, seed=common.seed, progress=s.progress, **parameters)
        fitted.save(out, overwrite=overwrite)
    words = common.words
    s.tell(words("cli.aligned", method=words.name(fitted.method), out=out))
    for reason in fitted.reasons:
        s.tell(reason)
    s.answer(
        {
            "map": str(out),
            "method": fitted.method,
            "parameters": dict(fitted.parameters),
            "figures": dict(fitted.figures),
            "reasons": list(fitted.reasons),
        }
    )


def _parameter(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        if equals:
            return name.strip(), float(value)
    except ValueError:
        pass
    raise UsageError(f"--set {text} is not a parameter.", hint="Write it like shrinkage=0.7.")
