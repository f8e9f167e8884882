"""A figure before and after a correction, and its change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import I64
from dohyo.stats.bootstrap import Resampled, bootstrap_mean, bootstrap_statistic
from dohyo.stats.permutation import MOST_DRAWS, sign_flip_p

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Changed:
    """A figure before and after, and its change paired by item.

    Attributes
    ----------
    before, after, change : with their resamples, all of the same draws
    p : two-sided p-value of the change, None where it was not tested
    p_holm : the same, corrected for all the comparisons made beside it
    """

    before: Resampled
    after: Resampled
    change: Resampled
    p: float | None = None
    p_holm: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the three estimates."""
        change = self.change.estimate(self.p).to_json()
        return {
            "before": self.before.estimate().to_json(),
            "after": self.after.estimate().to_json(),
            "change": change if self.p_holm is None else change | {"p_holm": self.p_holm},
        }


def changed_mean(
    before: F64, after: F64, group: I64, *, stratum: I64 | None = None, seed: int
) -> Changed:
    """Average a figure of each item before and after; resampled and tested by group.

    Parameters
    ----------
    before, after : (q,) of the same items; NaN where an item has none
    group : (q,) which items belong together
    stratum : (q,) strata whose means are averaged, see `bootstrap_mean`
    """
    known = ~(np.isnan(before) | np.isnan(after))
    strata = None if stratum is None else stratum[known]
    first, second, owner = before[known], after[known], group[known]
    one, other, change = (
        bootstrap_mean(values, owner, stratum=strata, seed=seed)
        for values in (first, second, second - first)
    )
    p = sign_flip_p(second - first, owner, stratum=strata, seed=seed, most=MOST_DRAWS)
    return Changed(before=one, after=other, change=change, p=p)


def changed_statistic(
    before: Callable[[F64], F64], after: Callable[[F64], F64], group: I64, *, seed: int
) -> Changed:
    """Take a figure that is no average before and after, see `bootstrap_statistic`.

    Parameters
    ----------
    before, after : what the rows come to under each of r weightings, (r, q) to (r,)
    """
    one, other = (bootstrap_statistic(each, group, seed=seed) for each in (before, after))
    change = other.less(one)
    return Changed(before=one, after=other, change=change, p=change.two_sided_p())
