"""The delete-one jackknife where all leave-one-out figures come in closed form."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate

F64 = NDArray[np.float64]
EVERYTHING = (-np.inf, np.inf)


def leave_one_out(
    value: float,
    without: F64,
    *,
    stratum: NDArray[np.int64] | None = None,
    seed: int = 0,
    inside: tuple[float, float] = EVERYTHING,
) -> Estimate:
    """Return a figure with the interval that its leave-one-out values give.

    Parameters
    ----------
    value : the figure on all groups, (nearly) unbiased
    without : (groups,) the figure without each group
    stratum : (groups,) kind of each group; spread is taken within a kind
    inside : bounds of the figure, at which the interval is cut

    Notes
    -----
    Variance Σ_s (n_s−1)/n_s Σ (θ₍₋ᵢ₎ − mean)² (Tukey 1958; two-sample form: Arvesen 1969), t
    quantile, centred on the figure itself.
    """
    kind = np.zeros(len(without), dtype=np.int64)
    if stratum is not None and np.unique(stratum, return_counts=True)[1].min() > 1:
        kind = np.unique(stratum, return_inverse=True)[1].astype(np.int64)
    size = np.bincount(kind)
    centre = np.bincount(kind, without) / size
    spread = np.bincount(kind, (without - centre[kind]) ** 2)
    error = float(np.sqrt(((size - 1) / size * spread).sum()))
    reach = float(stdtrit(len(without) - len(size), 0.975)) * error
    value = float(np.clip(value, *inside))
    low, high = np.clip([value - reach, value + reach], *inside)
    return Estimate(value=value, low=float(low), high=float(high), n=len(without), seed=seed)


def pair_means(
    touching: F64,
    pairs: F64,
    function: Callable[[F64], Any],
    *,
    stratum: NDArray[np.int64] | None = None,
    seed: int = 0,
    inside: tuple[float, float] = EVERYTHING,
) -> Estimate:
    """Return a function of means over pairs of groups, U-statistics of order two.

    Parameters
    ----------
    touching : (groups, q) for each group the sums of q kernels over the pairs of rows that have
        one row in it; a pair joins two different groups, so it is in two of the sums
    pairs : (groups,) how many such pairs there are
    function : maps means (..., q) to figures (...)
    stratum, seed, inside : as in `leave_one_out`

    Raises
    ------
    CorpusError
        If without some group no pair is left.

    Notes
    -----
    Leaving out a group takes its pairs off the total: one subtraction each. Where the kernel is
    degenerate (its mean given one row is constant, as on the even sphere) the jackknife's
    variance is up to twice too large, and the interval wider than need be.
    """
    total, count = touching.sum(0) / 2, float(pairs.sum()) / 2
    left = count - pairs
    if len(pairs) < 3 or left.min() <= 0:
        raise CorpusError("An interval over pairs needs more groups.", hint="Give more items.")
    without = np.asarray(function((total - touching) / left[:, None]), dtype=np.float64)
    value = float(function(total / count))
    return leave_one_out(value, without, stratum=stratum, seed=seed, inside=inside)
