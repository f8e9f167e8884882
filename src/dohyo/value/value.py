"""What a correction is worth, and whether that may be said."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from dohyo.decision.verdict import Decision, Verdict
from dohyo.estimate import Estimate
from dohyo.stats.bootstrap import Resampled
from dohyo.value.break_even import BreakEven, break_even
from dohyo.value.changes import Changes, changes_of
from dohyo.value.costs import F64, Costs
from dohyo.value.model import Flows
from dohyo.value.simulate import at_likely, estimate, simulated
from dohyo.value.tornado import Bar, tornado

Standing = Literal["shown", "unknown", "verdict", "open", "loss"]
FIGURES = {
    "found": "mixed_recall_at_10_change",
    "hours": "saved_hours_per_month",
    "search": "search_value_per_month",
    "false": "avoided_false_detections_per_month",
    "missed": "avoided_missed_detections_per_month",
    "detections": "detections_value_per_month",
    "running": "running_cost_per_month",
    "once": "one_off_cost",
    "net": "net_value_per_month",
    "first_year": "first_year_value",
}
"""Each estimate of `Worth` and the key it has in report.json, which says its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payback:
    """Months until the roll-out has paid for itself; infinite where it never does.

    Attributes
    ----------
    value : at likely assumptions
    low, high : 95 % interval
    """

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """Return the months, null for never."""
        months = {"value": self.value, "low": self.low, "high": self.high}
        return {name: each if math.isfinite(each) else None for name, each in months.items()}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Worth:
    """What the changes are worth under the assumptions.

    Attributes
    ----------
    found : change of the share of mixed searches that find a match in their first ten
    hours : saved a month
    search : what these are worth
    false, missed : avoided false and missed detections a month; None where that is not known
    detections : what these are worth; None where neither is known
    running, once : cost a month, and of the roll-out
    net : what a month brings after its running cost
    first_year : twelve months less the roll-out
    payback : months until the roll-out has paid for itself
    bars : the first year with each assumption at its ends, the widest first
    draws : (draws,) net value a month
    """

    found: Estimate
    hours: Estimate
    search: Estimate
    false: Estimate | None
    missed: Estimate | None
    detections: Estimate | None
    running: Estimate
    once: Estimate
    net: Estimate
    first_year: Estimate
    payback: Payback
    bars: tuple[Bar, ...]
    draws: F64 = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return every figure under a name that says its unit."""
        figures = {key: getattr(self, name) for name, key in FIGURES.items()}
        return {key: None if e is None else e.to_json() for key, e in figures.items()} | {
            "payback_months": self.payback.to_json(),
            "tornado": [bar.to_json() for bar in self.bars],
        }


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Value:
    """What a correction is worth, under assumptions that are told beside it.

    Attributes
    ----------
    costs : every assumption
    standing : "shown"; or why no value is: nothing measured ("unknown"), another verdict than
        correct ("verdict"), an interval that holds zero ("open"), or a loss ("loss")
    worth : the figures; None where nothing was measured
    break_even : the least that must be true for the first year to pay
    """

    costs: Costs
    standing: Standing
    worth: Worth | None
    break_even: BreakEven

    @property
    def shown(self) -> bool:
        """Whether a value may be promised at all."""
        return self.standing == "shown"

    def to_json(self) -> dict[str, Any]:
        """Return the report's `value`: figures, break-even, assumptions."""
        return {
            "shown": self.shown,
            "standing": self.standing,
            **({} if self.worth is None else self.worth.to_json()),
            "break_even": self.break_even.to_json(),
            "assumptions": self.costs.to_json(),
        }


def value_of(decision: Decision, costs: Costs) -> Value:
    """Return what a decision's held-out figures are worth."""
    return value_of_changes(changes_of(decision), costs, decision.verdict, seed=decision.seed)


def value_of_changes(changes: Changes, costs: Costs, verdict: Verdict, *, seed: int) -> Value:
    """Return what measured changes are worth.

    Parameters
    ----------
    verdict : unless it is to correct, no value is shown
    seed : of the draws of the assumptions
    """
    found = changes.found
    false, missed = (0.0 if c is None else c.value for c in (changes.false, changes.missed))
    even = break_even(
        costs.likely(), found=0.0 if found is None else found.value, false=false, missed=missed
    )
    worth = None if found is None else _worth(changes, found, costs, seed)
    return Value(costs=costs, standing=_standing(worth, verdict), worth=worth, break_even=even)


def _standing(worth: Worth | None, verdict: Verdict) -> Standing:
    if verdict != "correct":
        return "verdict"
    if worth is None:
        return "unknown"
    if worth.net.high < 0:
        return "loss"
    return "shown" if worth.net.low > 0 else "open"


def _worth(changes: Changes, found: Resampled, costs: Costs, seed: int) -> Worth:
    drawn = simulated(changes, found, costs, seed=seed)
    likely = at_likely(changes, found.value, costs)

    def told(name: str) -> Estimate:
        return estimate(getattr(likely, name), getattr(drawn, name), found, seed=seed)

    decided = changes.false is not None or changes.missed is not None
    return Worth(
        found=found.estimate(),
        hours=told("hours"),
        search=told("search"),
        false=None if changes.false is None else told("false"),
        missed=None if changes.missed is None else told("missed"),
        detections=told("detections") if decided else None,
        running=told("running"),
        once=told("once"),
        net=told("net"),
        first_year=told("first_year"),
        payback=_payback(likely, drawn),
        bars=tornado(changes, found, costs),
        draws=np.asarray(drawn.net),
    )


def _payback(likely: Flows, drawn: Flows) -> Payback:
    months = _months(np.asarray(drawn.once), np.asarray(drawn.net))
    # Between a number and infinity no value can be interpolated: each end is one of the draws.
    low, high = np.quantile(months, [0.025, 0.975], method="inverted_cdf")
    value = _months(np.asarray([likely.once]), np.asarray([likely.net]))[0]
    return Payback(value=float(value), low=float(low), high=float(high))


def _months(once: F64, net: F64) -> F64:
    """Return the months until the roll-out is paid, infinite where a month brings nothing."""
    months: F64 = np.divide(once, net, out=np.full_like(once, np.inf), where=net > 0)
    return months
