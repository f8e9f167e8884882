"""Shares: a published interval, and false alarms within the promise."""

import numpy as np
import pytest

from dohyo.monitor.explain.shares import newcombe, shares


def test_the_interval_is_the_published_one():
    """Newcombe 1998, table II, column (a): 56/70 against 48/80, method 10."""
    assert newcombe(48, 80, 56, 70) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_once_in_a_hundred_at_most_an_unchanged_name_is_called_changed():
    rng = np.random.default_rng(0)
    weight = rng.dirichlet(np.ones(30))
    names = [f"label {each}" for each in range(30)]
    false = 0
    for _ in range(400):
        old, new = (dict(zip(names, rng.multinomial(2_000, weight), strict=True)) for _ in "ab")
        false += bool(shares({"label": old}, {"label": new})[0])
    assert false <= 11  # binomial(400, 0.01), one in a thousand


def test_a_share_that_doubled_is_found_and_without_names_nothing_is_compared():
    found, compared = shares({"label": {"a": 50, "b": 950}}, {"label": {"a": 100, "b": 900}})
    assert [each.name for each in found] == ["a", "b"]
    assert compared == 2
    assert shares({}, {"label": {"a": 1}}) == ((), 0)
