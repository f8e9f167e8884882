"""How well the classes of held-out items can still be told: by neighbours, prompts, clusters."""

import warnings

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import F32, I64

F64 = NDArray[np.float64]

RUNS = 5
STEPS = 50
ROWS = 1_000
ROWS_PER_CLUSTER = 5


def neighbours_agree(near: I64, label: I64) -> F64:
    """Return 1 where the majority of an item's neighbours has its class, 0 elsewhere, (n,).

    Parameters
    ----------
    near : (n, k) rows of the neighbours, nearest first; a tie goes to the class of the nearest
    label : (n,) classes
    """
    votes = label[near]
    counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    winner = votes[np.arange(len(votes)), counts.argmax(axis=1)]
    agree: F64 = (winner == label).astype(np.float64)
    return agree


def prompts_agree(images: F32, prompts: F32, label: I64) -> F64:
    """Return 1 where the class prompt nearest to an image is its own, 0 elsewhere, (n,).

    NaN for an image whose class has no prompt. Zero-shot classification, Radford et al. 2021.
    """
    hit = ((images @ prompts.T).argmax(axis=1) == label).astype(np.float64)
    return np.where(label < len(prompts), hit, np.nan)


def clusters_agree(rows: F32, label: I64, *, seed: int) -> F64:
    """Return what each item adds to the NMI of k-means clusters with the classes, (n,).

    Returns
    -------
    (n,) whose mean is the NMI, averaged over five seeded runs; NaN everywhere with fewer than two
    classes or ten items, and for the rows beyond a seeded sample of 1,000

    Notes
    -----
    I/mean(H) with I the mean over items of log p(c, l)/(p(c) p(l)) (Strehl & Ghosh 2002): to first
    order an item's term is its influence, so the mean can be resampled by group like any other.
    k is the number of classes, or less where that leaves fewer than five items to a cluster.
    """
    shared = np.full(len(rows), np.nan)
    chosen = np.arange(len(rows))
    if len(rows) > ROWS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(rows), ROWS, replace=False))
    kind = np.unique(label[chosen], return_inverse=True)[1]
    count = min(int(kind.max(initial=-1)) + 1, len(chosen) // ROWS_PER_CLUSTER)
    if count < 2:
        return shared
    runs = [kmeans(rows[chosen], count, seed=seed + run) for run in range(RUNS)]
    shared[chosen] = np.mean([_information(cluster, kind) for cluster in runs], axis=0)
    return shared


def kmeans(rows: F32, count: int, *, seed: int, starts: int = 1) -> I64:
    """Return the cluster of each row, (n,), by the best of seeded starts of at most 50 steps."""
    # scikit-learn takes longer to import than the rest of dohyo together.
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Repeated rows may leave a cluster empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = KMeans(count, n_init=starts, max_iter=STEPS, random_state=seed % 2**32)
        return np.asarray(model.fit_predict(rows), dtype=np.int64)


def _information(cluster: I64, kind: I64) -> F64:
    """Return each item's share of the normalised mutual information."""
    table = np.zeros((int(cluster.max()) + 1, int(kind.max()) + 1))
    np.add.at(table, (cluster, kind), 1.0 / len(cluster))
    of_cluster, of_kind = table.sum(axis=1), table.sum(axis=0)
    mean_entropy = (_entropy(of_cluster) + _entropy(of_kind)) / 2
    if mean_entropy == 0:
        return np.ones(len(cluster))
    pointwise: F64 = np.log(table[cluster, kind] / (of_cluster[cluster] * of_kind[kind]))
    return pointwise / mean_entropy


def _entropy(share: F64) -> float:
    alive = share[share > 0]
    return float(-(alive * np.log(alive)).sum())
