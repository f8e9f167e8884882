"""Does each row sit nearer, on average, to its own kind than to the other?"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.distances import squared_distances
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import blocks
from dohyo.stats.jackknife import jackknife
from dohyo.stats.together import together

F64 = NDArray[np.float64]
ROWS = 2_000  # of a side
ROWS_PER_BLOCK = 512


def silhouette_by_modality(view: View) -> Estimate:
    """Mean silhouette of the rows, the modality taken as the cluster.

    Parameters
    ----------
    view : no pairs needed; above 2,000 rows of a side a seeded draw of whole groups is used

    Returns
    -------
    Estimate in [−1, 1], no unit, the plain mean over all rows, so that the kind with more rows
    weighs more. Lower is a smaller gap: about 0 where the kinds lie in one another, 1 where each
    is a point of its own; below 0 rows are nearer to the other kind.

    Raises
    ------
    CorpusError
        With images or texts in fewer than two groups.

    Notes
    -----
    (b − a)/max(a, b) with a the mean Euclidean distance to the other rows of the own kind and b to
    those of the other (Rousseeuw 1987); scikit-learn's silhouette_score. The block jackknife over
    groups, since a row's silhouette depends on all others and the bias is of order 1/n; a
    bootstrap would put copies at distance 0. Distances are formed 512 rows at a time and only
    their sums kept.
    """
    for number, name in ((1, "images"), (2, "texts")):
        if int((view.held & number > 0).sum()) < 2:
            raise CorpusError(
                f"The silhouette needs {name} in two groups.", hint="Give more items."
            )
    part = subsample(view, ROWS)

    def means(masks: NDArray[np.bool_]) -> F64:
        return silhouettes(part.union, part.modality, masks[:, part.group])

    whole = together(
        means, partial(jackknife, groups=part.groups, stratum=part.held, seed=part.seed)
    )
    low, high = np.clip([whole.low, whole.high], -1.0, 1.0)
    return Estimate(value=whole.value, low=float(low), high=float(high), n=whole.n, seed=whole.seed)


def silhouettes(rows: NDArray[np.float32], kind: NDArray[np.int64], kept: NDArray[np.bool_]) -> F64:
    """Return the mean silhouette of several selections of the rows.

    Parameters
    ----------
    rows : (n, d) float32
    kind : (n,) 0 or 1
    kept : (k, n) rows of each selection, with both kinds in each

    Returns
    -------
    (k,) float64. A row that is alone of its kind has silhouette 0, and so has one that is at
    distance 0 from all.
    """
    weight = kept.T.astype(np.float64)
    first, second = weight * (kind == 0)[:, None], weight * (kind == 1)[:, None]
    count = np.stack([first.sum(0), second.sum(0)])
    total = np.zeros(kept.shape[0])
    for block in blocks(len(rows), ROWS_PER_BLOCK):
        distance = np.sqrt(squared_distances(rows[block], rows))
        here = np.arange(block.start, block.start + len(distance))
        distance[here - block.start, here] = 0.0
        to_first, to_second = distance @ first, distance @ second
        is_first = (kind[block] == 0)[:, None]
        others = np.where(is_first, count[0], count[1]) - 1
        own = np.where(is_first, to_first, to_second) / np.maximum(others, 1)
        other = np.where(is_first, to_second / count[1], to_first / count[0])
        larger = np.maximum(own, other)
        known = (larger > 0) & (others > 0)
        score = np.where(known, (other - own) / np.where(known, larger, 1.0), 0.0)
        total += (score * weight[block]).sum(0)
    mean: F64 = total / weight.sum(0)
    return mean
