import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corrections.scores.offset import offset_of, thresholds


def lists(seed, queries=30, apart=0.4):
    rng = np.random.default_rng(seed)
    cross = -np.sort(-rng.normal(size=(queries, 10)), axis=1)
    return cross, -np.sort(-(rng.normal(size=(queries, 10)) + apart), axis=1)


def share(cross, same, offset):
    """Count the other modality among the first ten, by sorting."""
    both = np.concatenate([cross + offset, same], axis=1)
    first = np.argsort(-both, axis=1, kind="stable")[:, :10]
    return (first < cross.shape[1]).mean()


@given(seed=st.integers(0, 2**32 - 1), base=st.floats(0.05, 0.95), apart=st.floats(-2, 2))
def test_at_the_offset_the_other_kind_fills_its_base_rate(seed, base, apart):
    cross, same = lists(seed, apart=apart)
    offset = offset_of([thresholds(cross, same, base)], [1.0])
    # 300 places: the share is a step function with steps of 1/300.
    assert share(cross, same, offset) == pytest.approx(base, abs=1 / 300 + 1e-9)


@given(seed=st.integers(0, 2**32 - 1), lift=st.floats(-1, 1))
def test_lifting_the_other_kind_lowers_the_offset_by_as_much(seed, lift):
    cross, same = lists(seed)
    plain = offset_of([thresholds(cross, same, 0.5)], [1.0])
    lifted = offset_of([thresholds(cross + lift, same, 0.5)], [1.0])
    assert lifted == pytest.approx(plain - lift, abs=1e-9)


def test_each_part_counts_by_its_weight_and_not_by_its_queries():
    many, few = lists(1, queries=400), lists(2, queries=20, apart=1.5)
    parts = [thresholds(*many, 0.5), thresholds(*few, 0.5)]
    offset = offset_of(parts, [0.5, 0.5])
    assert (share(*many, offset) + share(*few, offset)) / 2 == pytest.approx(0.5, abs=0.01)
    assert offset_of(parts, [1.0, 0.0]) == offset_of(parts[:1], [1.0])


def test_a_gallery_with_few_of_a_kind_still_has_an_offset():
    cross, same = lists(3)
    cross[:, 4:] = -np.inf  # four items of the other kind: at most four of ten places
    offset = offset_of([thresholds(cross, same, 0.3)], [1.0])
    assert np.isfinite(offset)
    assert share(cross, same, offset) == pytest.approx(0.3, abs=0.01)


def test_a_list_that_only_one_kind_can_fill_asks_for_no_offset():
    cross = np.full((5, 10), -np.inf)
    assert offset_of([thresholds(cross, lists(4)[1][:5], 0.0)], [1.0]) == 0.0
