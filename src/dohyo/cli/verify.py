"""dohyo verify"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.estimating import size_of, stage_of_verdict, tell_estimate
from dohyo.cli.options import Choosing, Common, CostFile, Estimating, Setting, Source
from dohyo.cli.session import Session, session
from dohyo.cli.tables import protocol_table, task_table
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.recipe import Recipe
from dohyo.corrections.registry import checked
from dohyo.decision.verdict import Verdict
from dohyo.decision.verify import Verification
from dohyo.decision.verify import verify as judge
from dohyo.errors import UsageError
from dohyo.reports.document import describe
from dohyo.value.costs_file import read_costs
from dohyo.value.value import value_of
from dohyo.words import Words


def verify(
    source: Source,
    *,
    map_: Annotated[Path | None, typer.Option("--map", help="A fitted map to judge.")] = None,
    method: Annotated[
        str | None, typer.Option(help="A method to fit anew without each fold, or auto.")
    ] = None,
    stress: Annotated[
        bool, typer.Option("--stress", help="Judge anew under faults of the data.")
    ] = False,
    costs: CostFile = None,
    require: Annotated[
        Verdict | None, typer.Option(help="Exit with 3 when the verdict is another.")
    ] = None,
    setting: Setting,
    choosing: Choosing,
    estimating: Estimating,
    common: Common,
) -> None:
    """Judge a correction on data that its fit never saw, and give the verdict.

    Example: dohyo verify corpus.npz --method displacement
    """
    with session(common) as s:
        if (map_ is None) == (method is None):
            raise UsageError("What shall be verified?", hint="Give either --map or --method.")
        if estimating.estimate:
            stage = stage_of_verdict(method, None if map_ is None else load_map(map_))
            tell_estimate(s, stage, size_of(source), estimating)
            return
        correction = _correction(map_, method, setting.parameters())
        judgements, rules = choosing.judged(), choosing.rules()
        assumed = None if costs is None else read_costs(costs)
        corpus = source.read(s.tell_columns)
        s.fits(corpus)
        result = judge(
            corpus,
            correction,
            growing=choosing.share(),
            pairs_from=choosing.pairs(),
            judgements=judgements,
            policy=rules,
            keep_dimension=choosing.keep_dimension,
            stress=stress,
            seed=common.seed,
            progress=s.progress,
        )
    words, decision = common.words, result.decision
    for protocol, figures in decision.protocols.items():
        s.tell(protocol_table(protocol, figures, words))
    for name, task in decision.tasks.items():
        if task is not None:
            s.tell(task_table(name, task, words))
    if result.refitted:
        s.tell(words("cli.refitted"))
    s.tell(words(f"verdict.{decision.verdict}"))
    for reason in decision.reasons:
        s.tell(f"· {reason.say(words)}")
    _tell_harm(s, result, words)
    worth = None if assumed is None else value_of(decision, assumed)
    if worth is not None:
        # The sentence counts money as the pages do, which bring the charts along.
        from dohyo.reports.page.value_words import value_sentence

        s.tell(value_sentence(worth, words))
    s.answer(
        {
            "corpus": describe(corpus),
            "seed": common.seed,
            **result.to_json(words),
            "value": None if worth is None else worth.to_json(),
        }
    )
    if require is not None and decision.verdict != require:
        raise typer.Exit(3)


def _tell_harm(s: Session, result: Verification, words: Words) -> None:
    """Say which segments are harmed, and which faults of the data take the benefit away."""
    # The pages' words bring the charts along, which would slow every other command down.
    from dohyo.reports.page.segment_words import harmed_sentences
    from dohyo.reports.page.stress_words import breaking

    parts = result.decision.segments
    if parts is not None and parts.harmed:
        s.tell(words("segments.harmed_title"))
        for sentence in harmed_sentences(parts, words):
            s.tell(f"· {sentence}")
    if result.stress is not None:
        s.tell(words("section.stress"))
        for sentence in breaking(result.stress, words):
            s.tell(f"· {sentence}")


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
