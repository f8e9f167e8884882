"""What a correction is worth, in a sentence and a tile, and the words for its figures."""

import math

from dohyo.estimate import Estimate
from dohyo.reports.page import digits, money
from dohyo.reports.page.tile import Tile
from dohyo.value.costs import KINDS, Costs
from dohyo.value.value import Payback, Value, Worth
from dohyo.words import Words

FINE, LONG = 10.0, 100.0
"""Months below which a payback has a decimal, and beyond which it is only called longer."""


def value_sentence(value: Value, words: Words) -> str:
    """Return what it is worth in one sentence, or why no value is shown."""
    key, worth, currency = f"value.sentence.{value.standing}", value.worth, value.costs.currency
    if worth is None or value.standing in ("unknown", "verdict"):
        return words(key)
    interval = money.interval(worth.net, currency, words)
    if not value.shown:
        return words(key, interval=interval)
    return words(
        key,
        net=money.figure(worth.net, currency, words),
        interval=interval,
        once=money.figure(worth.once, currency, words),
        payback=payback(worth.payback, words),
    )


def value_tile(value: Value, words: Words) -> Tile:
    """Return the tile of the report's first screen."""
    label, worth, currency = words("value.tile.label"), value.worth, value.costs.currency
    if worth is None or not value.shown:
        note = words(f"value.tile.{value.standing}")
        return Tile(label=label, value=words("value.tile.none"), interval="", note=note)
    return Tile(
        label=label,
        value=money.figure(worth.net, currency, words),
        interval=words("value.tile.interval", interval=money.interval(worth.net, currency, words)),
        note=words("value.tile.shown", payback=payback(worth.payback, words)),
    )


def payback(months: Payback, words: Words) -> str:
    """Return the months until the roll-out is paid, with their interval."""
    if not math.isfinite(months.value):
        return words("value.never")
    places = 1 if months.high < FINE else 0
    value, low, high = (_months(m, places) for m in (months.value, months.low, months.high))
    if months.low == months.high:
        return words("value.months", months=value)
    known = math.isfinite(months.high)
    shown = words("value.month_range" if known else "value.from_month", low=low, high=high)
    return words(
        "value.with_interval",
        figure=words("value.months", months=value),
        interval=shown,
    )


def number(estimate: Estimate, words: Words) -> tuple[str, str]:
    """Return a count and its interval, thousands apart, as finely as the interval supports."""
    places = 0
    if digits.spread(estimate):
        places = min(1, -math.floor(math.log10(money.shorter_side(estimate))))
    shown = [_counted(each, places) for each in (estimate.value, estimate.low, estimate.high)]
    if not digits.spread(estimate):
        return shown[0], words("figure.no_spread")
    return shown[0], words("figure.interval", low=shown[1], high=shown[2])


def change(worth: Worth, words: Words) -> tuple[str, str]:
    """Return the measured change in percentage points, and its interval."""
    found = worth.found
    places = digits.decimals(found) - 2
    return change_of(found.value, words, places), digits.points(found, words)


def change_of(share: float, words: Words, places: int = 0) -> str:
    """Return a change of a share in percentage points."""
    points = digits.number(100 * share, places, signed=True)
    return words("value.change_needed", points=points)


def assumed(name: str, amount: float, currency: str, words: Words) -> str:
    """Return an assumption's number as a person would write it."""
    if KINDS[name] == "money":
        return money.plain(amount, currency, words)
    if KINDS[name] == "share":
        return words("figure.percent", value=f"{100 * amount:g}")
    return f"{amount:,.10g}"


def assumption(name: str, costs: Costs, words: Words) -> str:
    """Return an assumption's likely value, and its range where one was given."""
    amount = costs.amounts[name]
    low, likely, high = (
        assumed(name, each, costs.currency, words)
        for each in (amount.low, amount.likely, amount.high)
    )
    if not amount.ranged:
        return likely
    interval = words("figure.interval", low=low, high=high)
    return words("value.with_interval", figure=likely, interval=interval)


def _months(months: float, places: int) -> str:
    if months > LONG:
        return f"> {LONG:.0f}"
    return f"{months:.{places}f}"


def _counted(value: float, places: int) -> str:
    rounded = round(value, places) + 0.0
    return f"{rounded:,.{max(places, 0)}f}".replace("-", digits.MINUS)
