"""No more digits than the interval supports."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.words import Words

REAL = st.floats(-5, 5, allow_nan=False)


def estimate(value: float, low: float, high: float, n: int = 500) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, seed=0)


@given(value=REAL, middle=REAL, half=st.floats(1e-9, 2))
def test_the_last_digit_is_no_finer_than_the_half_width_allows(value, middle, half):
    found = estimate(value, middle - half, middle + half)
    half = (found.high - found.low) / 2  # as the rounding of floats left it
    assume(half > digits.NOISE)
    step = 10.0 ** -digits.decimals(found)
    assert step <= 10 ** -math.floor(math.log10(half)) or step == 10.0**-digits.MOST
    assert step > half / 10 * (1 - 1e-9)
    assert step <= half * (1 + 1e-9) or step == 10.0**-digits.MOST
    shown = float(digits.figure(found).replace(digits.MINUS, "-"))
    assert abs(shown - value) <= step / 2 + 1e-9


@given(value=REAL, places=st.integers(0, 3), signed=st.booleans())
def test_signs_are_true_and_zero_has_none(value, places, signed):
    shown = digits.number(value, places, signed=signed)
    assert "-" not in shown
    if float(shown.replace(digits.MINUS, "-")) == 0:
        assert shown[0] == "0"
    else:
        assert (shown[0] == digits.MINUS) == (value < 0)
        assert (shown[0] == "+") == (signed and value > 0)


@pytest.mark.parametrize(
    ("found", "shown", "ends"),
    [
        (estimate(0.69478, 0.6612, 0.7311), "0.69", "0.66 to 0.73"),
        (estimate(0.0061, -0.0181, 0.0279), "0.01", "−0.02 to 0.03"),
        (estimate(0.5, 0.2, 0.8), "0.5", "0.2 to 0.8"),
        (estimate(0.98123, 0.98121, 0.98124), "0.981", "0.981 to 0.981"),
        (estimate(0.0, 0.0, 0.0), "0.00", "no spread"),
        (estimate(4 / 9, 4 / 9 - 1e-16, 4 / 9, n=5), "0.44", "no spread"),
    ],
)
def test_figures_and_intervals(found, shown, ends):
    assert digits.figure(found) == shown
    assert digits.interval(found, Words()) == ends


def test_percents_follow_the_same_rule():
    assert digits.percent(estimate(0.853, 0.83, 0.88), Words()) == "85%"
    assert digits.percent(estimate(0.853, 0.6, 1.0), Words()) == "90%"
    assert digits.percent(estimate(0.0021, 0.0, 0.005), Words()) == "0.2%"
    assert digits.points(estimate(0.85, 0.83, 0.88), Words()) == "+83 to +88"


@pytest.mark.parametrize(
    ("p", "shown"), [(0.0005, "< 0.001"), (0.0123, "0.012"), (0.7, "0.70"), (None, "")]
)
def test_p_values(p, shown):
    assert digits.chance_of(p) == shown
