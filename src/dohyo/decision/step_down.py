"""Recommend the best rung that holds where nobody had looked, or else a more conservative one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate, Choice, choose_among, settle
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Decision, Verdict, verdict_of


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Step:
    """One round: what was chosen, by each fold too, and how that held.

    Attributes
    ----------
    choice : from all the data
    by_fold : the same choice without each fold
    proof : what each fold's choice did on that fold
    verdict, reasons : what follows from it
    """

    choice: Choice
    by_fold: tuple[Recipe, ...]
    proof: Proof
    verdict: Verdict
    reasons: tuple[Reason, ...]


def step_down(
    whole: Sequence[Candidate],
    inner: Sequence[Sequence[Candidate]],
    prove: Callable[[Sequence[Recipe]], Proof],
) -> Step:
    """Choose, prove, and on failure choose again among the methods below the boldest chosen.

    Parameters
    ----------
    whole : the candidates by all the data, the most conservative first
    inner : for each fold, the same candidates by the data without it
    prove : judges each fold's choice on that fold

    Returns
    -------
    The first round whose choice is to be recommended; the first of all if none is.
    """
    first: Step | None = None
    allowed = len(whole)
    while True:
        found = _round(whole[:allowed], [each[:allowed] for each in inner], prove)
        if found.verdict == "correct":
            return found if first is None else _after(first, found, whole)
        first = first or found
        tried = [found.choice.recipe, *found.by_fold]
        below = _methods_below(whole, tried)
        if below == 0 or found.choice.recipe is NOTHING:
            return replace(first, choice=replace(first.choice, candidates=_all(first, whole)))
        allowed = below


def _round(
    whole: Sequence[Candidate],
    inner: Sequence[Sequence[Candidate]],
    prove: Callable[[Sequence[Recipe]], Proof],
) -> Step:
    choice = choose_among(whole)
    by_fold: list[Recipe] = [NOTHING] * len(inner)
    unsteady = False
    if choice.recipe is not NOTHING:
        folds = [choose_among(each).recipe for each in inner]
        choice = settle(choice, folds)
        unsteady = choice.recipe is NOTHING
        by_fold = by_fold if unsteady else folds
    proof = prove(by_fold)
    by_classes = any(candidate.classes_told is not None for candidate in whole)
    verdict, reasons = verdict_of(choice, proof.failed, by_classes=by_classes)
    if unsteady:
        verdict, reasons = "insufficient_data", (Reason("unsteady"),)
    return Step(
        choice=choice, by_fold=tuple(by_fold), proof=proof, verdict=verdict, reasons=reasons
    )


def _methods_below(whole: Sequence[Candidate], tried: Sequence[Recipe]) -> int:
    """Return how many candidates come before the first one of the boldest method tried."""
    methods = [candidate.recipe.method for candidate in whole]
    places = [methods.index(recipe.method) for recipe in tried if recipe.method in methods]
    return max(places, default=0)


def _after(first: Step, found: Step, whole: Sequence[Candidate]) -> Step:
    bolder = max(
        (recipe for recipe in first.by_fold if recipe is not NOTHING),
        key=first.by_fold.count,
        default=first.choice.recipe,
    )
    return replace(
        found,
        choice=replace(found.choice, candidates=_all(found, whole)),
        reasons=(*found.reasons, Reason("bolder_failed", {"method": bolder.label}), *first.reasons),
    )


def _all(step: Step, whole: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return every candidate, those that were not in the round too."""
    looked_at = step.choice.candidates
    rest = whole[len(looked_at) :]
    dropped = (Reason("stepped_down"),)
    return looked_at + tuple(replace(c, why=dropped) if c.passes else c for c in rest)


def decided(step: Step, signal: Reason | None, policy: Policy, seed: int) -> Decision:
    """Return the decision that a step comes to.

    Parameters
    ----------
    signal : why there is nothing to align whatever the step found, None if there is something
    """
    verdict, reasons = step.verdict, step.reasons
    if signal is not None:
        verdict, reasons = "do_not_correct", (signal,)
    return Decision(
        verdict=verdict,
        recipe=step.choice.recipe if verdict == "correct" else NOTHING,
        reasons=reasons,
        candidates=step.choice.candidates,
        chosen_by_fold=step.by_fold,
        protocols=step.proof.protocols,
        policy=policy,
        seed=seed,
        information=step.proof.information,
        segments=step.proof.segments,
    )
