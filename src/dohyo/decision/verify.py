"""Held-out figures and a verdict for one correction: `dohyo.verify`."""

from dataclasses import dataclass
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.encoder import check_encoder
from dohyo.corrections.recipe import Recipe
from dohyo.corrections.registry import method_named
from dohyo.decision.decide import decide, judge
from dohyo.decision.policy import policy_for
from dohyo.decision.verdict import Decision
from dohyo.errors import MapError, UsageError
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
    """

    decision: Decision
    judged: Recipe | None = None
    refitted: bool = False

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return `verify`, `candidates` and `decision` as in report.json, `judged`, `refitted`."""
        decision = self.decision
        return {
            "verify": decision.held_out_json(),
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
    keep_dimension: bool = False,
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

    Raises
    ------
    MapError
        If a map takes another dimension, or vectors of another encoder.
    UsageError
        If the method is unknown, growing out of range, or pairs_from of no use here.
    """
    policy = policy_for(growing, keep_dimension=keep_dimension)
    if correction == "auto":
        decision = decide(
            corpus, policy=policy, pairs_from=pairs_from, seed=seed, progress=progress
        )
        return Verification(decision=decision)
    if pairs_from is not None:
        raise UsageError(
            "pairs_from judges what auto chooses, but a correction was named.",
            hint="To judge a map by known pairs, verify it on them: dohyo verify PAIRS --map MAP.",
        )
    if isinstance(correction, str):
        method_named(correction)
        correction = Recipe(method=correction)
    if isinstance(correction, Recipe):
        return Verification(
            decision=judge(corpus, correction, policy=policy, seed=seed), judged=correction
        )
    _check_fit(correction, corpus)
    recipe = Recipe(method=correction.method, parameters=correction.parameters)
    own = correction.corpus == corpus.fingerprint()
    decision = judge(corpus, recipe if own else correction, policy=policy, seed=seed)
    return Verification(decision=decision, judged=recipe, refitted=own)


def _check_fit(fitted: AlignmentMap, corpus: Corpus) -> None:
    if fitted.dimension != corpus.dim:
        raise MapError(
            f"The map takes {fitted.dimension} columns, the corpus has {corpus.dim}.",
            hint="Use vectors of the encoder it was fitted on.",
        )
    check_encoder(fitted.encoder, corpus.encoder)
