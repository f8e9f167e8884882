"""Decide for a corpus without pairs by what it tells of its images' classes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import Recipe
from dohyo.decision.alone import decided_alone
from dohyo.decision.choose import Candidate
from dohyo.decision.information import Information, information, lost
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof
from dohyo.decision.reason import Reason
from dohyo.decision.step_down import decided, step_down
from dohyo.decision.tasks import with_tasks
from dohyo.decision.verdict import Decision, refused, without_signal
from dohyo.progress import Progress
from dohyo.stats.bootstrap import Resampled, bootstrap_mean
from dohyo.verification.classes import ClassPool, kept_by, zero_shot_signal
from dohyo.verification.evaluate import Corrector
from dohyo.verification.information import Kept

LADDER_OF_CLASSES = (
    Recipe(method="center"),
    Recipe(method="standardize"),
    Recipe(method="whiten"),
    Recipe(method="gaussian_ot", parameters={"ledoit_wolf": 1.0}),
    Recipe(method="displacement"),
)
"""What `auto` tries here, the most conservative first. Offsets between the kinds and columns
against hubs are left out: an image is compared with prompts alone, and clusters are of images
alone, so an offset changes neither, and a rung that differs by it could not be told apart."""
GAINS = ("zero_shot_accuracy", "cluster_nmi")
"""What a correction can be worth here; a gain shown in one of them is enough."""


def decide_by_labels(
    corpus: Corpus,
    *,
    ladder: Sequence[Recipe] | None,
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> Decision:
    """Choose among corrections by zero-shot accuracy and clusters of images that no fit saw.

    A correction passes when a gain is shown in one of the two, a loss of the margin is excluded
    in both and in the labels of neighbours, and neighbours are kept. The best is by the mean of
    the two. As with pairs, each fold's choice is made again from the other folds, and the figures
    shown are of what those chose.

    Parameters
    ----------
    corpus : without pairs, with labels and class prompts
    ladder : recipes, the most conservative first; `LADDER_OF_CLASSES` if left out
    """
    few = _too_few(corpus, policy, k)
    if few is not None:
        return refused("insufficient_data", (few,), policy, seed)
    pool, steps = ClassPool(corpus), k + 2
    progress(0, steps, "class_signal")
    signal = _no_signal(corpus, policy, seed)
    rungs = LADDER_OF_CLASSES if ladder is None else _told_apart(ladder)
    progress(1, steps, "candidates")
    whole = _try(pool, rungs, policy, k, seed)
    inner: list[tuple[Candidate, ...]] = [()] * k
    if signal is None and any(candidate.passes for candidate in whole):
        inner = _nested(pool, rungs, policy, k, seed, progress)
    step = step_down(
        whole if signal is None else without_signal(whole),
        inner,
        lambda by_fold: _proof(pool, by_fold, policy, k, seed),
    )
    decision = decided(step, signal, policy, seed)
    progress(steps, steps, "decided")
    return with_tasks(decision, pool, decision.chosen_by_fold)


def judge_by_labels(
    corpus: Corpus, corrector: Corrector, *, policy: Policy, k: int, seed: int
) -> Decision:
    """Return the figures of classes and a verdict for one correction, no choice involved."""
    few = _too_few(corpus, policy, k)
    if few is not None:
        return refused("insufficient_data", (few,), policy, seed)
    pool = ClassPool(corpus)
    signal = _no_signal(corpus, policy, seed)
    proof = _proof(pool, [corrector] * k, policy, k, seed)
    decision = decided_alone(corrector, proof, signal, policy, k=k, seed=seed, by_classes=True)
    return with_tasks(decision, pool, [corrector] * k)


def class_failures(
    found: Information, policy: Policy, *, by_fold: Sequence[float] = ()
) -> tuple[Reason, ...]:
    """Return the reason for every guardrail of classes that the figures fail.

    Two figures are looked at for a gain, so each bound is at the level that lets both together
    err no more often than one (Bonferroni). Resampled items leave the clusters as they are; how
    far others would have agreed shows between folds, whose clusters are found anew, so a gain in
    clusters must clear both bounds. With that of the items alone, a correction that did nothing
    seemed to gain in 9 of 100 made-up corpora; with both, in 2 (docs/method.md).

    Parameters
    ----------
    by_fold : change of the NMI of clusters in each fold; the second bound is left out without
    """
    failed = lost(found, policy)
    level = 1 - (1 - policy.level) / len(GAINS)
    changes = {name: found.classes[name].change for name in GAINS if name in found.classes}
    bounds = {name: change.lower_bound(level) for name, change in changes.items()}
    if "cluster_nmi" in bounds and len(by_fold) > 1:
        bounds["cluster_nmi"] = min(bounds["cluster_nmi"], _bound_over_folds(by_fold, level))
    if any(bound > 0 for bound in bounds.values()):
        return failed
    needed = {
        name: change.groups * ((change.value - bounds[name]) / change.value) ** 2
        if change.value > 0
        else np.inf
        for name, change in changes.items()
    }
    nearest = min(needed, key=lambda name: needed[name])
    value = changes[nearest].value
    values: dict[str, float | str] = {
        "figure": nearest,
        "value": value,
        "bound": bounds[nearest],
    }
    if value > 0:
        return (Reason("class_gain_undecided", values | {"groups": needed[nearest]}), *failed)
    return (Reason("class_no_gain", values), *failed)


def _bound_over_folds(changes: Sequence[float], level: float) -> float:
    """Return the one-sided lower t bound of a mean over folds."""
    error = float(np.std(changes, ddof=1) / np.sqrt(len(changes)))
    return float(np.mean(changes) - stdtrit(len(changes) - 1, level) * error)


def _clusters_by_fold(kept: Kept, corpus: Corpus, k: int, seed: int) -> list[float]:
    """Return the change of the NMI of clusters in each fold that has one."""
    change = kept.cluster_nmi[:, 1] - kept.cluster_nmi[:, 0]
    known = ~np.isnan(change)  # images alone
    folds = [known & np.isin(kept.group, held) for held in corpus.folds(k, seed)]
    return [float(change[here].mean()) for here in folds if here.any()]


def _try(
    pool: ClassPool, rungs: Sequence[Recipe], policy: Policy, k: int, seed: int
) -> tuple[Candidate, ...]:
    """Return how every rung fares by cross-validation."""
    found = []
    for recipe, kept in zip(rungs, kept_by(pool, rungs, k=k, seed=seed), strict=True):
        told = information(kept, seed=seed)
        by_fold = _clusters_by_fold(kept, pool.corpus, k, seed)
        failed = class_failures(told, policy, by_fold=by_fold)
        found.append(
            Candidate(
                recipe=recipe,
                scores={},
                why=failed,
                passes=not failed,
                information=told,
                classes_told=_classes_told(kept, seed),
            )
        )
    return tuple(found)


def _classes_told(kept: Kept, seed: int) -> Resampled:
    """Return the mean of both figures after the correction, over the items that have both."""
    both = kept.zero_shot_accuracy[:, 1], kept.cluster_nmi[:, 1]
    known = [figure for figure in both if not np.isnan(figure).all()]
    return bootstrap_mean(np.mean(known, axis=0), kept.group, seed=seed)


def _nested(
    pool: ClassPool,
    rungs: Sequence[Recipe],
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> list[tuple[Candidate, ...]]:
    """Return how the rungs fare without each fold; see `decide` for why the level is .5."""
    lenient = replace(policy, level=0.5)
    found = []
    for split in pool.alone(k=k, seed=seed):
        progress(2 + split.fold, k + 2, "outer_fold")
        found.append(_try(pool.without(split), rungs, lenient, k, seed))
    return found


def _proof(
    pool: ClassPool, by_fold: Sequence[Corrector], policy: Policy, k: int, seed: int
) -> Proof:
    """Return what each fold's correction does for the images of that fold."""
    (kept,) = kept_by(pool, lambda fold: (by_fold[fold],), k=k, seed=seed)
    told = information(kept, seed=seed)
    failed = class_failures(told, policy, by_fold=_clusters_by_fold(kept, pool.corpus, k, seed))
    return Proof(protocols={}, information=told, failed=failed)


def _too_few(corpus: Corpus, policy: Policy, k: int) -> Reason | None:
    """Return the reason not to start if hardly any image has a class that has a prompt."""
    prompts = 0 if corpus.class_text is None else len(corpus.class_text)
    images = 0 if corpus.label is None else int((corpus.label < prompts).sum())
    needed = max(policy.minimum_groups, k)
    if images >= needed:
        return None
    return Reason("too_few_labelled", {"groups": images, "needed": needed})


def _no_signal(corpus: Corpus, policy: Policy, seed: int) -> Reason | None:
    """Return the reason not to go on if prompts find their class no better than dealt labels."""
    value, chance, p = zero_shot_signal(corpus, seed=seed)
    if p <= policy.signal_p:
        return None
    return Reason("no_class_signal", {"value": value, "chance": chance, "p": p})


def _told_apart(ladder: Sequence[Recipe]) -> tuple[Recipe, ...]:
    """Return the rungs without their offsets, each once."""
    rungs: list[Recipe] = []
    for recipe in ladder:
        plain = recipe.uncalibrated()
        if plain.moves and plain not in rungs:
            rungs.append(plain)
    return tuple(rungs)
