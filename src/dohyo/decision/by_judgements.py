"""Decide by judged queries: what people said answers them is the yardstick."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.alone import decided_alone
from dohyo.decision.choose import Candidate
from dohyo.decision.family import adjusted
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.step_down import decided, step_down
from dohyo.decision.tasks import with_tasks
from dohyo.decision.trials import Trials, try_one, try_rungs
from dohyo.decision.verdict import Decision, refused, without_signal
from dohyo.judgements import Judgements
from dohyo.progress import Progress
from dohyo.verification.evaluate import Corrector, Pool
from dohyo.verification.information import LEAST_HELD
from dohyo.verification.judged.asked import Asked, asked_of
from dohyo.verification.judged.compare import judged_figures
from dohyo.verification.judged.signal import judged_signal


def decide_by_judgements(
    corpus: Corpus,
    judgements: Judgements,
    *,
    ladder: Sequence[Recipe],
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> Decision:
    """Choose the rung under which judged queries find better answers.

    A rung passes when a gain in judged nDCG@10 is shown, a loss of judged recall@10 of the margin
    is excluded, the other kind does not fill more of the lists than its share allows, each kind
    keeps what it must by itself and, where the corpus has pairs, cross-modal R@1 holds under both
    protocols. The figures shown are of queries that the choice never saw: for each fold it is made
    again by the queries of the other folds. Nothing is fitted anew for that.

    Raises
    ------
    CorpusError
        If a judgement speaks of an unknown id, or the queries do not belong to the corpus.
    """
    asked = asked_of(corpus, judgements)
    few = _too_few(asked, policy, k)
    if few is not None:
        return refused("insufficient_data", (few,), policy, seed)
    steps = k + 2
    progress(0, steps, "judged_signal")
    signal = _no_signal(asked, policy, seed)
    progress(1, steps, "candidates")
    trials = try_rungs(asked, ladder, policy=policy, k=k, seed=seed)
    whole = _candidates(trials, ladder, policy, None)
    inner: list[tuple[Candidate, ...]] = [()] * k
    if signal is None and any(candidate.passes for candidate in whole):
        inner = _nested(trials, ladder, policy, progress)
    order = [NOTHING, *ladder]
    step = step_down(
        whole if signal is None else without_signal(whole),
        inner,
        lambda by_fold: trials.proof([order.index(recipe) for recipe in by_fold], policy),
    )
    decision = decided(step, signal, policy, seed)
    progress(steps, steps, "decided")
    return _told(decision, trials, [order.index(r) for r in step.by_fold], step.by_fold)


def judge_by_judgements(
    corpus: Corpus,
    judgements: Judgements,
    corrector: Corrector,
    *,
    policy: Policy,
    k: int,
    seed: int,
) -> Decision:
    """Return the figures of judged queries and a verdict for one correction, no choice involved."""
    asked = asked_of(corpus, judgements)
    few = _too_few(asked, policy, k)
    if few is not None:
        return refused("insufficient_data", (few,), policy, seed)
    signal = _no_signal(asked, policy, seed)
    trials = try_one(asked, corrector, policy=policy, k=k, seed=seed)
    proof = trials.proof([1] * k, policy)
    decision = decided_alone(corrector, proof, signal, policy, k=k, seed=seed)
    return _told(decision, trials, [1] * k, [corrector] * k)


def _candidates(
    trials: Trials, ladder: Sequence[Recipe], policy: Policy, without: int | None
) -> tuple[Candidate, ...]:
    return tuple(
        trials.candidate(place, recipe, policy, without)
        for place, recipe in enumerate(ladder, start=1)
    )


def _nested(
    trials: Trials, ladder: Sequence[Recipe], policy: Policy, progress: Progress
) -> list[tuple[Candidate, ...]]:
    """Return how the rungs fare without each fold; see `decide` for why the level is .5."""
    lenient = replace(policy, level=0.5)
    found = []
    for fold in range(trials.k):
        progress(2 + fold, trials.k + 2, "outer_fold")
        found.append(_candidates(trials, ladder, lenient, fold))
    return found


def _told(
    decision: Decision, trials: Trials, by_fold: Sequence[int], correctors: Sequence[Corrector]
) -> Decision:
    """Return the decision with what the judged queries say by kind, and with every task."""
    before, after = trials.shown(by_fold)
    judged = judged_figures(trials.asked, before, after, seed=decision.seed)
    decision, corpus = replace(decision, judged=judged), trials.asked.corpus
    items = len(corpus.image) if corpus.paired else max(len(corpus.image), len(corpus.text))
    if items < LEAST_HELD * trials.k:
        return adjusted(decision)
    return with_tasks(decision, Pool(corpus), correctors)


def _too_few(asked: Asked, policy: Policy, k: int) -> Reason | None:
    groups, needed = len(np.unique(asked.group)), max(policy.minimum_groups, k)
    if groups >= needed:
        return None
    counts = {"queries": len(asked.row), "groups": groups, "needed": needed}
    return Reason("few_judged_queries", counts)


def _no_signal(asked: Asked, policy: Policy, seed: int) -> Reason | None:
    """Return the reason not to go on if answers of the other kind are found only by chance."""
    signal = judged_signal(asked, seed=seed)
    if signal is None or signal.p <= policy.signal_p:
        return None
    figures = {"value": signal.value, "chance": signal.chance, "p": signal.p}
    return Reason("no_judged_signal", figures)
