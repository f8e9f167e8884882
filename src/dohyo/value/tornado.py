"""Which assumption matters: the first year with each at its low and its high end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dohyo.stats.bootstrap import Resampled
from dohyo.value.changes import Changes
from dohyo.value.costs import Costs
from dohyo.value.simulate import at_likely

MEASURED = "found"
"""The bar of what was measured, between the ends of its 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One assumption's bar.

    Attributes
    ----------
    name : of the assumption, or `MEASURED`
    low, high : between what it is varied
    at_low, at_high : the first year's net value there, everything else at its likely value
    given : whether the range was given; False for a plain number varied by a quarter
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    given: bool

    @property
    def reach(self) -> float:
        """How much depends on it."""
        return abs(self.at_high - self.at_low)

    def to_json(self) -> dict[str, Any]:
        """Return the bar's ends."""
        return {
            "name": self.name,
            "low": self.low,
            "high": self.high,
            "first_year_at_low": self.at_low,
            "first_year_at_high": self.at_high,
            "range_given": self.given,
        }


def tornado(changes: Changes, found: Resampled, costs: Costs) -> tuple[Bar, ...]:
    """Return the bars of all that matters at all, the widest first."""
    bars = [bar for bar in _bars(changes, found, costs) if bar.reach > 0]
    return tuple(sorted(bars, key=lambda bar: -bar.reach))


def _bars(changes: Changes, found: Resampled, costs: Costs) -> Iterator[Bar]:
    told = found.estimate()
    yield Bar(
        name=MEASURED,
        low=told.low,
        high=told.high,
        at_low=float(at_likely(changes, told.low, costs).first_year),
        at_high=float(at_likely(changes, told.high, costs).first_year),
        given=True,
    )
    for name, amount in costs.amounts.items():
        low, high = costs.ends(name)
        at_low, at_high = (
            float(at_likely(changes, found.value, costs, **{name: end}).first_year)
            for end in (low, high)
        )
        yield Bar(
            name=name, low=low, high=high, at_low=at_low, at_high=at_high, given=amount.ranged
        )
