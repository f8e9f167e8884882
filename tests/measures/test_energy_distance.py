import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist, pdist
from scipy.stats import binom

from dohyo.measures import two_sample
from dohyo.measures.energy_distance import energy_distance
from worlds import Population, sphere, view_of


@pytest.fixture(autouse=True, scope="module")
def fewer_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(two_sample, "DRAWS", 19)
        yield


any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 20), m=st.integers(3, 20))


@any_sides
def test_it_is_the_difference_of_scipys_mean_distances(seed, n, m):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, 5), sphere(rng, m, 5)
    wanted = 2 * cdist(image, text).mean() - pdist(image).mean() - pdist(text).mean()
    assert energy_distance(view_of(image, text)).value == pytest.approx(wanted, abs=1e-11)


@any_sides
def test_with_pairs_the_rows_of_a_group_are_not_compared(seed, n, m):
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(3), rng.integers(0, n, m - 3)])
    image, text = sphere(rng, n, 5), sphere(rng, m, 5)
    across = cdist(image, text)[np.arange(n)[:, None] != owner].mean()
    within = cdist(text, text)[owner[:, None] != owner].mean()
    wanted = 2 * across - pdist(image).mean() - within
    assert energy_distance(view_of(image, text, owner)).value == pytest.approx(wanted, abs=1e-11)


@any_sides
def test_on_a_line_it_is_the_square_of_scipys_less_the_bias(seed, n, m):
    """scipy counts the distance 0 of a row to itself: its figure is the biased one."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=n), rng.normal(1, 2, size=m)
    # Σ of the distances to itself counted as none is what the unbiased means leave out.
    bias = pdist(x[:, None]).mean() / n + pdist(y[:, None]).mean() / m
    wanted = stats.energy_distance(x, y) ** 2 - bias
    value = energy_distance(view_of(x[:, None], y[:, None])).value
    assert value == pytest.approx(wanted, abs=1e-9)


def test_copies_of_a_row_are_not_apart():
    rows = np.repeat(sphere(np.random.default_rng(0), 2, 100), 30, 0)
    estimate = energy_distance(view_of(rows[:30], rows[30:]))
    wanted = 2 * cdist(rows[:1], rows[30:31])[0, 0]
    assert estimate.value == pytest.approx(wanted, abs=1e-12)


def truth_of(everybody):
    """Rows are drawn with replacement, so a row may meet itself."""
    image, text = everybody.image, everybody.text
    return 2 * cdist(image, text).mean() - cdist(image, image).mean() - cdist(text, text).mean()


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize(("d", "gap"), [(8, 0.3), (64, 0.3)])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d, gap, paired):
    everybody = Population(d, gap=gap)
    truth, covered = truth_of(everybody), 0
    for seed in range(400):
        view = everybody.sample(seed, 50)
        if not paired:
            view = view_of(view.image, everybody.sample(seed + 10**6, 50).text, seed=seed)
        estimate = energy_distance(view)
        covered += estimate.low <= truth <= estimate.high
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)
