"""Several figures of one weighting of the rows, taken together."""

from collections.abc import Callable, Mapping
from itertools import count

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Statistic = Callable[[F64], F64]


def at_once(every: Callable[[F64], Mapping[str, F64]]) -> Callable[[str], Statistic]:
    """Return each of several figures as a statistic of its own, made for all of them once.

    Parameters
    ----------
    every : what (r, q) weightings come to, each figure (r,)

    Returns
    -------
    A function from the name of a figure to a statistic for `bootstrap_statistic`. All of them
    must be asked for the same weightings in the same order, as they are for one group and seed.

    Raises
    ------
    ValueError
        If they are not.
    """
    made: list[tuple[F64, Mapping[str, F64]]] = []

    def named(name: str) -> Statistic:
        turns = count()

        def statistic(weight: F64) -> F64:
            turn = next(turns)
            if turn == len(made):
                made.append((_mark(weight), every(weight)))
            mark, figures = made[turn]
            if not np.array_equal(mark, _mark(weight)):
                raise ValueError("the figures were asked for different weightings")
            return figures[name]

        return statistic

    return named


def _mark(weight: F64) -> F64:
    """Return what tells weightings apart: the first, the last and their number."""
    return np.concatenate([weight[0], weight[-1], [len(weight)]])
