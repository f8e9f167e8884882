"""Gain and harm along the strength of one correction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import Recipe
from dohyo.decision.canary import canary_pool_of
from dohyo.decision.choose import told_of
from dohyo.decision.guardrails import Scores, failures, score
from dohyo.decision.information import Information
from dohyo.decision.policy import Policy
from dohyo.decision.proof import proof_of
from dohyo.decision.reason import Reason
from dohyo.errors import UsageError
from dohyo.progress import Progress, silent
from dohyo.verification.compare import resampled
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.partitions import partitions
from dohyo.verification.protocols import FOLDS, PROTOCOLS, Protocol
from dohyo.words import Words

STRENGTHS = tuple(step / 10 for step in range(11))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Point:
    """One strength: its held-out scores, and the guardrails it fails."""

    strength: float
    scores: Mapping[Protocol, Scores]
    information: Information | None
    why: tuple[Reason, ...]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sweep:
    """A correction at every strength.

    Attributes
    ----------
    recipe : the method and its parameters; its strength is of no account
    points : by strength, 0 first; there every change is exactly 0
    base_rate : share of the other modality among what can be found, by protocol
    policy : the tolerances applied
    seed : seed of folds and resampling
    """

    recipe: Recipe
    points: tuple[Point, ...]
    base_rate: Mapping[Protocol, float]
    policy: Policy
    seed: int

    @property
    def passing(self) -> tuple[Point, ...]:
        """The points that pass every guardrail."""
        return tuple(point for point in self.points if not point.why)

    def gain(self, point: Point) -> float:
        """Return the gain in mixed nDCG@10, averaged over both protocols by the share of growth."""
        first, second = (point.scores[protocol].gain for protocol in PROTOCOLS)
        return first.averaged_with(second, self.policy.growing).value

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return method, parameters, policy, and every strength with its scores and reasons."""
        return {
            "method": self.recipe.method,
            "parameters": dict(self.recipe.parameters),
            "seed": self.seed,
            "policy": self.policy.to_json(),
            "base_rate": dict(self.base_rate),
            "points": [
                {
                    "strength": point.strength,
                    "passes": not point.why,
                    "why": [reason.say(words) for reason in point.why],
                    "scores": {
                        name: each.to_json(self.policy) for name, each in point.scores.items()
                    },
                    "information": None
                    if point.information is None
                    else point.information.to_json(),
                }
                for point in self.points
            ],
        }


def sweep(
    corpus: Corpus,
    recipe: Recipe,
    *,
    policy: Policy | None = None,
    pairs_from: Corpus | None = None,
    k: int = FOLDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Sweep:
    """Judge one correction at strength 0, 0.1 … 1 on data that its fit never saw.

    Each split is fitted once and applied at every strength.

    Parameters
    ----------
    recipe : method and parameters
    pairs_from : known pairs of the same encoder, to judge a corpus without pairs by

    Raises
    ------
    UsageError
        If there are no pairs to judge by, or `pairs_from` does not fit the corpus.
    CorpusError
        If there are fewer groups than folds.
    """
    policy = policy or Policy()
    if pairs_from is None and not corpus.paired:
        raise UsageError(
            "A sweep needs pairs to judge by, and this corpus has none.",
            hint="Give known pairs of the same encoder: --pairs-from (pairs_from).",
        )
    pool = Pool(corpus) if pairs_from is None else canary_pool_of(corpus, pairs_from)
    recipe = policy.weighed(recipe)
    recipes = [replace(recipe, strength=strength) for strength in STRENGTHS]
    outcomes = {}
    for step, protocol in enumerate(PROTOCOLS):
        progress(step, len(PROTOCOLS), protocol)
        outcomes[protocol] = evaluate(pool, recipes, protocol, k=k, seed=seed)
    progress(len(PROTOCOLS), len(PROTOCOLS), "decided")
    # A loss in a segment forbids only where the policy says so; it takes a look of its own.
    cuts = partitions(pool.corpus, seed=seed) if policy.segment_margin < 1 else ()
    points = []
    for place, strength in enumerate(STRENGTHS):
        tried = {protocol: (each[0], each[place]) for protocol, each in outcomes.items()}
        scores = {p: score(before, after, p, seed=seed) for p, (before, after) in tried.items()}
        told = told_of(tried, seed=seed)
        points.append(
            Point(
                strength=strength,
                scores=scores,
                information=told,
                why=proof_of(tried, policy, cuts=cuts, seed=seed).failed
                if cuts
                else failures(scores, policy, told),
            )
        )
    return Sweep(
        recipe=recipe,
        points=tuple(points),
        base_rate={
            protocol: resampled(each[0].ranked, "base_rate", protocol, seed=seed).value
            for protocol, each in outcomes.items()
        },
        policy=policy,
        seed=seed,
    )
