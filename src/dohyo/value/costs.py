"""What a company assumes about its searches, its decisions and its expenses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Kind = Literal["count", "share", "money"]
VARIED = 0.25
"""How far a plain number is varied in the tornado: a quarter up and down."""
KINDS: Mapping[str, Kind] = {
    "searches_per_day": "count",
    "working_days_per_month": "count",
    "mixed_share": "share",
    "minutes_lost_per_failed_search": "count",
    "hourly_cost": "money",
    "detections_per_day": "count",
    "match_share": "share",
    "cost_per_false_detection": "money",
    "cost_per_missed_detection": "money",
    "vectors_millions": "count",
    "reindex_cost_per_million": "money",
    "engineering_days": "count",
    "day_rate": "money",
    "running_cost_per_month": "money",
}
"""Every assumption, in the order of the file, and what it is counted in."""
LIMITS = {"share": 1.0, "working_days_per_month": 31.0}
"""The largest value of an assumption of that kind, or of that name, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One assumption: what is likely, and between what it lies.

    Attributes
    ----------
    low, likely, high : equal where a plain number was given
    """

    low: float
    likely: float
    high: float

    @property
    def ranged(self) -> bool:
        """Whether the assumption has any width, and so a part in the interval of the result."""
        return self.low < self.high

    def quantile(self, u: F64) -> F64:
        """Return the triangular distribution's quantiles; the number itself where it is plain.

        Of the distributions on three numbers the triangular one is wider than the PERT one, and
        so promises less. Inverse of its distribution function: Kotz & van Dorp 2004, ch. 1.

        Parameters
        ----------
        u : (draws,) in [0, 1)
        """
        if not self.ranged:
            return np.full_like(u, self.likely)
        width = self.high - self.low
        left, right = self.likely - self.low, self.high - self.likely
        rising = self.low + np.sqrt(u * width * left)
        falling = self.high - np.sqrt((1 - u) * width * right)
        drawn: F64 = np.where(u * width <= left, rising, falling)
        return drawn

    def to_json(self) -> dict[str, float]:
        """Return the three numbers."""
        return {"low": self.low, "likely": self.likely, "high": self.high}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Costs:
    """Every assumption that turns a measured change into money.

    Attributes
    ----------
    currency : what money is counted in, a code such as JPY
    amounts : by the names of `KINDS`, all of them
    """

    currency: str
    amounts: Mapping[str, Amount]

    def likely(self) -> dict[str, float]:
        """Return each assumption at its likely value."""
        return {name: amount.likely for name, amount in self.amounts.items()}

    def ends(self, name: str) -> tuple[float, float]:
        """Return between what an assumption is varied in the tornado.

        Its own range; a quarter down and up where a plain number was given, a share at most 1.
        """
        amount = self.amounts[name]
        if amount.ranged:
            return amount.low, amount.high
        up = amount.likely * (1 + VARIED)
        return amount.likely * (1 - VARIED), min(up, limit_of(name))

    def drawn(self, seed: int, draws: int) -> dict[str, F64]:
        """Return draws of every assumption, independent of each other; plain numbers stay.

        Each has a stream of its own, so that a range given to one leaves the others' draws alone.
        """
        return {
            name: amount.quantile(np.random.default_rng((seed, place)).random(draws))
            for place, (name, amount) in enumerate(self.amounts.items(), start=1)
        }

    def to_json(self) -> dict[str, Any]:
        """Return currency and every assumption."""
        return {"currency": self.currency} | {
            name: amount.to_json() for name, amount in self.amounts.items()
        }


def limit_of(name: str) -> float:
    """Return the largest value that an assumption may have; infinity if there is none."""
    return LIMITS.get(name, LIMITS.get(KINDS[name], float("inf")))
