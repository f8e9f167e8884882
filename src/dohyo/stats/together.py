"""Answer all the questions of a resampling procedure at once."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate

Statistic = Callable[[NDArray[np.bool_]], float]


def together(
    statistics: Callable[[NDArray[np.bool_]], NDArray[Any]],
    procedure: Callable[[Statistic], Estimate],
) -> Estimate:
    """Run a procedure whose figures are cheaper to take together than one at a time.

    Parameters
    ----------
    statistics : takes (asked, groups) masks of groups to keep, returns the (asked,) figures
    procedure : for instance `jackknife` with all but its statistic given; which masks it asks for
        must not depend on the figures
    """
    asked: list[NDArray[np.bool_]] = []

    def note(keep: NDArray[np.bool_]) -> float:
        asked.append(keep)
        return 0.0

    procedure(note)
    answers = iter(statistics(np.stack(asked)))
    return procedure(lambda keep: float(next(answers)))
