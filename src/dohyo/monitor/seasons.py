"""Weekdays and hours: what is usual on a Monday is no news on a Monday."""

from datetime import datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Season = Literal["none", "weekday", "hour", "weekhour"]
SEASONS: tuple[Season, ...] = get_args(Season)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEAST = 3
"""Values of a season that must be there before another of it is judged."""
CLIP = 3.0
MAD = 1.4826  # of a normal distribution: from median distance to standard deviation


def season_of(at: datetime, season: Season) -> str:
    """Return the season that a time is in, such as "Mon", "09" or "Mon 09"; "" with none.

    By the clock that the time itself is given in: give local times where people's days count.
    """
    day, hour = WEEKDAYS[at.weekday()], f"{at.hour:02d}"
    return {"none": "", "weekday": day, "hour": hour, "weekhour": f"{day} {hour}"}[season]


def centres(values: F64, codes: I64) -> tuple[F64, I64]:
    """Return what is usual in each season, and how many values say so.

    A season's median, plus the mean of what its values are away from it, each cut at three
    pooled deviations (one step towards Huber's estimate): nearly a mean where the values are
    normal, and one outlier does not move it far. Every value counts alike.

    Parameters
    ----------
    values : (n,) floats
    codes : (n,) seasons from 0, fewer than 2¹⁵

    Returns
    -------
    (s,) centres and (s,) counts; a season without values has no meaningful centre
    """
    count = np.bincount(codes)
    order = np.argsort(values)
    # Of short integers a stable sort is one pass, not a comparison of each with each.
    ordered = values[order[np.argsort(codes[order].astype(np.int16), kind="stable")]]
    start = np.cumsum(count) - count
    last = len(values) - 1
    low, high = (np.minimum(start + half, last) for half in ((count - 1) // 2, count // 2))
    median = (ordered[np.maximum(low, 0)] + ordered[high]) / 2
    away = values - median[codes]
    reach = CLIP * MAD * float(np.median(np.abs(away)))
    return median + np.bincount(codes, np.clip(away, -reach, reach)) / np.maximum(count, 1), count


def residuals(values: F64, codes: I64) -> tuple[F64, NDArray[np.bool_]]:
    """Return each value less what is usual in its season, on one scale, and which can be compared.

    A value is part of its own centre, which draws the centre to it, the more the fewer there are;
    √(m/(m−1)) for m values undoes that. For the newest value it makes the recursive residual
    (Brown, Durbin & Evans 1975): where values are normal, those are independent of one another
    with one spread, and the centre is the mean.

    Parameters
    ----------
    values : (n,) floats
    codes : (n,) seasons from 0, fewer than 2¹⁵

    Returns
    -------
    (n,) residuals, and (n,) whether the season of each has three values at least
    """
    centre, count = centres(values, codes)
    scale = np.sqrt(count / np.maximum(count - 1, 1))
    return (values - centre[codes]) * scale[codes], (count >= LEAST)[codes]
