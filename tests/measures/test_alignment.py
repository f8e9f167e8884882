import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import sqeuclidean
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.alignment import alignment
from worlds import Population, sphere, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 30), d=st.integers(1, 10))


def some_pairs(seed, n, d):
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(n), rng.integers(0, n, 5)])
    return rng, sphere(rng, n, d), sphere(rng, n + 5, d), owner


@any_pairs
def test_it_is_the_papers_formula_by_scipy(seed, n, d):
    _, image, text, owner = some_pairs(seed, n, d)
    rows = zip(image[owner].astype(float), text.astype(float), strict=True)
    wanted = np.mean([sqeuclidean(x, y) for x, y in rows])
    assert alignment(view_of(image, text, owner)).value == pytest.approx(wanted, abs=1e-9)


@any_pairs
def test_a_rotation_and_a_shuffle_of_whole_groups_change_nothing(seed, n, d):
    rng, image, text, owner = some_pairs(seed, n, d)
    turned, order = turn(rng, d).astype(np.float32), rng.permutation(n)
    moved = alignment(view_of(image[order] @ turned, text @ turned, np.argsort(order)[owner]))
    before = alignment(view_of(image, text, owner))
    assert moved.value == pytest.approx(before.value, abs=1e-5)
    assert moved.high == pytest.approx(before.high, abs=1e-4)


def test_the_sides_may_be_swapped():
    _, image, text, _ = some_pairs(1, 20, 6)
    pairs = np.arange(20)
    assert alignment(view_of(image, text[:20], pairs)) == alignment(
        view_of(text[:20], image, pairs)
    )


def test_every_pair_given_twice_is_no_more_certain():
    """Captions of one picture come together: copies must not narrow the interval."""
    rng = np.random.default_rng(2)
    image, text = sphere(rng, 40, 6), sphere(rng, 40, 6)
    once = alignment(view_of(image, text, np.arange(40)))
    twice = alignment(view_of(image, np.concatenate([text] * 2), np.tile(np.arange(40), 2)))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


def test_each_leave_one_out_figure_is_the_mean_without_that_group():
    _, image, text, owner = some_pairs(5, 12, 6)
    square = ((image[owner].astype(float) - text) ** 2).sum(1)
    without = [square[owner != group].mean() for group in range(12)]
    error = np.sqrt(11 / 12 * ((without - np.mean(without)) ** 2).sum())
    estimate = alignment(view_of(image, text, owner))
    assert estimate.high - estimate.value == pytest.approx(2.200985 * error, rel=1e-4)


@pytest.mark.parametrize("d", [8, 32])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d):
    everybody = Population(d, gap=0.3)
    truth = ((everybody.image.astype(float) - everybody.text) ** 2).sum(1).mean()
    estimates = [alignment(everybody.sample(s, 100)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_equal_rows_are_at_distance_zero():
    same = np.tile(sphere(np.random.default_rng(3), 1, 4), (1_000, 1))
    estimate = alignment(view_of(same, same, np.arange(1_000)))
    assert (estimate.value, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(4), 5, 3)
    with pytest.raises(CorpusError, match=r"^Alignment needs pairs\. Give text_to_image\.$"):
        alignment(view_of(rows, rows))
    with pytest.raises(CorpusError, match=r"^Alignment needs two pairs\. Give more pairs\.$"):
        alignment(view_of(rows[:1], rows[:1], np.zeros(1, int)))
