"""Are two images far apart where their texts are?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.paired_rows import paired_rows
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, blocks
from dohyo.stats.leave_one_out import pair_means

LEAST = 4
ROWS = 2_000
ROWS_PER_BLOCK = 512
FLAT = 1e-14

F64 = NDArray[np.float64]


def distance_correlation(view: View) -> Estimate:
    """Pearson correlation of image distances with text distances, over pairs of groups.

    Returns
    -------
    Estimate in [−1, 1]. 1: a linear map takes every distance between images to that between their
    texts; 0: pairs dealt at random. Blind to the gap. Not the distance correlation of Székely.

    Raises
    ------
    CorpusError
        Without pairs, with fewer than four, or where all distances of a side are equal.

    Notes
    -----
    Cosine distances of two different groups, several texts of an image averaged first: the linear
    agreement that a Gromov–Wasserstein matching seeks to raise (Mémoli 2011; Mantel 1967 for the
    statistic). The n(n−1)/2 distances are not independent, the n groups are: delete-one-group
    jackknife of a function of five U-statistics. At most 2,000 rows of a side, distances
    512 rows at a time.
    """
    image, text = paired_rows(subsample(view, ROWS), "Distance correlation", LEAST)
    sums = products(image, text)
    others = len(image) - 1
    _, _, a, b, _ = sums.mean(0) / others
    if min(a, b) < FLAT:
        raise CorpusError(
            "Distance correlation needs distances that differ.",
            hint="Give items of more than one kind.",
        )
    pairs = np.full(len(image), float(others))
    return pair_means(sums, pairs, _correlation, seed=view.seed, inside=(-1.0, 1.0))


def products(image: F32, text: F32) -> F64:
    """Sum a, b, a², b², ab over the other rows, for centred similarities a and b, (n, 5)."""
    n = len(image)
    x, y = image.astype(np.float64), text.astype(np.float64)
    middle = [_middle(side) for side in (x, y)]
    sums = np.empty((n, 5))
    for block in blocks(n, ROWS_PER_BLOCK):
        a, b = x[block] @ x.T - middle[0], y[block] @ y.T - middle[1]
        own = np.arange(block.start, block.stop)
        for side in (a, b):
            side[own - block.start, own] = 0.0
        sums[block] = np.stack(
            [a.sum(1), b.sum(1)]
            + [np.einsum("ij,ij->i", *two) for two in ((a, a), (b, b), (a, b))],
            axis=1,
        )
    return sums


def _middle(x: F64) -> float:
    """Return the mean similarity of two different rows; taking it off keeps the digits."""
    total, n = x.sum(0), len(x)
    return float((total @ total - np.einsum("ij,ij->", x, x)) / (n * (n - 1)))


def _correlation(mean: F64) -> F64:
    a, b, aa, bb, ab = np.moveaxis(mean, -1, 0)
    spread = np.maximum(aa - a * a, 0.0) * np.maximum(bb - b * b, 0.0)
    flat = spread < FLAT * FLAT
    figure: F64 = np.where(flat, 0.0, (ab - a * b) / np.sqrt(np.where(flat, 1.0, spread)))
    return np.clip(figure, -1.0, 1.0)
