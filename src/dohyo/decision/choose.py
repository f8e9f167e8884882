"""Try the ladder on held-out data and choose a rung: the heart of `auto`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.guardrails import Scores, failures, score
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import FOLDS, PROTOCOLS, Protocol
from dohyo.words import Words


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Candidate:
    """One rung of the ladder and how it fared.

    Attributes
    ----------
    recipe : what was tried
    scores : by protocol
    why : the guardrails it fails; for one that passes, why it was kept or left
    passes : whether it passes every guardrail
    """

    recipe: Recipe
    scores: Mapping[Protocol, Scores]
    why: tuple[Reason, ...]
    passes: bool

    @property
    def mixed(self) -> Resampled:
        """Mixed nDCG@10, averaged over both protocols."""
        first, second = (self.scores[protocol].mixed for protocol in PROTOCOLS)
        return first.averaged_with(second)

    def to_json(self, policy: Policy, words: Words) -> dict[str, Any]:
        """Return recipe, verdict on it, reasons in words, and scores."""
        return self.recipe.to_json() | {
            "passes": self.passes,
            "why": [reason.say(words) for reason in self.why],
            "scores": {name: s.to_json(policy) for name, s in self.scores.items()}
            | {"mean_mixed_ndcg_at_10": self.mixed.estimate().to_json()},
        }


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Choice:
    """Every candidate tried, and the recipe chosen: `NOTHING` if none passes."""

    candidates: tuple[Candidate, ...]
    recipe: Recipe


def try_ladder(
    corpus: Corpus,
    ladder: Sequence[Recipe],
    *,
    policy: Policy,
    k: int = FOLDS,
    seed: int = 0,
) -> Choice:
    """Evaluate every rung by cross-validation under both protocols and choose one.

    Among the rungs that pass the guardrails, those within one standard error of the best mean
    mixed nDCG@10 are taken as equal, and of these the most conservative is chosen (the first in
    the ladder; the one-standard-error rule, Hastie, Tibshirani & Friedman 2009, sec. 7.10).

    Raises
    ------
    CorpusError
        If the corpus is unpaired or has fewer groups than folds.
    """
    pool = Pool(corpus)
    scores: list[dict[Protocol, Scores]] = [{} for _ in ladder]
    for protocol in PROTOCOLS:
        before, *after = evaluate(pool, (NOTHING, *ladder), protocol, k=k, seed=seed)
        for place, outcome in enumerate(after):
            scores[place][protocol] = score(before, outcome, protocol, seed=seed)
    candidates = []
    for recipe, figures in zip(ladder, scores, strict=True):
        failed = failures(figures, policy)
        candidates.append(Candidate(recipe=recipe, scores=figures, why=failed, passes=not failed))
    return _choose(candidates)


def _choose(candidates: Sequence[Candidate]) -> Choice:
    passing = [candidate for candidate in candidates if candidate.passes]
    if not passing:
        return Choice(candidates=tuple(candidates), recipe=NOTHING)
    best = max(passing, key=lambda candidate: candidate.mixed.value)
    near = best.mixed.value - best.mixed.standard_error()
    chosen = next(c for c in passing if c.mixed.value >= near)
    return Choice(
        candidates=tuple(
            replace(c, why=(_standing(c, chosen, best),)) if c.passes else c for c in candidates
        ),
        recipe=chosen.recipe,
    )


def settle(choice: Choice, by_fold: Sequence[Recipe]) -> Choice:
    """Let the choice stand only if the folds' own choices bear it out.

    The figures shown are those of what the folds chose. If fewer than half of them chose the
    recipe, it gives way to the passing one that they chose most often, so that the figures are
    of what is recommended; if they agree on none, to `NOTHING`.
    """
    if 2 * by_fold.count(choice.recipe) >= len(by_fold):
        return choice
    steady_ones = [
        c for c in choice.candidates if c.passes and 2 * by_fold.count(c.recipe) >= len(by_fold)
    ]
    if not steady_ones:
        return replace(choice, recipe=NOTHING)
    chosen = max(steady_ones, key=lambda c: by_fold.count(c.recipe))
    steady = Reason("less_steady", {"method": chosen.recipe.method})
    return Choice(
        candidates=tuple(
            replace(c, why=(Reason("chosen_steady") if c is chosen else steady,)) if c.passes else c
            for c in choice.candidates
        ),
        recipe=chosen.recipe,
    )


def _standing(candidate: Candidate, chosen: Candidate, best: Candidate) -> Reason:
    if candidate is chosen:
        return Reason("chosen_best" if chosen is best else "chosen_conservative")
    behind = best.mixed.value - candidate.mixed.value
    if behind <= best.mixed.standard_error():
        return Reason("less_conservative", {"method": chosen.recipe.method})
    return Reason("beaten", {"method": best.recipe.method, "behind": behind})
