"""dohyo verify"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Choosing, Common, Setting, Source
from dohyo.cli.session import session
from dohyo.cli.tables import protocol_table
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.recipe import Recipe
from dohyo.corrections.registry import checked
from dohyo.decision.verdict import Verdict
from dohyo.decision.verify import verify as judge
from dohyo.errors import UsageError
from dohyo.reports.document import describe


def verify(
    source: Source,
    *,
    map_: Annotated[Path | None, typer.Option("--map", help="A fitted map to judge.")] = None,
    method: Annotated[
        str | None, typer.Option(help="A method to fit anew without each fold, or auto.")
    ] = None,
    require: Annotated[
        Verdict | None, typer.Option(help="Exit with 3 when the verdict is another.")
    ] = None,
    setting: Setting,
    choosing: Choosing,
    common: Common,
) -> None:
    """Judge a correction on data that its fit never saw, and give the verdict.

    Example: dohyo verify corpus.npz --method displacement
    """
    with session(common) as s:
        if (map_ is None) == (method is None):
            raise UsageError("What shall be verified?", hint="Give either --map or --method.")
        correction = _correction(map_, method, setting.parameters())
        corpus = source.read()
        s.fits(corpus)
        result = judge(
            corpus,
            correction,
            growing=choosing.share(),
            pairs_from=choosing.pairs(),
            keep_dimension=choosing.keep_dimension,
            seed=common.seed,
            progress=s.progress,
        )
    words, decision = common.words, result.decision
    for protocol, figures in decision.protocols.items():
        s.tell(protocol_table(protocol, figures, words))
    if result.refitted:
        s.tell(words("cli.refitted"))
    s.tell(words(f"verdict.{decision.verdict}"))
    for reason in decision.reasons:
        s.tell(f"· {reason.say(words)}")
    s.answer({"corpus": describe(corpus), "seed": common.seed, **result.to_json(words)})
    if require is not None and decision.verdict != require:
        raise typer.Exit(3)


def _correction(
    map_: Path | None, method: str | None, parameters: dict[str, float]
) -> str | Recipe | AlignmentMap:
    if parameters and method in (None, "auto"):
        raise UsageError(
            f"{', '.join(parameters)} cannot be set here.",
            hint="Name a method with --method to set its parameters.",
        )
    if map_ is not None:
        return load_map(map_)
    if not parameters:
        return method or "auto"
    checked(method or "", parameters)
    return Recipe(method=method or "", parameters=parameters)
