"""How far apart the two clumps stand."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife


def centroid_distance(view: View) -> Estimate:
    """Distance between the mean image vector and the mean text vector.

    Returns
    -------
    Estimate in [0, 2], no unit (unit vectors). Lower is a smaller gap; 0 says that the means
    coincide, *not* that the modalities mix.

    Notes
    -----
    ‖mean(x) − mean(y)‖₂, the norm of Δ_gap in Liang et al. 2022 (arXiv 2203.02053). The interval
    is the jackknife's for the squared distance, whose bias is exactly of order 1/n; the root is
    taken afterwards, because the distance itself is not smooth at 0. No pairs needed.
    """

    sums = view.sums

    def squared(keep: NDArray[np.bool_]) -> float:
        part = sums.part(keep)
        step = part.image_mean - part.text_mean
        return float(step @ step)

    square = jackknife(squared, sums.blocks, seed=view.seed, floor=0.0)
    return replace(
        square,
        n=view.whole_groups,
        value=float(np.sqrt(square.value)),
        low=float(np.sqrt(square.low)),
        high=float(np.sqrt(square.high)),
    )
