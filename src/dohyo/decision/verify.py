"""Held-out figures and a verdict for one correction: `dohyo.verify`."""

from dataclasses import dataclass
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.encoder import check_encoder
from dohyo.corrections.recipe import Recipe
from dohyo.corrections.registry import method_named
from dohyo.decision.decide import decide, judge
from dohyo.decision.policy import Policy, policy_for
from dohyo.decision.stress import Stress, stress_of
from dohyo.decision.verdict import Decision
from dohyo.errors import MapError, UsageError
from dohyo.judgements import Judgements
from dohyo.progress import Progress, silent
from dohyo.words import Words


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Verification:
    """What a correction does on held-out data.

    Attributes
    ----------
    decision : verdict, reasons and figures by protocol
    judged : the recipe that the figures are of, whatever the verdict; None for "auto"
    refitted : whether a given map was fitted on this very corpus, so that its method had to be
        fitted anew without each fold for the figures to be held out
    stress : the verdict under the faults of industry; None where that was not asked, or the
        verdict is not to correct
    """

    decision: Decision
    judged: Recipe | None = None
    refitted: bool = False
    stress: Stress | None = None

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return `verify`, `candidates` and `decision` as in report.json, `judged`, `refitted`."""
        decision = self.decision
        return {
            "verify": decision.held_out_json()
            | {"stress": None if self.stress is None else self.stress.to_json(words)},
            "candidates": [c.to_json(decision.policy, words) for c in decision.candidates],
            "decision": decision.to_json(words),
            "judged": None if self.judged is None else self.judged.to_json(),
            "refitted": self.refitted,
        }


def verify(
    corpus: Corpus,
    correction: str | Recipe | AlignmentMap = "auto",
    *,
    growing: float | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    policy: Policy | None = None,
    keep_dimension: bool = False,
    stress: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Verification:
    """Judge a correction on data that its fit never saw, under both protocols.

    Parameters
    ----------
    correction : "auto", a method's name or a recipe, fitted anew without each fold; or a fitted
        map, taken as it is if it comes from another corpus
    growing : share in [0, 1] of the searches that will hit items added after the fit, a half if
        left out: it weighs the protocols in the choice; at 0 and 1 one of them forbids nothing
    pairs_from : for "auto" on a corpus without pairs, known pairs of the same encoder to judge by
    judgements : what people said answers their queries: then these are the yardstick
    policy : the tolerances; `growing` and `keep_dimension` override it
    stress : whether to judge it anew under the faults of industry, see `stress_of`

    Raises
    ------
    MapError
        If a map takes another dimension, or vectors of another encoder.
    UsageError
        If the method is unknown, growing out of range, or pairs_from of no use here.
    """
    policy = policy_for(growing, keep_dimension=keep_dimension, policy=policy)
    if correction == "auto":
        decision = decide(
            corpus,
            policy=policy,
            pairs_from=pairs_from,
            judgements=judgements,
            seed=seed,
            progress=progress,
        )
        return Verification(
            decision=decision, stress=stress_of(corpus, decision) if stress else None
        )
    if pairs_from is not None:
        raise UsageError(
            "pairs_from judges what auto chooses, but a correction was named.",
            hint="To judge a map by known pairs, verify it on them: dohyo verify PAIRS --map MAP.",
        )
    if isinstance(correction, str):
        method_named(correction)
        correction = Recipe(method=correction)
    if isinstance(correction, Recipe):
        decision = judge(corpus, correction, policy=policy, judgements=judgements, seed=seed)
        stressed = stress_of(corpus, decision, correction) if stress else None
        return Verification(decision=decision, judged=correction, stress=stressed)
    _check_fit(correction, corpus)
    recipe = Recipe(method=correction.method, parameters=correction.parameters)
    own = correction.corpus == corpus.fingerprint()
    corrector = recipe if own else correction
    decision = judge(corpus, corrector, policy=policy, judgements=judgements, seed=seed)
    stressed = stress_of(corpus, decision, corrector) if stress else None
    return Verification(decision=decision, judged=recipe, refitted=own, stress=stressed)


def _check_fit(fitted: AlignmentMap, corpus: Corpus) -> None:
    if fitted.dimension != corpus.dim:
        raise MapError(
            f"The map takes {fitted.dimension} columns, the corpus has {corpus.dim}.",
            hint="Use vectors of the encoder it was fitted on.",
        )
    check_encoder(fitted.encoder, corpus.encoder)
