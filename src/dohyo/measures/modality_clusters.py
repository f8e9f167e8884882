"""K-means over all items of both kinds, once for all measures that read it."""

import warnings
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from dohyo.errors import CorpusError
from dohyo.measures.once_per_view import once_per_view
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, I64

COUNTS = (2, 5, 10, 20, 50)
ROWS = 1_000
ROWS_PER_CLUSTER = 10
RESTARTS = 2
STEPS = 50
SPLITS = 6
"""Into halves, for the interval: a half costs half as much as the whole."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Clusters:
    """A view of bounded size, to be clustered whole and in halves at several k.

    Attributes
    ----------
    part : the view, or a seeded part of it with 1,000 rows at most on a side
    counts : the numbers of clusters tried
    label : (rows,) class of each row of the part's union, -1 where unknown; texts have that of
        their image
    """

    part: View
    counts: tuple[int, ...]
    label: I64
    _found: dict[bytes, I64] = field(default_factory=dict)

    def member(self, keep: NDArray[np.bool_] | None = None) -> I64:
        """Return the cluster of each row, found among the rows of the kept groups.

        Parameters
        ----------
        keep : (groups,) bool; all of them if left out

        Returns
        -------
        (len(counts), rows), -1 where a row is not kept
        """
        keep = np.ones(self.part.groups, dtype=np.bool_) if keep is None else keep
        key = np.packbits(keep).tobytes()
        if key not in self._found:
            rows = np.flatnonzero(keep[self.part.group])
            member = np.full((len(self.counts), len(self.part.union)), -1, dtype=np.int64)
            starts = RESTARTS if keep.all() else 1
            member[:, rows] = _kmeans(self.part.union[rows], self.counts, starts, self.part.seed)
            self._found[key] = member
        return self._found[key]


@once_per_view
def clusters(view: View) -> Clusters:
    """Return the clusters of the union at k = 2, 5, 10, 20, 50, found as they are asked for.

    Only such k are tried that leave ten rows to a cluster and have a different row for each;
    where even 2 do not, the one cluster of everything is read. K-means++, two seeded starts
    (one for a half) of at most 50 steps, on 1,000 rows of a side at most.

    Raises
    ------
    CorpusError
        With fewer than 20 items.
    """
    part = subsample(view, ROWS)
    rows = len(part.union)
    if rows < COUNTS[0] * ROWS_PER_CLUSTER:
        raise CorpusError(
            f"Clusters need {COUNTS[0] * ROWS_PER_CLUSTER} items, there are {rows}.",
            hint="Give more items.",
        )
    most = min(rows // ROWS_PER_CLUSTER, len({row.tobytes() for row in part.union}))
    counts = tuple(k for k in COUNTS if k <= most) or (1,)
    return Clusters(part=part, counts=counts, label=_labels(part))


def _kmeans(rows: F32, counts: tuple[int, ...], starts: int, seed: int) -> I64:
    """Return the cluster of each row at each k, (len(counts), rows)."""
    if counts == (1,):
        return np.zeros((1, len(rows)), dtype=np.int64)
    # scikit-learn takes longer to import than the rest of dohyo together.
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    # One thread: the products are small, and threads that wait for each other only slow them.
    with warnings.catch_warnings(), _libraries().limit(limits=1):
        # A half may have fewer different rows than clusters; some clusters then stay empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        models = (
            KMeans(k, n_init=starts, max_iter=STEPS, random_state=seed % 2**32) for k in counts
        )
        return np.stack([np.asarray(each.fit_predict(rows), dtype=np.int64) for each in models])


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    """Look for the libraries with threads once, after scikit-learn has loaded its own."""
    return ThreadpoolController()


def dealt(part: View, rng: np.random.Generator) -> I64:
    """Return the modality of each row, dealt at random: within a group where pairs are known.

    A pair in one cluster is mixed whatever its kinds; dealing among all rows would overlook that.
    """
    if part.text_to_image is None:
        return rng.permutation(part.modality)
    anew = np.empty_like(part.modality)
    by_group = np.argsort(part.group, kind="stable")
    anew[np.lexsort((rng.random(len(anew)), part.group))] = part.modality[by_group]
    return anew


def _labels(part: View) -> I64:
    known = np.full(len(part.union), -1, dtype=np.int64)
    if part.label is not None:
        images = len(part.image)
        known[:images] = part.label
        if part.text_to_image is not None:
            known[images:] = part.label[part.text_to_image]
    return known


def entropy(counts: NDArray[np.int64]) -> float:
    """Return the entropy of a table of counts, in nats."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


def table(member: I64, kind: I64) -> I64:
    """Return how many rows of each kind are in each cluster, (clusters, kinds).

    Rows with a negative cluster or kind are left out.
    """
    known = (member >= 0) & (kind >= 0)
    if not known.any():
        return np.zeros((1, 1), dtype=np.int64)
    member, kind = member[known], kind[known]
    kinds = int(kind.max()) + 1
    flat = np.bincount(member * kinds + kind, minlength=(int(member.max()) + 1) * kinds)
    return flat.reshape(-1, kinds).astype(np.int64)


def normalised_information(counts: I64) -> float:
    """Return the mutual information of a table over the mean of both entropies, in [0, 1].

    1 where both are constant, as scikit-learn has it.
    """
    cluster, kind = entropy(counts.sum(1)), entropy(counts.sum(0))
    if cluster == 0 and kind == 0:
        return 1.0
    shared = cluster + kind - entropy(counts.ravel())
    return float(np.clip(2 * shared / (cluster + kind), 0.0, 1.0))
