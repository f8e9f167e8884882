"""The delete-a-block jackknife, for smooth functions of means and covariances."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.estimate import Estimate
from dohyo.stats.extrapolate import SMALLEST, extrapolate

BLOCKS = 20


def jackknife(
    statistic: Callable[[NDArray[np.bool_]], float],
    groups: int,
    *,
    stratum: NDArray[np.int64] | None = None,
    seed: int = 0,
    blocks: int = BLOCKS,
    floor: float | None = None,
    bent: bool = False,
) -> Estimate:
    """Return the statistic on all groups, with a bias-corrected interval.

    Parameters
    ----------
    statistic : takes a (groups,) mask of groups to keep, returns the figure on them
    groups : how many groups there are; they are dealt into `blocks` random blocks
    stratum : (groups,) kind of each group; the groups of a kind are dealt evenly
    floor : smallest value the figure can take, at which the interval is cut
    bent : whether the bias may be more than of order 1/n, as that of a covariance with few rows
        for its columns; the interval then spans both limits of `extrapolate`

    Returns
    -------
    Estimate whose value is the plain figure. Its interval is centred on the jackknife's
    bias-corrected value, so the plain value lies outside it where the bias is large.

    Notes
    -----
    Pseudo-values J·θ − (J−1)·θ₍₋ⱼ₎ (Tukey 1958); t quantile with J−1 degrees of freedom.
    Removes the bias of order 1/n that plug-in distances have. A bootstrap would add to it
    instead, because repeated rows look like a tighter cloud.
    """
    count = min(blocks, groups)
    everything = np.ones(groups, dtype=np.bool_)
    value = statistic(everything)
    if count < 2:
        return Estimate(value=value, low=value, high=value, n=groups, seed=seed)
    order = np.random.default_rng(seed).permutation(groups)
    if stratum is not None:
        order = order[np.argsort(stratum[order], kind="stable")]
    without = np.empty(count)
    for block in range(count):
        keep = everything.copy()
        keep[order[block::count]] = False
        without[block] = statistic(keep)
    pseudo = count * value - (count - 1) * without
    centre, error = float(pseudo.mean()), float(pseudo.std(ddof=1) / np.sqrt(count))
    limits = (centre, centre)
    if bent and _smallest(groups, stratum) >= SMALLEST:
        limits = extrapolate(statistic, order)
    reach = float(stdtrit(count - 1, 0.975)) * error
    low, high = min(limits) - reach, max(limits) + reach
    if floor is not None:
        low, high = max(low, floor), max(high, floor)
    return Estimate(value=value, low=low, high=high, n=groups, seed=seed)


def _smallest(groups: int, stratum: NDArray[np.int64] | None) -> int:
    """Return how many groups the rarest kind has."""
    return groups if stratum is None else int(np.unique(stratum, return_counts=True)[1].min())
