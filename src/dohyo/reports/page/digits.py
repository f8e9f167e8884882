"""No figure with more digits than its interval supports."""

import math

from dohyo.estimate import Estimate
from dohyo.words import Words

MOST = 3
NOISE = 1e-9  # of summing floats in another order
MINUS = "\N{MINUS SIGN}"


def decimals(estimate: Estimate) -> int:
    """Return after how many decimals the half-width of the interval has one digit.

    An interval of no width says that every resample agreed, not that the figure is exact: two
    digits are plenty then.
    """
    half = (estimate.high - estimate.low) / 2
    return 2 if half <= NOISE else min(MOST, -math.floor(math.log10(half)))


def spread(estimate: Estimate) -> bool:
    """Return whether the interval has any width, or the value lies off it."""
    ends = estimate.value, estimate.low, estimate.high
    return max(ends) - min(ends) > NOISE


def biased(estimate: Estimate) -> bool:
    """Return whether the plain figure lies outside the interval that corrects it."""
    return not estimate.low - NOISE <= estimate.value <= estimate.high + NOISE


def number(value: float, places: int, *, signed: bool = False) -> str:
    """Return a number with so many decimals (tens if negative), a true minus and no minus zero."""
    rounded = round(value, places) + 0.0
    shown = f"{rounded:.{max(places, 0)}f}"
    if not any(digit in shown for digit in "123456789"):
        return shown.removeprefix("-")
    sign = "+" if signed and rounded > 0 else ""
    return sign + shown.replace("-", MINUS)


def figure(estimate: Estimate, *, signed: bool = False) -> str:
    """Return the value with the digits that its interval supports."""
    return number(estimate.value, decimals(estimate), signed=signed)


def interval(estimate: Estimate, words: Words, *, signed: bool = False) -> str:
    """Return the ends of the interval, as finely as the value."""
    if not spread(estimate):
        return words("figure.no_spread")
    places = decimals(estimate)
    return words(
        "figure.interval",
        low=number(estimate.low, places, signed=signed),
        high=number(estimate.high, places, signed=signed),
    )


def percent(estimate: Estimate, words: Words) -> str:
    """Return a share in percent."""
    return words("figure.percent", value=number(100 * estimate.value, decimals(estimate) - 2))


def level(share: float, words: Words) -> str:
    """Return a share that is no estimate, in whole percents."""
    return words("figure.percent", value=number(100 * share, 0))


def points(estimate: Estimate, words: Words) -> str:
    """Return the interval of a change of a share in percentage points."""
    places = decimals(estimate) - 2
    return words(
        "figure.interval",
        low=number(100 * estimate.low, places, signed=True),
        high=number(100 * estimate.high, places, signed=True),
    )


def chance_of(p: float | None) -> str:
    """Return a p-value, which below a thousandth is only called that."""
    if p is None:
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
