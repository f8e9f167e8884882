"""Do the two clouds differ in any way that a smooth function can see?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate
from dohyo.measures.distances import squared_distances
from dohyo.measures.subsample import subsample
from dohyo.measures.two_sample import kernel_distance
from dohyo.measures.view import View

ROWS = 2_000  # of a side
BANDWIDTH_ROWS = 1_000


def mmd(view: View, bandwidth: float | None = None) -> Estimate:
    """Squared maximum mean discrepancy between the modalities, with a Gaussian kernel.

    Parameters
    ----------
    view : no pairs needed; above 2,000 rows of a side a seeded draw of whole groups is used
    bandwidth : σ of k(x, y) = exp(−‖x − y‖²/2σ²); left out, the median distance between the rows
        of the union (of a seeded thousand of them)

    Returns
    -------
    Estimate with p. The true value is in [0, 2], no unit: 0 only if both sides have the same
    distribution; √MMD² is the distance of the mean embeddings. Lower is a smaller gap. The figure
    is unbiased, and so may fall below 0 where there is no gap.

    Raises
    ------
    CorpusError
        With images or texts in fewer than three groups.

    Notes
    -----
    MMD²ᵤ of Gretton et al. 2012 (JMLR 13, Lemma 6), a U-statistic over groups. The interval is
    the jackknife's over groups, in closed form from the kernel's row sums, because a bootstrap
    would pair rows with their own copies. It holds for the MMD² at the bandwidth used, which is
    taken as given. p: 999 exchanges of the modality, within pairs where pairs exist, of one
    text for each image. O((n + m)²) time and memory, 128 MiB at 4,000 rows.
    """
    part = subsample(view, ROWS)
    squared = squared_distances(part.union)
    width = median_distance(squared, part.seed) if bandwidth is None else bandwidth
    squared /= -2.0 * width**2
    return kernel_distance(np.exp(squared, out=squared), part, name="MMD")


def median_distance(squared: NDArray[np.float64], seed: int = 0) -> float:
    """Return the median distance between different rows, of those not equal; 1 if all are equal.

    Parameters
    ----------
    squared : (n, n) squared distances, of which a seeded thousand of rows are looked at
    seed : seed of that choice
    """
    if len(squared) > BANDWIDTH_ROWS:
        some = np.random.default_rng(seed).choice(len(squared), BANDWIDTH_ROWS, replace=False)
        squared = squared[np.ix_(some, some)]
    apart = squared[np.triu_indices(len(squared), 1)]
    apart = apart[apart > 0]
    return float(np.sqrt(np.median(apart))) if len(apart) else 1.0
