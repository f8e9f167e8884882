"""The arithmetic from a change to money, for one set of assumptions or for many draws of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Number: TypeAlias = float | NDArray[np.float64]
MONTHS = 12


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Flows:
    """What a month brings and costs; numbers, or one of each draw.

    Attributes
    ----------
    hours : saved a month
    search : what these hours are worth
    false, missed : avoided false and missed detections a month
    detections : what these are worth
    running : cost a month
    once : cost of the roll-out
    """

    hours: Number
    search: Number
    false: Number
    missed: Number
    detections: Number
    running: Number
    once: Number

    @property
    def net(self) -> Number:
        """What a month brings after its running cost."""
        return self.search + self.detections - self.running

    @property
    def first_year(self) -> Number:
        """Twelve months less the cost of the roll-out."""
        return MONTHS * self.net - self.once


def flows(
    assumed: Mapping[str, Number], *, found: Number, false: Number = 0.0, missed: Number = 0.0
) -> Flows:
    """Return what follows from the assumptions and the changes.

    Parameters
    ----------
    assumed : by the names of `KINDS`
    found : change of the share of mixed searches that find a match in their first ten
    false, missed : change of the false rate among non-matches and of the miss rate among matches
    """
    days = assumed["working_days_per_month"]
    searches = assumed["searches_per_day"] * days * assumed["mixed_share"]
    hours = searches * found * assumed["minutes_lost_per_failed_search"] / 60
    decided = assumed["detections_per_day"] * days
    fewer_false = -decided * (1 - assumed["match_share"]) * false
    fewer_missed = -decided * assumed["match_share"] * missed
    return Flows(
        hours=hours,
        search=hours * assumed["hourly_cost"],
        false=fewer_false,
        missed=fewer_missed,
        detections=fewer_false * assumed["cost_per_false_detection"]
        + fewer_missed * assumed["cost_per_missed_detection"],
        running=assumed["running_cost_per_month"],
        once=assumed["vectors_millions"] * assumed["reindex_cost_per_million"]
        + assumed["engineering_days"] * assumed["day_rate"],
    )
