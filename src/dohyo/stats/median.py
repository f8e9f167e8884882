"""The median of per-query figures, with Woodruff's interval."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.estimate import Estimate

F64 = NDArray[np.float64]
TIE = 1e-12


def median(
    values: NDArray[Any],
    group: NDArray[np.int64],
    *,
    weight: NDArray[Any] | None = None,
    seed: int = 0,
) -> Estimate:
    """Return the (weighted) median of per-row figures and its interval over groups.

    Parameters
    ----------
    values : (q,) figures
    group : (q,) which rows belong together
    weight : (q,) how many rows each stands for; one each if left out
    seed : only carried along: nothing here is random

    Notes
    -----
    Woodruff 1952 (JASA 47): the share of rows at or below the median is an average, whose error
    is known by groups; the interval runs between the quantiles at 0.5 ± t·error. It needs no
    density at the median and is exact about ties, where a bootstrap of the median jumps.
    """
    weight = np.ones(len(values)) if weight is None else weight.astype(np.float64)
    order = np.argsort(values, kind="stable")
    ranked, filled = values[order].astype(np.float64), np.cumsum(weight[order]) / weight.sum()
    value = (_quantile(ranked, filled, 0.5 - TIE) + _quantile(ranked, filled, 0.5 + TIE)) / 2
    _, member = np.unique(group, return_inverse=True)
    groups = int(member.max()) + 1
    if groups < 2:
        return Estimate(value=value, low=value, high=value, n=groups, seed=seed)
    below = values <= value
    residual = weight * (below - np.average(below, weights=weight)) / weight.sum()
    total = np.bincount(member, residual, groups)
    error = np.sqrt(groups / (groups - 1) * float(total @ total))
    reach = float(stdtrit(groups - 1, 0.975)) * error
    low, high = (_quantile(ranked, filled, 0.5 + side * reach) for side in (-1, 1))
    return Estimate(value=value, low=low, high=high, n=groups, seed=seed)


def _quantile(ranked: F64, filled: F64, share: float) -> float:
    """Return the first figure at which this share of the weight is reached."""
    place = int(np.searchsorted(filled, share))
    return float(ranked[min(place, len(ranked) - 1)])
