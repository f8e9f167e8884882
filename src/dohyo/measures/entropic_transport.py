"""Entropic optimal transport between weighted rows, for several weightings at once.

The first weighting is solved in the log domain, where nothing can overflow. Its potentials are
then absorbed into the kernel, in which the other weightings, that differ little from the first,
are a matter of a few matrix products (Schmitzer 2019, arXiv 1610.06519).
"""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
ROUGH, FINE = 0.1, 1e-5  # change of the potentials in units of ε; the value's error is its square
ROUNDS, MOST_WORK = (300, 3_000), 3e8


def transport(cost: F64, a: F64, b: F64, epsilon: float) -> F64:
    """Return min ⟨P, cost⟩ + ε·KL(P | a⊗b) over plans P with marginals a and b.

    Parameters
    ----------
    cost : (n, m)
    a : (n, k) weights, each column summing to 1; a row may have none
    b : (m, k) likewise
    epsilon : ε > 0

    Returns
    -------
    (k,) float64, the dual values ⟨a, f⟩ + ⟨b, g⟩ − ε(mass − 1)

    Notes
    -----
    Stops when no potential moves by more than 1e-5·ε, or after 300 rounds of a large problem,
    3,000 of a small one; the dual value, being at its peak, is wrong by less than the potentials
    are, and never above the truth.
    """
    f, g = _potentials(cost, a[:, 0], b[:, 0], epsilon, ROUGH)
    kernel = np.exp((f[:, None] + g - cost) / epsilon)
    u, v = np.ones_like(a), np.ones_like(b)
    with np.errstate(all="ignore"):  # a row left alone by its weighting: see below
        for _ in range(_rounds(cost)):
            v = 1.0 / (kernel.T @ (a * u))
            before, u = u, 1.0 / (kernel @ (b * v))
            if not np.isfinite(u).all() or _settled(u, before):
                break
        # The last half step gave f, so the rows' marginal is exact and the mass is 1.
        moved = (a * np.log(u)).sum(0) + (b * np.log(v)).sum(0)
    value: F64 = f @ a + g @ b + epsilon * moved
    if not np.isfinite(value).all():
        for column in range(len(value)):
            value[column] = _alone(cost, a[:, column], b[:, column], epsilon)
    return value


def transport_to_itself(cost: F64, a: F64, epsilon: float) -> F64:
    """Return the same from a to itself, (k,); averaged steps, which converge in a few rounds.

    Parameters
    ----------
    cost : (n, n) symmetric
    a : (n, k) weights, each column summing to 1
    epsilon : ε > 0
    """
    f = np.zeros(len(a))
    for _ in range(_rounds(cost)):
        before, f = f, (f + _soft_minimum(cost, f, a[:, 0], epsilon)) / 2
        if np.abs(f - before).max() <= ROUGH * epsilon:
            break
    kernel = np.exp((f[:, None] + f - cost) / epsilon)
    u = np.ones_like(a)
    with np.errstate(all="ignore"):
        for _ in range(_rounds(cost)):
            before, u = u, np.sqrt(u / (kernel @ (a * u)))
            if not np.isfinite(u).all() or _settled(u, before):
                break
        mass = (a * u * (kernel @ (a * u))).sum(0)
        value: F64 = 2 * (f @ a + epsilon * (a * np.log(u)).sum(0)) - epsilon * (mass - 1)
    if not np.isfinite(value).all():
        for column in range(len(value)):
            value[column] = _alone(cost, a[:, column], a[:, column], epsilon)
    return value


def _alone(cost: F64, a: F64, b: F64, epsilon: float) -> float:
    """Return the value for one weighting, in the log domain to the end, without its empty rows."""
    rows, columns = a > 0, b > 0
    f, g = _potentials(cost[np.ix_(rows, columns)], a[rows], b[columns], epsilon, FINE)
    return float(f @ a[rows] + g @ b[columns])


def _potentials(cost: F64, a: F64, b: F64, epsilon: float, tolerance: float) -> tuple[F64, F64]:
    """Return f (n,) and g (m,) by alternating soft minima, f the last to be set."""
    f, g = np.zeros(len(a)), np.zeros(len(b))
    for _ in range(_rounds(cost)):
        g = _soft_minimum(cost.T, f, a, epsilon)
        before, f = f, _soft_minimum(cost, g, b, epsilon)
        if np.abs(f - before).max() <= tolerance * epsilon:
            break
    return f, g


def _soft_minimum(cost: F64, potential: F64, weight: F64, epsilon: float) -> F64:
    """Return −ε log Σ_j w_j exp((g_j − c_ij)/ε), (n,), without overflow."""
    exponent = (potential - cost) / epsilon
    peak = exponent.max(1)
    np.exp(exponent - peak[:, None], out=exponent)
    lowest: F64 = -epsilon * (peak + np.log(exponent @ weight))
    return lowest


def _rounds(cost: F64) -> int:
    """Return how many rounds may be spent on a problem of this size."""
    fewest, most = ROUNDS
    return int(min(max(MOST_WORK / cost.size, fewest), most))


def _settled(now: F64, before: F64) -> bool:
    return bool(np.abs(np.log(now / before)).max() <= FINE)
