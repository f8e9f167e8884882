"""Decide for a corpus without pairs by a canary: a small set of known pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate, choose
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof, proof_of
from dohyo.decision.reason import Reason
from dohyo.decision.step_down import decided, step_down
from dohyo.decision.tasks import with_tasks
from dohyo.decision.verdict import Decision, no_signal, refused, without_signal
from dohyo.errors import UsageError
from dohyo.progress import Progress
from dohyo.rows import I64
from dohyo.verification.canary import CanaryPool, canary_pool
from dohyo.verification.evaluate import Outcome, evaluate, whole
from dohyo.verification.partitions import Partition, partitions
from dohyo.verification.protocols import PROTOCOLS, Protocol

Outcomes = Mapping[Protocol, Sequence[Outcome]]


def decide_by_canary(
    corpus: Corpus,
    canary: Corpus,
    *,
    ladder: Sequence[Recipe],
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> Decision:
    """Fit every rung on the whole corpus and judge it on pairs that no fit has seen.

    The figures shown are again of data that the choice never saw: for each fold of the canary the
    choice is made anew by the queries of the other folds. Nothing is fitted anew for that.

    Parameters
    ----------
    corpus : without pairs
    canary : with pairs, of the same encoder

    Raises
    ------
    UsageError
        If the corpus has pairs of its own, the canary has none, or the two do not belong together.
    """
    _check(corpus, canary)
    groups = len(np.unique(canary.groups("text")))
    needed = max(policy.minimum_groups, k)
    if groups < needed:
        few = Reason("few_known_pairs", {"groups": float(groups), "needed": float(needed)})
        return refused("insufficient_data", (few,), policy, seed)
    steps = k + 2
    progress(0, steps, "pairing_signal")
    signal = no_signal(canary, policy, seed)
    progress(1, steps, "candidates")
    pool = canary_pool_of(corpus, canary)
    outcomes: Outcomes = {
        protocol: evaluate(pool, (NOTHING, *ladder), protocol, k=k, seed=seed)
        for protocol in PROTOCOLS
    }
    folds = [pool.images + held for held in canary.folds(k, seed)]
    candidates = choose(ladder, outcomes, policy=policy, seed=seed).candidates
    cuts = partitions(pool.corpus, seed=seed)
    step = step_down(
        candidates if signal is None else without_signal(candidates),
        _nested(ladder, outcomes, folds, policy, seed),
        lambda by_fold: _proof(ladder, outcomes, folds, by_fold, policy, seed, cuts),
    )
    decision = decided(step, signal, policy, seed)
    progress(steps, steps, "decided")
    return with_tasks(decision, pool, decision.chosen_by_fold)


def _check(corpus: Corpus, canary: Corpus) -> None:
    if corpus.paired:
        raise UsageError(
            "The corpus has pairs of its own, so other pairs are not needed.",
            hint="Leave --pairs-from (pairs_from) out, or say --unpaired (paired=False).",
        )
    if not canary.paired:
        raise UsageError(
            "The set of known pairs has no pairs.",
            hint="Give --pairs-from (pairs_from) a corpus with text_to_image.",
        )
    if corpus.dim != canary.dim:
        raise UsageError(
            f"The corpus has {corpus.dim} columns, the set of known pairs has {canary.dim}.",
            hint="Both must come from the same encoder.",
        )
    if None not in (corpus.encoder, canary.encoder) and corpus.encoder != canary.encoder:
        raise UsageError(
            "The corpus and the set of known pairs come from different encoders.",
            hint="Embed the pairs with the encoder of the corpus.",
        )


def canary_pool_of(corpus: Corpus, canary: Corpus) -> CanaryPool:
    """Lay a canary behind a corpus that it fits.

    Raises
    ------
    UsageError
        If the corpus has pairs of its own, the canary has none, or the two do not belong together.
    """
    _check(corpus, canary)
    pool = canary_pool(corpus, canary)
    if not (pool.images and pool.texts):
        raise UsageError(
            "Every row of one modality is also in the set of known pairs, so nothing is left to "
            "fit on.",
            hint="Give the pairs as the corpus itself, or a larger corpus.",
        )
    return pool


def _nested(
    ladder: Sequence[Recipe],
    outcomes: Outcomes,
    folds: Sequence[I64],
    policy: Policy,
    seed: int,
) -> list[tuple[Candidate, ...]]:
    """Return how the candidates fare by the queries outside each fold."""
    lenient = replace(policy, level=0.5)
    found = []
    for held in folds:
        seen = {p: [each.without(held) for each in tried] for p, tried in outcomes.items()}
        found.append(choose(ladder, seen, policy=lenient, seed=seed).candidates)
    return found


def _proof(
    ladder: Sequence[Recipe],
    outcomes: Outcomes,
    folds: Sequence[I64],
    chosen: Sequence[Recipe],
    policy: Policy,
    seed: int,
    cuts: Sequence[Partition],
) -> Proof:
    """Return what each fold's choice does for the queries of that fold."""
    order = [NOTHING, *ladder]
    tried = {}
    for protocol, each in outcomes.items():
        after = [
            each[order.index(recipe)].only(held) for held, recipe in zip(folds, chosen, strict=True)
        ]
        before = [each[0].only(held) for held in folds]
        tried[protocol] = whole(before), whole(after)
    return proof_of(tried, policy, cuts=cuts, seed=seed)
