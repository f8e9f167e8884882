"""Permutation tests: exact at any sample size, because the observed order is one of the draws."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
MOST_DRAWS = 20_000
"""With 2,000 no p-value is below .0005, which 100 comparisons corrected by Holm would swallow."""
ENOUGH = 10
SIGNS_PER_BLOCK = 250_000


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
    most: int | None = None,
) -> float:
    """Test that paired changes are symmetric about zero, two-sided.

    Parameters
    ----------
    change : (q,) paired differences; NaN is left out
    group : (q,) rows that flip their sign together
    stratum : (q,) strata whose means are averaged, as in `bootstrap_mean`
    draws : how many sign flips
    most : how many where fewer than ten of the first `draws` are as large as what was observed;
        no more than those if left out

    Notes
    -----
    Under no effect, before and after may be exchanged within a group without changing the
    distribution; the group's contribution to the averaged change is the exchanged unit. To draw
    more only where fewer than ten of the first draws reach the observed keeps the test valid: at
    a level of ten draws' worth or more, the first draws alone reject whatever either would; at a
    lower one a rejection is always one by all the draws.
    """
    known = ~np.isnan(change)
    if not known.any():
        raise ValueError("no change to test")
    _, member = np.unique(group[known], return_inverse=True)
    weight = np.ones(int(known.sum()))
    if stratum is not None:
        _, place = np.unique(stratum[known], return_inverse=True)
        weight = 1.0 / np.bincount(place)[place]
    total: NDArray[np.float64] = np.bincount(member, change[known] * weight).astype(np.float64)
    rng = np.random.default_rng(seed)
    observed = abs(float(total.sum()))
    null = _flipped(total, draws, rng)
    p = permutation_p(observed, null)
    if most is None or most <= draws or p > ENOUGH / (1 + draws):
        return p
    return permutation_p(observed, np.concatenate([null, _flipped(total, most - draws, rng)]))


def _flipped(total: NDArray[np.float64], draws: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return (draws,) sizes of the sum when every group's sign is dealt anew."""
    null = np.empty(draws)
    groups, whole = len(total), total.sum()
    step = max(1, SIGNS_PER_BLOCK // groups)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        # One bit a group: a number for each would take longer to draw than all the rest.
        eights = rng.integers(0, 256, size=(rows, -(-groups // 8)), dtype=np.uint8)
        kept = np.unpackbits(eights, axis=1, count=groups).astype(np.float64)
        null[start : start + rows] = np.abs(2.0 * (kept @ total) - whole)
    return null
