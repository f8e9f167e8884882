"""Differences between profiles: what is real, what is chance, what cannot be tested."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from dohyo.estimate import Estimate
from dohyo.measures.difference import differences, number_of_tests
from dohyo.measures.profile import Profile

WIDTH = float(norm.ppf(0.975))


def figure(value: float, error: float, *, bias: float = 0.0) -> Estimate:
    """A figure whose interval has this standard error, off by a bias."""
    low, high = value + bias - WIDTH * error, value + bias + WIDTH * error
    return Estimate(value=value, low=low, high=high, n=100, seed=0)


def profile(**figures: Estimate) -> Profile:
    return Profile(
        estimates=figures, references=dict.fromkeys(figures, 0.0), absent={}, sampled=False
    )


def test_z_by_hand():
    (found,) = differences([profile(mmd=figure(1.0, 0.3)), profile(mmd=figure(2.0, 0.4))])
    assert found.change == pytest.approx(1.0)
    assert found.z == pytest.approx(1.0 / 0.5)
    assert found.p == pytest.approx(2 * norm.sf(2.0))
    assert found.adjusted == found.p
    assert (found.first, found.second) == (0, 1)


def test_every_measure_and_every_pair_is_counted_and_corrected():
    many = [profile(mmd=figure(k, 0.1), cka=figure(0.5, 0.1)) for k in range(3)]
    found = differences(many)
    assert len(found) == number_of_tests(found) == 2 * 3
    assert all(each.adjusted >= each.p for each in found)
    assert all(each.adjusted < 0.05 for each in found if each.measure == "mmd")
    assert all(each.adjusted == 1.0 for each in found if each.measure == "cka")


def test_a_measure_that_one_lacks_is_not_tested():
    assert differences([profile(mmd=figure(1, 0.1)), profile(cka=figure(1, 0.1))]) == ()


@pytest.mark.parametrize("later", [0.9, 1.0])
def test_without_any_width_there_is_no_test(later):
    (found,) = differences([profile(mmd=figure(1.0, 0.0)), profile(mmd=figure(later, 0.0))])
    assert found.change == pytest.approx(later - 1.0)
    assert found.z is found.p is found.adjusted is None
    assert number_of_tests([found]) == 0


def test_a_biased_figure_is_replaced_by_the_middle_of_its_interval_on_both_sides():
    biased, plain = figure(5.0, 0.1, bias=-3.0), figure(2.0, 0.1)
    (found,) = differences([profile(mmd=biased), profile(mmd=plain)])
    assert found.change == pytest.approx(0.0)
    assert math.isclose(found.p, 1.0)


def test_equal_truths_are_told_apart_in_one_of_twenty_alone():
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(1_000):
        one, other = (profile(mmd=figure(float(rng.normal()), 1.0)) for _ in range(2))
        wrong += differences([one, other])[0].p <= 0.05
    assert 0.03 <= wrong / 1_000 <= 0.07  # 0.05 within three standard errors
