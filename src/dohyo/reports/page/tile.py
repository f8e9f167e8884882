"""One key figure of the first screen."""

from dataclasses import dataclass

from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One key figure: what it is, the figure, its interval, and how to read it."""

    label: str
    value: str
    interval: str
    note: str


def percent_interval(estimate: Estimate, words: Words) -> str:
    """Return the 95 % interval of a share in percent."""
    if not digits.spread(estimate):
        return words("tile.interval", interval=words("figure.no_spread"))
    places = digits.decimals(estimate) - 2
    low, high = (digits.number(100 * end, places) for end in (estimate.low, estimate.high))
    ends = words("figure.interval", low=low, high=high)
    return words("tile.interval", interval=words("figure.percent", value=ends))
