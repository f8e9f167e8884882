import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import laplacian
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.laplacian_gap import affinity, laplacian_gap, spectral_gap
from dohyo.rows import unit_rows
from worlds import Population, sphere, turn, view_of

any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 70), m=st.integers(4, 70))


def by_csgraph(image, text, strangers):
    score = image.astype(float) @ text.T.astype(float)
    there = score[strangers]
    weight = np.where(strangers, np.exp((score - there.mean()) / there.std()), 0.0)
    n, m = weight.shape
    graph = np.block([[np.zeros((n, n)), weight], [weight.T, np.zeros((m, m))]])
    return np.linalg.eigvalsh(laplacian(graph, normed=True))[1]


@any_sides
def test_it_is_the_second_eigenvalue_of_scipys_laplacian(seed, n, m):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, 5), sphere(rng, m, 5)
    wanted = by_csgraph(image, text, np.ones((n, m), bool))
    assert laplacian_gap(view_of(image, text)).value == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("n", [12, 80])
def test_a_pairs_own_edge_is_left_out(n):
    rng = np.random.default_rng(n)
    image = sphere(rng, n, 6)
    text = unit_rows(image + 0.1 * sphere(rng, n, 6))
    wanted = by_csgraph(image, text, ~np.eye(n, dtype=bool))
    estimate = laplacian_gap(view_of(image, text, np.arange(n)))
    assert estimate.value == pytest.approx(wanted, abs=1e-4)


@any_sides
def test_a_rotation_a_shuffle_and_a_swap_change_nothing(seed, n, m):
    rng = np.random.default_rng(seed)
    image, text, turned = sphere(rng, n, 5), sphere(rng, m, 5), turn(rng, 5).astype("f4")
    there = laplacian_gap(view_of(image, text)).value
    moved = laplacian_gap(view_of(rng.permutation(image) @ turned, text @ turned)).value
    assert moved == pytest.approx(there, abs=1e-4)
    assert laplacian_gap(view_of(text, image)).value == pytest.approx(there, abs=1e-4)


def test_topics_apart_bring_it_down_and_a_shift_does_not():
    rng = np.random.default_rng(0)
    values = []
    for apart in (0.0, 1.0, 3.0):
        topic = np.where(rng.integers(0, 2, (2, 150)), apart, -apart)
        rows = rng.normal(size=(2, 150, 20)) * 0.3
        rows[:, :, 0] += topic
        rows[:, :, 1] += 3.0
        values.append(laplacian_gap(view_of(*map(unit_rows, rows))).value)
    assert values[0] > values[1] > values[2]
    shifted = 0.7 * (sphere(rng, 100, 6) @ sphere(rng, 90, 6).T)
    everyone = np.ones((100, 90), bool)
    assert spectral_gap(shifted - 0.3, everyone) == pytest.approx(spectral_gap(shifted, everyone))


@pytest.mark.parametrize(("d", "n"), [(8, 100), (32, 100)])
def test_the_interval_holds_the_truth_at_least_95_percent_of_the_time(d, n):
    everybody = Population(d, gap=0.3)
    everyone = np.ones((1_000, 1_000), bool)
    truth = spectral_gap(everybody.image.astype(float) @ everybody.text.T, everyone)
    estimates = [laplacian_gap(everybody.sample(s, n)) for s in range(400)]
    assert sum(e.low <= truth <= e.high for e in estimates) >= binom.ppf(0.001, 400, 0.95)
    assert np.mean([e.high - e.low for e in estimates]) < 0.5  # wide, but it says something


def test_equal_rows_are_one_piece():
    same = np.tile(sphere(np.random.default_rng(1), 1, 3), (1_500, 1))
    estimate = laplacian_gap(view_of(same, same))
    assert (estimate.value, estimate.high) == (1.0, 1.0)


def test_one_far_score_among_thousands_does_not_overflow():
    score = np.zeros((2_000, 50))
    score[0, 0] = 1.0
    assert np.isfinite(affinity(score, np.ones(score.shape, bool))).all()
    assert 0.0 <= spectral_gap(score, np.ones(score.shape, bool)) <= 1.0


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(2), 9, 4)
    with pytest.raises(CorpusError, match=r"^The graph of images and texts needs 4 of each\. Give"):
        laplacian_gap(view_of(rows[:3], rows))
    with pytest.raises(CorpusError, match=r"\. Give more items\.$"):
        laplacian_gap(view_of(rows, rows, np.zeros(9, int)))
