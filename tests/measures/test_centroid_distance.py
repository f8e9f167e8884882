import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import euclidean
from scipy.stats import binom

from dohyo.measures.centroid_distance import centroid_distance
from worlds import Population, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40), m=st.integers(2, 40), d=st.integers(1, 16)
)


def sides(seed, n, m, d):
    rng = np.random.default_rng(seed)
    return rng, sphere(rng, n, d), sphere(rng, m, d)


def distance(image, text):
    return centroid_distance(view_of(image, text)).value


@any_sides
def test_it_is_scipys_distance_of_the_means(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    wanted = euclidean(image.astype(float).sum(0) / n, text.astype(float).sum(0) / m)
    # Rows are scaled to length 1 in float32 on their way in.
    assert distance(image, text) == pytest.approx(wanted, abs=1e-6)


@any_sides
def test_a_rotation_and_a_shuffle_change_nothing(seed, n, m, d):
    rng, image, text = sides(seed, n, m, d)
    turned = turn(rng, d).astype(np.float32)
    assert distance(rng.permutation(image) @ turned, text @ turned) == pytest.approx(
        distance(image, text), abs=1e-5
    )  # the rounding of float32 products


@any_sides
def test_the_sides_may_be_swapped(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    assert distance(text, image) == distance(image, text)


def test_the_interval_covers_the_truth_95_percent_of_the_time():
    everybody = Population(8, gap=0.3)
    truth = euclidean(everybody.image.mean(0, float), everybody.text.mean(0, float))
    estimates = [centroid_distance(everybody.sample(s, 100)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_without_a_gap_the_interval_reaches_zero_however_far_the_figure_is_above():
    """The figure of two samples of one cloud is never 0; the interval must not be fooled."""
    estimates = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        estimates.append(centroid_distance(view_of(sphere(rng, 60, 32), sphere(rng, 60, 32))))
    assert min(e.value for e in estimates) > 0.1
    assert sum(e.low == 0.0 for e in estimates) >= binom.ppf(0.001, 100, 0.95)


def test_sides_that_coincide_are_at_distance_zero():
    rows = sphere(np.random.default_rng(0), 30, 5)
    estimate = centroid_distance(view_of(rows, rows, np.arange(30)))
    assert (estimate.value, estimate.low, estimate.high) == (0.0, 0.0, 0.0)
