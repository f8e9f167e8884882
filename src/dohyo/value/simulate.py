"""Draws of the changes and of the assumptions together, and what each draw comes to."""

import numpy as np

from dohyo.estimate import Estimate
from dohyo.stats.bootstrap import Resampled
from dohyo.value.changes import Changes
from dohyo.value.costs import F64, Costs
from dohyo.value.model import Flows, Number, flows

ROUNDS = 5
"""How often each replicate of the changes meets new draws of the assumptions."""


def simulated(changes: Changes, found: Resampled, costs: Costs, *, seed: int) -> Flows:
    """Return the flows of every draw, (draws,) each.

    Replicates of changes that were resampled together are taken together, and each of them
    `ROUNDS` times, with new assumptions every time.

    Parameters
    ----------
    found : `changes.found`, which is known here
    """
    draws = ROUNDS * len(found.replicates)
    false, missed = (_beside(each, found) for each in (changes.false, changes.missed))
    return flows(
        costs.drawn(seed, draws),
        found=np.tile(found.replicates, ROUNDS),
        false=false,
        missed=missed,
    )


def at_likely(changes: Changes, found: float, costs: Costs, **varied: float) -> Flows:
    """Return the flows at the measured changes and likely assumptions, some of them varied."""
    false, missed = (0.0 if c is None else c.value for c in (changes.false, changes.missed))
    return flows({**costs.likely(), **varied}, found=found, false=false, missed=missed)


def estimate(value: Number, draws: Number, like: Resampled, *, seed: int) -> Estimate:
    """Return a figure with the 95 % interval of its draws; n is the changes' number of groups."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value=float(value), low=float(low), high=float(high), n=like.groups, seed=seed)


def _beside(other: Resampled | None, found: Resampled) -> F64:
    """Return (draws,) another change's replicates, zeros where it is unknown.

    Those of the one threshold number their groups fold by fold, so they meet the replicates of
    the searches as if drawn on their own.
    """
    size = len(found.replicates)
    drawn = np.zeros(size) if other is None else np.resize(other.replicates, size)
    return np.tile(drawn, ROUNDS)
