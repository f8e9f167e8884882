"""Amounts of money as a language writes them, with no digit that the interval does not support."""

import math

from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.words import Words

KNOWN = ("JPY", "USD", "EUR", "GBP")
"""Currencies with a sign of their own; others are written with their code."""
SMALL = 10_000
"""Below this no unit such as a million is used."""


def unit_of(largest: float, words: Words) -> tuple[float, str]:
    """Return the unit that an amount of this size is written in, and its name; 1 and none."""
    found = (1.0, "")
    for each in words("money.units").split(";"):
        size, _, name = each.partition(":")
        if abs(largest) >= max(float(size), SMALL):
            found = float(size), name.strip()
    return found


def unit_name(unit: str, currency: str, words: Words) -> str:
    """Return what an axis is counted in, such as millions of a currency."""
    return _written("", 1.0, (1.0, unit), currency, words)


def money(value: float, currency: str, words: Words, *, places: int, largest: float = 0.0) -> str:
    """Return an amount in its currency.

    Parameters
    ----------
    places : decimals that are supported, tens if negative; at most two are shown
    largest : of the amounts beside it, so that all are written in the same unit
    """
    size, _ = unit = unit_of(max(abs(value), abs(largest)), words)
    kept = round(value, min(places, 2)) + 0.0
    decimals = max(0, min(2, places) + round(math.log10(size)))
    return _written(f"{abs(kept) / size:,.{decimals}f}", kept, unit, currency, words)


def figure(estimate: Estimate, currency: str, words: Words) -> str:
    """Return an estimated amount with the digits that its interval supports."""
    return money(
        estimate.value, currency, words, places=places_of(estimate), largest=_largest(estimate)
    )


def interval(estimate: Estimate, currency: str, words: Words) -> str:
    """Return the ends of an amount's interval, as finely as the amount."""
    if estimate.low == estimate.high:
        return words("figure.no_spread")
    low, high = (
        money(end, currency, words, places=places_of(estimate), largest=_largest(estimate))
        for end in (estimate.low, estimate.high)
    )
    return words("figure.interval", low=low, high=high)


def places_of(estimate: Estimate) -> int:
    """Return how many decimals an amount supports: two digits where nothing is uncertain."""
    if digits.spread(estimate):
        return -math.floor(math.log10(shorter_side(estimate)))
    return 0 if abs(estimate.value) < 1 else 2 - math.floor(math.log10(abs(estimate.value)))


def shorter_side(estimate: Estimate) -> float:
    """Return how far the nearer end of an interval lies, a twentieth of its width at least.

    Ranges of assumptions are lopsided: by half the width, the low end would be rounded to 0.
    """
    sides = estimate.value - estimate.low, estimate.high - estimate.value
    return max(min(sides), (estimate.high - estimate.low) / 20)


def plain(value: float, currency: str, words: Words) -> str:
    """Return an amount that a person gave, with the digits that were given."""
    size, _ = unit = unit_of(value, words)
    return _written(f"{value / size:,.10g}", value, unit, currency, words)


def rounded(value: float, currency: str, words: Words) -> str:
    """Return a rough amount, to two digits."""
    places = 1 - math.floor(math.log10(abs(value))) if value else 0
    return plain(round(value, places), currency, words)


def _written(
    shown: str, signed: float, unit: tuple[float, str], currency: str, words: Words
) -> str:
    known = currency if currency in KNOWN else "other"
    text = words(f"money.{known}", amount=shown, unit=unit[1], code=currency)
    # An amount in no unit leaves the unit's place empty.
    return (digits.MINUS if signed < 0 else "") + " ".join(text.split())


def _largest(estimate: Estimate) -> float:
    return max(abs(estimate.value), abs(estimate.low), abs(estimate.high))
