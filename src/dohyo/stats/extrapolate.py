"""What a figure would be with ever more data, read off halves and quarters of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST = 16


def extrapolate(
    statistic: Callable[[NDArray[np.bool_]], float], order: NDArray[Any]
) -> tuple[float, float]:
    """Return where a line and a parabola put the statistic as 1/n goes to 0.

    Parameters
    ----------
    statistic : takes a (groups,) mask of groups to keep, returns the figure on them
    order : (groups,) the groups in random order, by which halves and quarters are dealt

    Raises
    ------
    ValueError
        If there are fewer than 16 groups.

    Notes
    -----
    The line in 1/n through the figures at n and n/2, 2·F(n) − F(n/2) (Chong & Forsyth 2020,
    arXiv 1911.07023), and the parabola through those at n, n/2 and n/4,
    8/3·F(n) − 2·F(n/2) + 1/3·F(n/4), each figure averaged over its parts. With few rows for the
    dimensions the bias is bent: the line leaves some of it, the parabola may take too much, and
    the distance between the two says how far either can be trusted.
    """
    if len(order) < SMALLEST:
        raise ValueError(f"{len(order)} groups cannot be quartered")
    whole, halves, quarters = (
        float(np.mean([statistic(_part(order, part, parts)) for part in range(parts)]))
        for parts in (1, 2, 4)
    )
    return 2 * whole - halves, 8 / 3 * whole - 2 * halves + quarters / 3


def _part(order: NDArray[Any], part: int, parts: int) -> NDArray[np.bool_]:
    keep = np.zeros(len(order), dtype=np.bool_)
    keep[order[part::parts]] = True
    return keep
