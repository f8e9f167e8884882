"""How many queries a stage must look at before its figures can decide."""

import math
from statistics import NormalDist

from dohyo.estimate import Estimate
from dohyo.value.changes import standard_error

POWER = 0.8


def sample_size(estimate: Estimate, effect: float, *, level: float, least: int) -> int | None:
    """Return the groups at which an effect stands out one-sided with a power of 80 %.

    n = ((z_level + z_power) · s / effect)², with s, the standard deviation of one group, read
    off the interval found here: its standard error times √groups (Lachin 1981, sec. 2).

    Parameters
    ----------
    effect : what is to be told from zero
    level : confidence of the one-sided bound
    least : groups below which no interval is trusted

    Returns
    -------
    None where there is no effect to be told.
    """
    if effect <= 0:
        return None
    normal = NormalDist()
    deviation = standard_error(estimate) * math.sqrt(estimate.n)
    wanted = ((normal.inv_cdf(level) + normal.inv_cdf(POWER)) * deviation / effect) ** 2
    return max(least, math.ceil(wanted))


def lower_bound(estimate: Estimate, level: float) -> float:
    """Return the one-sided lower bound that a 95 % interval tells."""
    return estimate.value - NormalDist().inv_cdf(level) * standard_error(estimate)
