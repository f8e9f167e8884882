import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures import sinkhorn_divergence as module
from dohyo.measures.distances import squared_distances
from dohyo.measures.sinkhorn_divergence import (
    divergence,
    epsilon_of,
    own_share,
    sinkhorn_divergence,
)
from worlds import Population, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 20), m=st.integers(2, 20), d=st.integers(2, 8)
)


def by_pot(x, y, epsilon):
    """The same three problems, their plans from POT."""

    def cost_of(left, right):
        a, b = (np.full(len(side), 1 / len(side)) for side in (left, right))
        cost = ot.dist(left, right)
        plan = ot.bregman.sinkhorn(
            a, b, cost, epsilon, method="sinkhorn_log", numItermax=3_000, stopThr=1e-8, warn=False
        )
        known = plan > 0
        blur = (plan[known] * np.log(plan[known] / np.outer(a, b)[known])).sum()
        return (plan * cost).sum() + epsilon * blur

    return cost_of(x, y) - cost_of(x, x) / 2 - cost_of(y, y) / 2


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 20),
    m=st.integers(2, 20),
    epsilon=st.floats(0.3, 3.0),
)
def test_it_is_the_divergence_of_pots_plans(seed, n, m, epsilon):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, 4), sphere(rng, m, 4)
    theirs = by_pot(image.astype(float), text.astype(float), epsilon)
    assert sinkhorn_divergence(view_of(image, text), epsilon).value == pytest.approx(
        theirs, abs=1e-6
    )


def test_with_a_wide_blur_it_is_pots_own_divergence():
    """POT leaves the entropy out of the figure; with a wide blur there is none to leave out."""
    rng = np.random.default_rng(0)
    image, text = sphere(rng, 30, 5), sphere(rng, 20, 5) * 0.6 + 0.4
    theirs = ot.bregman.empirical_sinkhorn_divergence(image.astype(float), text.astype(float), 300)
    assert sinkhorn_divergence(view_of(image, text), 300.0).value == pytest.approx(
        float(theirs), abs=1e-3
    )


def test_several_weightings_at_once_are_as_each_alone():
    rng = np.random.default_rng(1)
    rows = sphere(rng, 24, 3)
    keep = rng.random((24, 6)) < 0.6
    keep[[0, 12]] = True
    weight = keep.astype(float)
    x, y = (side / side.sum(0) for side in (weight[:10], weight[10:]))
    together = divergence(squared_distances(rows), x, y, 0.4)
    for column in range(6):
        image, text = rows[:10][keep[:10, column]], rows[10:][keep[10:, column]]
        assert together[column] == pytest.approx(
            by_pot(image.astype(float), text.astype(float), 0.4), abs=1e-6
        )


def test_a_tiny_blur_does_not_overflow_and_gives_the_exact_transport():
    rng = np.random.default_rng(2)
    image, text = sphere(rng, 15, 3), sphere(rng, 15, 3)
    half = np.full(15, 1 / 15)
    exact = ot.emd2(half, half, ot.dist(image.astype(float), text.astype(float)))
    value = sinkhorn_divergence(view_of(image, text), 1e-3).value
    assert value == pytest.approx(exact, abs=0.01)


@any_sides
def test_a_rotation_a_shuffle_a_swap_and_copies_of_all_rows_change_nothing(seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text, turned = sphere(rng, n, d), sphere(rng, m, d), turn(rng, d).astype(np.float32)
    still = sinkhorn_divergence(view_of(image, text), 0.3).value
    for moved in (
        view_of(rng.permutation(image) @ turned, text @ turned),
        view_of(text, image),
        view_of(image.repeat(2, 0), text),
    ):
        assert sinkhorn_divergence(moved, 0.3).value == pytest.approx(still, abs=1e-5)


def test_a_pure_shift_reads_its_squared_length_at_any_blur():
    rng = np.random.default_rng(3)
    rows, shift = sphere(rng, 40, 6), sphere(rng, 1, 6) * 0.7
    for epsilon in (0.05, 0.5, 5.0, None):
        estimate = sinkhorn_divergence(view_of(rows, rows + shift), epsilon)
        assert estimate.value == pytest.approx(0.49, abs=1e-4)


def test_the_blur_is_a_quarter_of_the_mean_squared_distance():
    rows = sphere(np.random.default_rng(4), 9, 3).astype(float)
    apart = [((a - b) ** 2).sum() for i, a in enumerate(rows) for b in rows[:i]]
    assert epsilon_of(squared_distances(rows)) == pytest.approx(np.mean(apart) / 4)
    assert epsilon_of(np.zeros((4, 4))) == 1.0


def coverage(d, n, gap, pairs, corpora):
    everybody = Population(d, gap=gap)
    cost = squared_distances(np.concatenate([everybody.image, everybody.text]))
    epsilon, alike = epsilon_of(cost), np.full((1_000, 1), 1e-3)
    truth = float(divergence(cost, alike, alike, epsilon)[0])
    covered = 0
    for seed in range(corpora):
        view = everybody.sample(seed, n)
        if not pairs:
            view = view_of(view.image, everybody.sample(seed + 10**6, n).text, seed=seed)
        estimate = sinkhorn_divergence(view, epsilon)
        covered += estimate.low <= truth <= estimate.high
    return covered, own_share(squared_distances(view.image), epsilon)


@pytest.mark.parametrize("pairs", [True, False])
def test_the_interval_covers_the_truth_95_percent_of_the_time(pairs):
    covered, alone = coverage(4, 100, 0.3, pairs, 400)
    assert alone < module.ALONE
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


@pytest.mark.parametrize("gap", [0.0, 0.3])
@pytest.mark.parametrize(("d", "n"), [(8, 40), (64, 100)])
def test_with_few_rows_for_the_blur_the_interval_is_wide_and_covers(d, n, gap):
    covered, alone = coverage(d, n, gap, True, 60)
    assert alone > module.ALONE
    assert covered >= binom.ppf(0.001, 60, 0.95)


def test_equal_sides_are_no_gap():
    rows = sphere(np.random.default_rng(5), 30, 5)
    same = np.tile(rows[:1], (30, 1))
    for side in (rows, same, same[:, :1]):
        estimate = sinkhorn_divergence(view_of(side, side, np.arange(30)))
        assert estimate.value == pytest.approx(0.0, abs=1e-9)
        assert estimate.low == pytest.approx(0.0, abs=1e-9)


def test_thousands_of_copies_and_far_clumps_get_a_figure():
    clumps = np.repeat(np.eye(2, 8, dtype=np.float32) * [[1], [-1]], 1_500, 0).astype(np.float32)
    estimate = sinkhorn_divergence(view_of(clumps, clumps[::-1]))
    assert 0 <= estimate.low <= estimate.high < 0.1
    assert estimate.n == 2_000  # a thousand of each side


def test_an_outlier_on_both_sides_that_a_block_leaves_without_its_twin_overflows_nothing():
    rows = np.repeat(sphere(np.random.default_rng(7), 1, 6), 200, 0)
    rows[0] *= -1
    estimate = sinkhorn_divergence(view_of(rows, rows))
    assert estimate.value == pytest.approx(0.0, abs=1e-9)
    assert 0 <= estimate.low <= estimate.high < 0.1


@pytest.mark.parametrize(("images", "texts", "side"), [(1, 9, "images"), (9, 1, "texts")])
def test_where_it_cannot_be_taken_it_says_why(images, texts, side):
    rng = np.random.default_rng(6)
    with pytest.raises(CorpusError, match=rf"needs {side} in two groups\. Give more items\.$"):
        sinkhorn_divergence(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
