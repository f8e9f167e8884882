"""The distance of a pair, seen against the spread of each side."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife


def relative_modality_gap(view: View) -> Estimate:
    """Mean cosine distance of true pairs over itself plus the mean distance within a modality.

    Returns
    -------
    Estimate in [0, 1], no unit. 0: every pair coincides; 0.5: a pair is as far apart as two random
    items of one kind; above 0.5 the gap outweighs everything the items differ in.

    Raises
    ------
    CorpusError
        Without pairs, or with fewer than two rows on a side.

    Notes
    -----
    RMG of Schrodi et al. 2024 (arXiv 2404.07983). The within-modality mean runs over i ≠ j and is
    the average of both sides; it is read off the sum vector, so no n×n matrix is formed.
    Jackknife over groups, for a ratio of means.
    """
    if view.text_to_image is None:
        raise CorpusError("RMG needs pairs.", hint="Give text_to_image.")
    if min(len(view.image), len(view.text)) < 2:
        raise CorpusError("RMG needs two rows on each side.", hint="Give more items.")
    sums = view.sums

    def ratio(keep: NDArray[np.bool_]) -> float:
        part = sums.part(keep)
        between = 1.0 - part.similarity / part.pairs
        within = (
            _mean_distance(part.images, part.image_mean)
            + _mean_distance(part.texts, part.text_mean)
        ) / 2
        return between / (between + within) if between + within > 0 else 0.0

    estimate = jackknife(ratio, sums.blocks, seed=view.seed, floor=0.0)
    return replace(estimate, n=view.whole_groups)


def _mean_distance(rows: int, mean: NDArray[np.float64]) -> float:
    """Return the mean cosine distance of two different ones of so many unit rows."""
    if rows < 2:
        raise CorpusError("The interval of RMG needs three groups.", hint="Give more items.")
    return 1.0 - (rows * float(mean @ mean) - 1) / (rows - 1)
