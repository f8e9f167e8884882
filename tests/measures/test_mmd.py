import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.measures import two_sample
from dohyo.measures.distances import squared_distances
from dohyo.measures.mmd import median_distance, mmd
from worlds import sphere, view_of


@pytest.fixture(autouse=True, scope="module")
def fewer_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(two_sample, "DRAWS", 19)
        yield


def by_loops(image, text, owner, width):
    """The formula, over rows of different groups."""

    def mean(xs, ys):
        return np.mean(
            [
                np.exp(-((x.astype(float) - y) ** 2).sum() / (2 * width**2))
                for g, x in xs
                for h, y in ys
                if g != h
            ]
        )

    images, texts = list(enumerate(image)), list(zip(owner, text, strict=True))
    return mean(images, images) + mean(texts, texts) - 2 * mean(images, texts)


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(3, 12),
    m=st.integers(3, 12),
    d=st.integers(1, 8),
    width=st.floats(0.2, 3.0),
)
def test_it_is_the_double_loop_over_rows_of_different_groups(seed, n, m, d, width):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, m, d)
    apart = np.arange(n, n + m)
    wanted = by_loops(image, text, apart, width)
    assert mmd(view_of(image, text), width).value == pytest.approx(wanted, abs=1e-11)
    owner = np.concatenate([np.arange(3), rng.integers(0, n, m - 3)])
    wanted = by_loops(image, text, owner, width)
    assert mmd(view_of(image, text, owner), width).value == pytest.approx(wanted, abs=1e-11)


def test_the_interval_is_the_jackknifes_by_leaving_each_group_out():
    rng = np.random.default_rng(0)
    image, text = sphere(rng, 7, 3), sphere(rng, 9, 3)
    owner = np.array([0, 1, 2, 3, 4, 5, 6, 6, 0])
    without = np.array(
        [
            by_loops(
                np.delete(image, g, 0), text[owner != g], (owner - (owner > g))[owner != g], 1.0
            )
            for g in range(7)
        ]
    )
    error = np.sqrt(6 / 7 * ((without - without.mean()) ** 2).sum())
    estimate = mmd(view_of(image, text, owner), 1.0)
    assert estimate.high - estimate.value == pytest.approx(2.446912 * error, rel=1e-6)


def test_the_bandwidth_is_the_median_distance_and_copies_do_not_make_it_zero():
    rows = np.array([[0.0, 0], [3, 4], [0, 1], [0, 1]])
    squared = squared_distances(rows)
    assert median_distance(squared) == pytest.approx(np.median([5, 1, 1, 18**0.5, 18**0.5]))
    assert median_distance(squared_distances(np.zeros((9, 2)))) == 1.0
    image, text = sphere(np.random.default_rng(1), 2, 3).repeat(500, 0).reshape(2, 500, 3)
    assert mmd(view_of(image, text)).value == pytest.approx(2 - 2 * np.exp(-0.5))


SPREAD, WIDTH, DIM = 0.5, 1.2, 6


def true_mmd(gap):
    """Closed form for two round Gaussians of the same spread."""
    scale = WIDTH**2 + 2 * SPREAD**2
    return 2 * (WIDTH**2 / scale) ** (DIM / 2) * (1 - np.exp(-(gap**2) / (2 * scale)))


def clouds(seed, gap, n, m, texts_each):
    """Round Gaussians; the texts of an image lean to it and to one another."""
    rng = np.random.default_rng(seed)
    away = np.eye(1, DIM) * gap
    if texts_each is None:
        image, text = rng.normal(size=(n, DIM)), rng.normal(size=(m, DIM))
        return view_of(SPREAD * image, SPREAD * text + away, seed=seed)
    meaning, owner = rng.normal(size=(n, DIM)), np.repeat(np.arange(n), texts_each)
    image = np.sqrt(0.5) * (meaning + rng.normal(size=(n, DIM)))
    text = np.sqrt(0.5) * (meaning[owner] + rng.normal(size=(len(owner), DIM)))
    return view_of(SPREAD * image, SPREAD * text + away, owner, seed=seed)


@pytest.mark.parametrize(
    ("n", "m", "texts_each"),
    [
        pytest.param(60, 0, 1, id="pairs"),
        pytest.param(50, 0, 3, id="three texts each"),
        pytest.param(60, 40, None, id="no pairs"),
    ],
)
def test_the_interval_covers_the_truth_95_percent_of_the_time(n, m, texts_each):
    truth = true_mmd(0.8)
    estimates = [mmd(clouds(s, 0.8, n, m, texts_each), WIDTH) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)
    values = np.array([e.value for e in estimates])
    assert values.mean() == pytest.approx(truth, abs=4 * values.std() / 20)  # unbiased


def test_without_a_gap_the_interval_reaches_zero_and_the_figure_is_as_often_below():
    estimates = [mmd(clouds(s, 0.0, 50, 50, None), WIDTH) for s in range(100)]
    assert sum(e.low == 0.0 for e in estimates) >= binom.ppf(0.001, 100, 0.95)
    assert 30 < sum(e.value < 0 for e in estimates) < 80
