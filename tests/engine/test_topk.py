import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dohyo.engine.topk import topk

# Few different values, so that most rows have ties at the cut.
scores = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 1.0]),
)


def in_full(row, k):
    return sorted(range(len(row)), key=lambda column: (-row[column], column))[:k]


@given(scores=scores, k=st.integers(1, 15))
def test_it_is_the_head_of_a_full_sort_with_equal_scores_by_column(scores, k):
    np.testing.assert_array_equal(topk(scores, k), [in_full(row, k) for row in scores])


def test_ties_at_the_cut_of_a_long_row_go_by_column_too():
    long = np.random.default_rng(0).integers(0, 4, size=(50, 300)).astype(np.float32)
    np.testing.assert_array_equal(topk(long, 10), [in_full(row, 10) for row in long])


def test_no_column_is_found_twice():
    found = topk(np.zeros((3, 40)), 10)
    assert all(len(set(row)) == 10 for row in found.tolist())
