import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.stats.extrapolate import extrapolate

any_order = st.permutations(range(64)).map(np.array)


@given(order=any_order, limit=st.floats(-5, 5), first=st.floats(-5, 5), second=st.floats(-5, 5))
def test_a_bias_of_first_and_second_order_is_removed(order, limit, first, second):
    def biased(keep):
        return limit + first / keep.sum() + second / keep.sum() ** 2

    line, parabola = extrapolate(biased, order)
    assert parabola == pytest.approx(limit, abs=1e-9)
    assert line - limit == pytest.approx(-2 * second / 64**2, abs=1e-9)


def test_every_group_is_in_one_half_and_one_quarter():
    seen = []
    extrapolate(lambda keep: seen.append(keep) or 0.0, np.random.default_rng(0).permutation(21))
    assert [int(sum(part)) for part in (seen[0], sum(seen[1:3]), sum(seen[3:7]))] == [21, 21, 21]


def test_too_few_groups_are_refused():
    with pytest.raises(ValueError, match="15 groups"):
        extrapolate(lambda keep: 0.0, np.arange(15))
