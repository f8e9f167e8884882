import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.distance_correlation import distance_correlation
from dohyo.rows import unit_rows
from worlds import Population, paired, sphere, strangers, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(5, 30), d=st.integers(2, 10))


def of(corpus):
    view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    return distance_correlation(view)


def by_scipy(image, text):
    x, y = (pdist(side.astype(float), "cosine") for side in (image, text))
    return np.corrcoef(x, y)[0, 1]


@any_pairs
def test_it_is_numpys_correlation_of_scipys_distances(seed, n, d):
    rng = np.random.default_rng(seed)
    image = sphere(rng, n, d)
    text = unit_rows(image + sphere(rng, n, d))
    estimate = distance_correlation(view_of(image, text, np.arange(n)))
    assert estimate.value == pytest.approx(by_scipy(image, text), abs=1e-5)


def test_each_leave_one_out_figure_is_the_correlation_without_that_pair():
    corpus = paired(np.random.default_rng(0), 12, 5)
    image, text = corpus.unit("image"), corpus.unit("text")
    without = [by_scipy(np.delete(image, i, 0), np.delete(text, i, 0)) for i in range(12)]
    error = np.sqrt(11 / 12 * ((without - np.mean(without)) ** 2).sum())
    estimate = of(corpus)
    assert estimate.value - estimate.low == pytest.approx(2.200985 * error, rel=1e-4)


@any_pairs
def test_turning_either_side_and_shuffling_pairs_change_nothing(seed, n, d):
    rng = np.random.default_rng(seed)
    image, text, order = sphere(rng, n, d), sphere(rng, n, d), rng.permutation(n)
    moved = distance_correlation(view_of(image @ turn(rng, d).astype("f4"), text[order], order))
    there = distance_correlation(view_of(image, text, np.arange(n)))
    back = distance_correlation(view_of(text, image, np.arange(n)))
    assert moved.value == pytest.approx(there.value, abs=1e-3)
    assert back.value == pytest.approx(there.value, abs=1e-9)


def test_several_texts_are_averaged():
    corpus = paired(np.random.default_rng(1), 30, 6, texts_each=3)
    mean = unit_rows(corpus.unit("text").reshape(30, 3, 6).mean(1, dtype=float))
    assert of(corpus).value == pytest.approx(by_scipy(corpus.unit("image"), mean), abs=1e-6)


def test_dealt_pairs_are_zero_on_average():
    values = [of(strangers(np.random.default_rng(s), 30, 8)).value for s in range(300)]
    assert np.mean(values) == pytest.approx(0.0, abs=4 * np.std(values) / 300**0.5)


def test_the_interval_covers_the_truth_95_percent_of_the_time():
    everybody = Population(8, gap=0.3)
    x, y = everybody.image.astype(float), everybody.text.astype(float)
    truth = np.corrcoef((x @ x.T).ravel(), (y @ y.T).ravel())[0, 1]
    estimates = [distance_correlation(everybody.sample(s, 100)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(2), 8, 3)
    same = np.tile(rows[:1], (8, 1))
    with pytest.raises(CorpusError, match=r"^Distance correlation needs pairs\. Give text_to"):
        distance_correlation(view_of(rows, rows))
    with pytest.raises(CorpusError, match=r"needs 4 pairs, there are 3\. Give more pairs\.$"):
        distance_correlation(view_of(rows[:3], rows[:3], np.arange(3)))
    with pytest.raises(CorpusError, match=r"needs distances that differ\. Give"):
        distance_correlation(view_of(rows, same, np.arange(8)))


def test_one_odd_row_among_copies_gives_a_figure():
    rows = np.repeat(sphere(np.random.default_rng(3), 2, 6), [1, 1_500], axis=0)
    assert distance_correlation(view_of(rows, rows, np.arange(1_501))).value == pytest.approx(1.0)
