import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, entropy

from dohyo.engine.moments import moments
from dohyo.errors import CorpusError
from dohyo.measures.effective_rank import effective_rank_image, effective_rank_text
from dohyo.measures.spectrum import effective_rank_of
from worlds import Population, sphere, turn, view_of

any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 40), d=st.integers(2, 16))


def sides(seed, n, d):
    rng = np.random.default_rng(seed)
    wide = np.linspace(0.1, 2.0, d)
    rows = sphere(rng, n, d) * wide
    return rng, sphere(rng, n, d), (rows / np.linalg.norm(rows, axis=1)[:, None]).astype("f4")


@any_sides
def test_it_is_the_entropy_of_numpys_eigenvalues(seed, n, d):
    _, image, text = sides(seed, n, d)
    view = view_of(image, text, np.arange(n))
    for measure, rows in ((effective_rank_image, image), (effective_rank_text, text)):
        values = np.linalg.eigvalsh(np.cov(rows.T.astype(float), ddof=0))
        wanted = np.exp(entropy(np.maximum(values, 0)))
        assert measure(view).value == pytest.approx(wanted, rel=1e-6)
        assert measure(view).value == pytest.approx(moments(rows).effective_rank, rel=1e-4)


@any_sides
def test_a_rotation_and_a_shuffle_change_nothing(seed, n, d):
    rng, image, text = sides(seed, n, d)
    turned = turn(rng, d).astype(np.float32)
    moved = effective_rank_text(view_of(image @ turned, rng.permutation(text) @ turned))
    assert moved.value == pytest.approx(effective_rank_text(view_of(image, text)).value, rel=1e-3)


def test_the_sides_may_be_swapped():
    _, image, text = sides(1, 60, 8)
    assert effective_rank_image(view_of(image, text)) == effective_rank_text(view_of(text, image))


def test_doubled_rows_have_the_same_rank():
    _, image, text = sides(2, 50, 8)
    twice = view_of(np.concatenate([image] * 2), text)
    wanted = effective_rank_image(view_of(image, text)).value
    assert effective_rank_image(twice).value == pytest.approx(wanted)


@pytest.mark.parametrize(("d", "n"), [(8, 100), (16, 200), (48, 200)])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d, n):
    everybody = Population(d, gap=0.3)
    truth = effective_rank_of(everybody.image)
    estimates = [effective_rank_image(everybody.sample(s, n)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert np.mean([e.value for e in estimates]) < truth  # the plain figure is too low
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.97)


@pytest.mark.parametrize("n", [20, 50, 100])
def test_with_few_rows_the_interval_is_wide_and_holds_the_truth(n):
    everybody = Population(64, gap=0.3)
    truth = effective_rank_of(everybody.image)
    estimates = [effective_rank_image(everybody.sample(s, n)) for s in range(60)]
    assert sum(e.low <= truth <= e.high for e in estimates) >= binom.ppf(0.001, 60, 0.95)
    assert all(e.high == 64 for e in estimates)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(3), 5, 3)
    same = np.tile(rows[:1], (2_000, 1))
    with pytest.raises(CorpusError, match=r"^An effective rank needs three groups\. Give more"):
        effective_rank_image(view_of(rows[:2], rows))
    with pytest.raises(CorpusError, match=r"^An effective rank needs rows that differ\. Give"):
        effective_rank_text(view_of(rows, same))


def test_one_odd_row_among_thousands_of_copies_is_one_direction():
    rows = sphere(np.random.default_rng(4), 2, 6)
    estimate = effective_rank_image(view_of(np.repeat(rows, [1, 3_000], axis=0), rows))
    assert estimate.value == pytest.approx(1.0)
    assert estimate.low == 1.0
