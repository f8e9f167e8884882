import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.stats import binom

from dohyo.engine.moments import moments
from dohyo.measures.frechet_distance import frechet, frechet_distance
from dohyo.rows import unit_rows
from worlds import Population, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40), m=st.integers(2, 40), d=st.integers(1, 12)
)


def sides(seed, n, m, d):
    """Clouds of different shape, also with fewer rows than dimensions."""
    rng = np.random.default_rng(seed)
    wide = np.linspace(0.2, 2.0, d, dtype=np.float32)
    return rng, sphere(rng, n, d), unit_rows(sphere(rng, m, d) * wide + 0.1)


def distance(image, text):
    return frechet_distance(view_of(image, text)).value


def by_scipy(image, text, shrinkage=0.1):
    def shrunk(rows):
        covariance = np.cov(rows.T.astype(float), ddof=0).reshape(rows.shape[1], -1)
        level = np.trace(covariance) / len(covariance)
        return (1 - shrinkage) * covariance + shrinkage * level * np.eye(len(covariance))

    x, y = shrunk(image), shrunk(text)
    half = sqrtm(x).real
    step = image.mean(0, float) - text.mean(0, float)
    return step @ step + np.trace(x + y - 2 * sqrtm(half @ y @ half).real)


@any_sides
def test_it_is_the_formula_with_scipys_matrix_roots(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    assert distance(image, text) == pytest.approx(by_scipy(image, text), abs=1e-5)


@any_sides
def test_a_rotation_and_a_shuffle_change_nothing(seed, n, m, d):
    rng, image, text = sides(seed, n, m, d)
    turned = turn(rng, d).astype(np.float32)
    moved = distance(rng.permutation(image) @ turned, text @ turned)
    assert moved == pytest.approx(distance(image, text), abs=1e-5)


@any_sides
def test_the_sides_may_be_swapped(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    assert distance(text, image) == pytest.approx(distance(image, text), abs=1e-6)


def test_a_cloud_is_at_distance_zero_from_itself():
    rows = sphere(np.random.default_rng(0), 30, 50)
    assert distance(rows, rows) == pytest.approx(0.0, abs=1e-7)


def test_the_interval_covers_the_truth_95_percent_of_the_time():
    everybody = Population(4, gap=0.3)
    truth = frechet(moments(everybody.image), moments(everybody.text))
    estimates = [frechet_distance(everybody.sample(s, 200)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


@pytest.mark.parametrize(("d", "n", "corpora"), [(64, 40, 60), (64, 100, 100), (96, 200, 60)])
def test_the_interval_covers_the_truth_with_few_rows_for_the_dimensions(d, n, corpora):
    everybody = Population(d, gap=0.3)
    truth = frechet(moments(everybody.image), moments(everybody.text))
    estimates = [frechet_distance(everybody.sample(s, n)) for s in range(corpora)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert covered >= binom.ppf(0.001, corpora, 0.95)
