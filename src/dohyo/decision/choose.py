"""Try the ladder on held-out data and choose a rung: the heart of `auto`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.guardrails import Scores, failures, score
from dohyo.decision.information import Information, information
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.cross_fit import calibrated
from dohyo.verification.evaluate import Outcome, Pool, evaluate
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
    information : what it kept of each modality by itself; None if that was not asked
    growing : weight of *unseen corpus* in the mean, see `Policy`
    classes_told : zero-shot accuracy and NMI of clusters with classes, averaged, where these are
        what a corpus without pairs is judged by; None otherwise
    """

    recipe: Recipe
    scores: Mapping[Protocol, Scores]
    why: tuple[Reason, ...]
    passes: bool
    information: Information | None = None
    growing: float = 0.5
    classes_told: Resampled | None = None

    @property
    def merit(self) -> Resampled:
        """What candidates are compared by: mixed nDCG@10, or what they tell of classes."""
        return self.mixed if self.classes_told is None else self.classes_told

    @property
    def mixed(self) -> Resampled:
        """Mixed nDCG@10: of judged queries, or averaged over both protocols by the growth."""
        return self._averaged("mixed")

    @property
    def share(self) -> Resampled:
        """Share of the other modality in the first ten, averaged likewise.

        To be read beside `mixed`, which a method gains on that shows more of the other modality.
        """
        return self._averaged("share")

    def _averaged(self, figure: str) -> Resampled:
        if "judged" in self.scores:
            alone: Resampled = getattr(self.scores["judged"], figure)
            return alone
        first, second = (getattr(self.scores[protocol], figure) for protocol in PROTOCOLS)
        mean: Resampled = first.averaged_with(second, self.growing)
        return mean

    def to_json(self, policy: Policy, words: Words) -> dict[str, Any]:
        """Return recipe, verdict on it, reasons in words, and scores."""
        means: dict[str, Resampled] = {}
        if self.classes_told is not None:
            means = {"mean_of_classes": self.classes_told}
        elif "judged" not in self.scores:  # there, nothing is averaged
            means = {"mean_mixed_ndcg_at_10": self.mixed, "mean_cross_share": self.share}
        return self.recipe.to_json() | {
            "passes": self.passes,
            "why": [reason.say(words) for reason in self.why],
            "scores": {name: s.to_json(policy) for name, s in self.scores.items()}
            | {name: each.estimate().to_json() for name, each in means.items()}
            | {"information": None if self.information is None else self.information.to_json()},
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

    See `choose` for the rule. Rungs that differ in their offsets alone share a fit: each fold is
    calibrated by the queries of the others.

    Raises
    ------
    CorpusError
        If the corpus is unpaired or has fewer groups than folds.
    """
    known, outcomes = tried_rungs(corpus, ladder, policy=policy, k=k, seed=seed)
    return choose(known, outcomes, policy=policy, seed=seed)


def tried_rungs(
    corpus: Corpus, ladder: Sequence[Recipe], *, policy: Policy, k: int, seed: int
) -> tuple[list[Recipe], dict[Protocol, list[Outcome]]]:
    """Return the rungs with the offsets found, and what came of no correction and of each."""
    pool = Pool(corpus)
    bases = [NOTHING]
    for recipe in ladder:
        if recipe.uncalibrated() not in bases:
            bases.append(recipe.uncalibrated())
    plain = {protocol: evaluate(pool, bases, protocol, k=k, seed=seed) for protocol in PROTOCOLS}
    outcomes = {protocol: [tried[0]] for protocol, tried in plain.items()}
    known = []
    for recipe in ladder:
        place = bases.index(recipe.uncalibrated())
        found = {protocol: tried[place] for protocol, tried in plain.items()}
        offset = None
        if recipe.calibrates:
            found, (image, text) = calibrated(found, policy.growing)
            # The lists were searched with rows of length 1; the offset is one of plain scores.
            scale = recipe.uncalibrated().score_scale
            offset = image * scale, text * scale
        known.append(replace(recipe, offset=offset))
        for protocol, outcome in found.items():
            outcomes[protocol].append(outcome)
    return known, outcomes


def choose(
    ladder: Sequence[Recipe],
    outcomes: Mapping[Protocol, Sequence[Outcome]],
    *,
    policy: Policy,
    seed: int,
) -> Choice:
    """Choose by what came of each rung.

    Among the rungs that pass the guardrails, those within one standard error of the best mean
    mixed nDCG@10 are taken as equal, and of these the most conservative is chosen: the first in
    the ladder (the one-standard-error rule, Hastie, Tibshirani & Friedman 2009, sec. 7.10). The
    error is that of the paired difference.

    Parameters
    ----------
    outcomes : by protocol, that of no correction first, then each rung's
    """
    candidates = []
    for place, recipe in enumerate(ladder, start=1):
        tried = {protocol: (each[0], each[place]) for protocol, each in outcomes.items()}
        figures = {
            protocol: score(before, after, protocol, seed=seed)
            for protocol, (before, after) in tried.items()
        }
        told = told_of(tried, seed=seed)
        failed = failures(figures, policy, told)
        candidates.append(
            Candidate(
                recipe=recipe,
                scores=figures,
                why=failed,
                passes=not failed,
                information=told,
                growing=policy.growing,
            )
        )
    return choose_among(candidates)


def told_of(tried: Mapping[Protocol, tuple[Outcome, Outcome]], *, seed: int) -> Information | None:
    """Return what the correction of these outcomes kept, where some protocol looked."""
    for _, after in tried.values():
        if after.kept is not None:
            return information(after.kept, seed=seed)
    return None


def choose_among(candidates: Sequence[Candidate]) -> Choice:
    """Choose one of candidates that were tried already, by the rule of `choose`."""
    passing = [candidate for candidate in candidates if candidate.passes]
    if not passing:
        return Choice(candidates=tuple(candidates), recipe=NOTHING)
    best = max(passing, key=lambda candidate: candidate.merit.value)
    chosen = next(c for c in passing if _near(c, best))
    return Choice(
        candidates=tuple(
            replace(c, why=(_standing(c, chosen, best),)) if c.passes else c for c in candidates
        ),
        recipe=chosen.recipe,
    )


def settle(choice: Choice, by_fold: Sequence[Recipe]) -> Choice:
    """Let the choice stand unless the folds' own choices speak against it.

    The figures shown are those of what the folds chose: of the procedure. If at least half of the
    folds chose the recipe's method, with whatever options, it stands. If they agree on another
    method instead that passes, that one is recommended, so that the figures are its own. If they
    differ among themselves it stands too: it passes by its own figures, and the procedure is
    tested by the folds'. Only if at least half of them would rather not correct, it is `NOTHING`.
    """
    methods = [recipe.method for recipe in by_fold]
    if 2 * methods.count(choice.recipe.method) >= len(by_fold):
        return choice
    if 2 * methods.count(NOTHING.method) >= len(by_fold):
        return replace(choice, recipe=NOTHING)
    agreed = [
        c
        for c in choice.candidates
        if c.passes and 2 * methods.count(c.recipe.method) >= len(by_fold)
    ]
    if not agreed:
        return choice
    chosen = agreed[0]
    steady = Reason("less_steady", {"method": chosen.recipe.label})
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
    if _near(candidate, best):
        return Reason("less_conservative", {"method": chosen.recipe.label})
    behind = best.merit.value - candidate.merit.value
    return Reason("beaten", {"method": best.recipe.label, "behind": behind})


def _near(candidate: Candidate, best: Candidate) -> bool:
    """Tell whether a candidate is within one standard error of the best.

    Both were asked the same queries, so the error is that of their difference, in which what is
    hard or easy about the queries cancels out.
    """
    behind = best.merit.less(candidate.merit)
    return behind.value <= behind.standard_error()
