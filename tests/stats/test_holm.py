"""Holm's correction: by hand, by an oracle, and in what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.stats.holm import holm

P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def naive(p_values: list[float]) -> list[float]:
    """Adjusted p of each: the largest (how many are left) · p among those at most as large."""
    order = sorted(p_values)
    return [
        max(min(1.0, (len(order) - j) * order[j]) for j in range(order.index(p) + 1))
        for p in p_values
    ]


def test_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.7]) == [0.7]


@given(P_VALUES)
def test_it_agrees_with_a_double_loop(p_values):
    distinct = list(dict.fromkeys(p_values))
    assert holm(distinct) == pytest.approx(naive(distinct))


@given(P_VALUES)
def test_it_only_raises_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert all(p <= a <= 1 for p, a in zip(p_values, adjusted, strict=True))
    by_p = [adjusted[i] for i in np.argsort(p_values, kind="stable")]
    assert by_p == sorted(by_p)


def test_the_family_errs_in_one_of_twenty_at_most():
    rng = np.random.default_rng(0)
    wrong = sum(min(holm(rng.uniform(size=20).tolist())) <= 0.05 for _ in range(2_000))
    assert wrong / 2_000 <= 0.065  # three standard errors above 0.05


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(bad):
    with pytest.raises(ValueError, match="probabilities"):
        holm([0.5, bad])
