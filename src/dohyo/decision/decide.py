"""Should the gap be corrected, and with what? Nested cross-validation and a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision.choose import Candidate, Choice, settle, try_ladder
from dohyo.decision.guardrails import failures, score
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.measures.pairing_signal import chance, pairing_signal
from dohyo.measures.view import view
from dohyo.progress import Progress, silent
from dohyo.verification.compare import Comparison, compare
from dohyo.verification.evaluate import Corrector, Pool, evaluate
from dohyo.verification.protocols import FOLDS, PROTOCOLS, Protocol
from dohyo.words import Words

Verdict = Literal["correct", "do_not_correct", "insufficient_data"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Decision:
    """The verdict, what it rests on, and the figures of data that the choice never saw.

    Attributes
    ----------
    verdict : correct, do_not_correct or insufficient_data
    recipe : what to correct with; `NOTHING` unless the verdict is correct
    reasons : why, most important first
    candidates : every rung tried, by cross-validation on the whole corpus
    chosen_by_fold : what the same procedure chose without each outer fold
    protocols : held-out figures by protocol; empty where none could be had
    policy : the tolerances applied
    seed : seed of folds and resampling
    """

    verdict: Verdict
    recipe: Recipe
    reasons: tuple[Reason, ...]
    candidates: tuple[Candidate, ...]
    chosen_by_fold: tuple[Recipe, ...]
    protocols: Mapping[Protocol, Comparison]
    policy: Policy
    seed: int

    def fit(self, corpus: Corpus) -> AlignmentMap:
        """Fit the decision's recipe on the whole corpus: the identity unless it is to correct."""
        reasons = tuple(reason.say(Words()) for reason in self.reasons)
        return fit_map(
            self.recipe.method,
            Evidence.of(corpus),
            self.recipe.parameters,
            source=corpus,
            reasons=reasons,
        )

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return verdict, recipe and reasons, as in the report's `decision`."""
        return {
            "verdict": self.verdict,
            **self.recipe.to_json(),
            "reasons": [reason.say(words) for reason in self.reasons],
            "chosen_by_fold": [recipe.method for recipe in self.chosen_by_fold],
            "policy": self.policy.to_json(),
        }


def decide(
    corpus: Corpus,
    *,
    ladder: Sequence[Recipe] = LADDER,
    policy: Policy | None = None,
    k: int = FOLDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Decision:
    """Choose among the ladder's rungs and none, and show figures that the choice never saw.

    The choice is made by cross-validation on the whole corpus. The figures shown come from an
    outer split: for each fold the same choice is made anew from the other folds alone, and what
    it chose is fitted there and judged on the fold.

    Parameters
    ----------
    ladder : recipes, the most conservative first
    policy : tolerances; the default ones if left out
    progress : told before each fold

    Raises
    ------
    CorpusError
        If a row turns out to be unusable. Too few groups or no pairs are an answer, not an error.
    """
    policy = policy or Policy()
    stop = _nothing_to_decide(corpus, policy, k)
    if stop is not None:
        return _refused("insufficient_data", (stop,), policy, seed)
    steps = k + 2
    progress(0, steps, "pairing_signal")
    signal = _no_signal(corpus, policy, seed)
    progress(1, steps, "candidates")
    choice = try_ladder(corpus, ladder, policy=policy, k=k, seed=seed)
    if signal is not None:
        choice = _without_signal(choice)
    chosen = [NOTHING] * k
    unsteady = False
    if choice.recipe is not NOTHING:
        by_fold = _nested(corpus, ladder, policy, k, seed, progress)
        choice = settle(choice, by_fold)
        unsteady = choice.recipe is NOTHING
        chosen = chosen if unsteady else by_fold
    protocols, failed = _held_out(corpus, chosen, policy, k, seed)
    progress(steps, steps, "decided")
    verdict, reasons = _verdict(signal, choice, failed)
    if unsteady:
        verdict, reasons = "insufficient_data", (Reason("unsteady"),)
    return Decision(
        verdict=verdict,
        recipe=choice.recipe if verdict == "correct" else NOTHING,
        reasons=reasons,
        candidates=choice.candidates,
        chosen_by_fold=tuple(chosen),
        protocols=protocols,
        policy=policy,
        seed=seed,
    )


def _nested(
    corpus: Corpus,
    ladder: Sequence[Recipe],
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> list[Recipe]:
    """Return what the same choice would be without each fold.

    Choosing goes by the figures themselves; the bounds are tested on the pooled outer folds.
    Bounds inside as well would ask three quarters of the data for the proof that all of it gives.
    """
    lenient = replace(policy, level=0.5)
    chosen = []
    for fold, held in enumerate(corpus.folds(k, seed)):
        progress(2 + fold, k + 2, "outer_fold")
        seen = np.setdiff1d(np.arange(len(corpus.image)), held)
        inner = try_ladder(corpus.subset(seen), ladder, policy=lenient, k=k, seed=seed)
        chosen.append(inner.recipe)
    return chosen


def judge(
    corpus: Corpus,
    corrector: Corrector,
    *,
    policy: Policy | None = None,
    k: int = FOLDS,
    seed: int = 0,
) -> Decision:
    """Return held-out figures and a verdict for one correction, no choice involved.

    A recipe is fitted anew without each fold. A map is taken as it is, which is honest only for
    a corpus that it was not fitted on.
    """
    policy = policy or Policy()
    stop = _nothing_to_decide(corpus, policy, k)
    if stop is not None:
        return _refused("insufficient_data", (stop,), policy, seed)
    signal = _no_signal(corpus, policy, seed)
    protocols, failed = _held_out(corpus, [corrector] * k, policy, k, seed)
    recipe = _recipe_of(corrector)
    choice = Choice(candidates=(), recipe=recipe)
    verdict, reasons = _verdict(signal, choice, failed)
    return Decision(
        verdict=verdict,
        recipe=recipe if verdict == "correct" else NOTHING,
        reasons=reasons,
        candidates=(),
        chosen_by_fold=(recipe,) * k,
        protocols=protocols,
        policy=policy,
        seed=seed,
    )


def _recipe_of(corrector: Corrector) -> Recipe:
    if isinstance(corrector, AlignmentMap):
        return Recipe(method=corrector.method, parameters=corrector.parameters)
    return corrector


def _refused(verdict: Verdict, reasons: tuple[Reason, ...], policy: Policy, seed: int) -> Decision:
    return Decision(
        verdict=verdict,
        recipe=NOTHING,
        reasons=reasons,
        candidates=(),
        chosen_by_fold=(),
        protocols={},
        policy=policy,
        seed=seed,
    )


def _nothing_to_decide(corpus: Corpus, policy: Policy, k: int) -> Reason | None:
    if not corpus.paired:
        return Reason("no_pairs")
    groups = len(np.unique(corpus.groups("text")))
    needed = max(policy.minimum_groups, k)
    if groups < needed:
        return Reason("too_few_groups", {"groups": groups, "needed": needed})
    return None


def _no_signal(corpus: Corpus, policy: Policy, seed: int) -> Reason | None:
    """Return the reason not to go on if true pairs are found no better than dealt ones."""
    sample = view(corpus, seed=seed)
    signal = pairing_signal(sample)
    p = 1.0 if signal.p is None else signal.p
    if p <= policy.signal_p:
        return None
    return Reason("no_signal", {"value": signal.value, "chance": chance(sample), "p": p})


def _without_signal(choice: Choice) -> Choice:
    """Let no candidate pass: a mixed list without meaning also finds more than one of one kind."""
    why = (Reason("without_signal"),)
    return Choice(
        candidates=tuple(
            replace(c, passes=False, why=why) if c.passes else c for c in choice.candidates
        ),
        recipe=NOTHING,
    )


def _held_out(
    corpus: Corpus, by_fold: Sequence[Corrector], policy: Policy, k: int, seed: int
) -> tuple[dict[Protocol, Comparison], tuple[Reason, ...]]:
    """Return the figures of each fold's correction on that fold, and the guardrails they fail."""
    pool = Pool(corpus)
    protocols, scores = {}, {}
    for protocol in PROTOCOLS:
        before, after = evaluate(
            pool, lambda fold: (NOTHING, by_fold[fold]), protocol, k=k, seed=seed
        )
        protocols[protocol] = compare(
            before.ranked,
            after.ranked,
            protocol,
            gap_left=(before.gap_left, after.gap_left),
            seed=seed,
        )
        scores[protocol] = score(before, after, protocol, seed=seed)
    return protocols, failures(scores, policy)


def _verdict(
    signal: Reason | None, choice: Choice, failed: tuple[Reason, ...]
) -> tuple[Verdict, tuple[Reason, ...]]:
    if signal is not None:
        return "do_not_correct", (signal,)
    if choice.recipe.method == NOTHING.method:
        return _no_candidate(choice.candidates)
    if not failed:
        return "correct", (Reason("all_guardrails", {"method": choice.recipe.method}),)
    if all(reason.code.endswith("_undecided") for reason in failed):
        return "insufficient_data", failed
    return "do_not_correct", failed


def _no_candidate(candidates: Sequence[Candidate]) -> tuple[Verdict, tuple[Reason, ...]]:
    """Answer when no rung passes: could more data have let one pass?"""
    open_ones = [
        candidate
        for candidate in candidates
        if all(reason.code.endswith("_undecided") for reason in candidate.why)
    ]
    if not open_ones:
        return "do_not_correct", (Reason("none_passes"),)
    nearest = min(open_ones, key=_groups_needed)
    return "insufficient_data", (
        Reason(
            "more_data",
            {"method": nearest.recipe.method, "groups": _groups_needed(nearest)},
        ),
        *nearest.why,
    )


def _groups_needed(candidate: Candidate) -> float:
    return max(float(reason.values["groups"]) for reason in candidate.why)
