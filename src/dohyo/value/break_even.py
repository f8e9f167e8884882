"""The least that must be true for a roll-out to pay."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dohyo.value.model import MONTHS, flows


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Where the first year comes out even, everything else at its likely value.

    Attributes
    ----------
    found : least change of the share of searches that find a match; above 1 no change is enough
    searches_per_day : the fewest searches a day, at the measured change; infinite where no number
        of them is enough
    """

    found: float
    searches_per_day: float

    def to_json(self) -> dict[str, float | None]:
        """Return both, null where nothing is enough."""
        return {
            "mixed_recall_at_10_change": self.found if self.found <= 1 else None,
            "searches_per_day": self.searches_per_day
            if math.isfinite(self.searches_per_day)
            else None,
        }


def break_even(
    likely: Mapping[str, float], *, found: float, false: float = 0.0, missed: float = 0.0
) -> BreakEven:
    """Return the change and the searches a day at which the first year is worth nothing.

    Parameters
    ----------
    likely : the assumptions
    found, false, missed : the measured changes, see `flows`
    """
    alone = flows(likely, found=0.0, false=false, missed=missed)
    wanted = float(alone.running + alone.once / MONTHS - alone.detections)
    whole = float(flows(likely, found=1.0).search)
    each = float(flows({**likely, "searches_per_day": 1.0}, found=found).search)
    return BreakEven(found=_least(wanted, whole), searches_per_day=_least(wanted, each))


def _least(wanted: float, per_unit: float) -> float:
    if wanted <= 0:
        return 0.0
    return wanted / per_unit if per_unit > 0 else math.inf
