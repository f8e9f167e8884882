"""Permutation tests: exact at any sample size, because the observed order is one of the draws."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000


def permutation_p(observed: float, draws: NDArray[Any]) -> float:
    """Return the one-sided p-value of a figure against its draws under the null.

    (1 + number of draws ≥ observed) / (1 + draws): Phipson & Smyth 2010, never zero.
    """
    # Sums of the same terms in another order differ in the last bits; a tie must count as one.
    slack = 1e-12 * max(1.0, abs(observed))
    return (1 + int((draws >= observed - slack).sum())) / (1 + len(draws))


def sign_flip_p(
    change: NDArray[Any],
    group: NDArray[np.int64],
    *,
    stratum: NDArray[np.int64] | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> float:
    """Test that paired changes are symmetric about zero, two-sided.

    Parameters
    ----------
    change : (q,) paired differences; NaN is left out
    group : (q,) rows that flip their sign together
    stratum : (q,) strata whose means are averaged, as in `bootstrap_mean`

    Notes
    -----
    Under no effect, before and after may be exchanged within a group without changing the
    distribution; the group's contribution to the averaged change is the exchanged unit.
    """
    known = ~np.isnan(change)
    if not known.any():
        raise ValueError("no change to test")
    _, member = np.unique(group[known], return_inverse=True)
    weight = np.ones(int(known.sum()))
    if stratum is not None:
        _, place = np.unique(stratum[known], return_inverse=True)
        weight = 1.0 / np.bincount(place)[place]
    total = np.bincount(member, change[known] * weight)
    rng = np.random.default_rng(seed)
    null = np.empty(draws)
    step = max(1, 4_000_000 // len(total))
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        sign = rng.integers(0, 2, size=(rows, len(total)), dtype=np.int8) * 2.0 - 1.0
        null[start : start + rows] = np.abs(sign @ total)
    return permutation_p(abs(float(total.sum())), null)
