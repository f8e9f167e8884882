import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.cka import cka
from dohyo.rows import unit_rows
from worlds import Population, paired, sphere, strangers, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(6, 30), d=st.integers(2, 10))


def of(corpus):
    return cka(view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image))


def unbiased(k, other):
    """Song et al. 2007, equation 5, word for word."""
    n = len(k)
    k, other = k - np.diag(np.diag(k)), other - np.diag(np.diag(other))
    one = np.ones(n)
    first = np.trace(k @ other)
    second = one @ k @ one * (one @ other @ one) / ((n - 1) * (n - 2))
    return (first + second - 2 / (n - 2) * one @ k @ other @ one) / (n * (n - 3))


def by_formula(x, y):
    k, other = x.astype(float) @ x.T, y.astype(float) @ y.T
    return unbiased(k, other) / np.sqrt(unbiased(k, k) * unbiased(other, other))


@any_pairs
def test_it_is_the_formula_of_the_papers(seed, n, d):
    rng = np.random.default_rng(seed)
    image = sphere(rng, n, d)
    text = unit_rows(image + sphere(rng, n, d))
    estimate = cka(view_of(image, text, np.arange(n)))
    assert estimate.value == pytest.approx(np.clip(by_formula(image, text), -1, 1), abs=1e-6)


def test_each_leave_one_out_figure_is_the_formula_without_that_row():
    corpus = paired(np.random.default_rng(0), 12, 5)
    image, text = corpus.unit("image"), corpus.unit("text")
    without = [by_formula(np.delete(image, i, 0), np.delete(text, i, 0)) for i in range(12)]
    error = np.sqrt(11 / 12 * ((without - np.mean(without)) ** 2).sum())
    estimate = of(corpus)
    assert estimate.value - estimate.low == pytest.approx(2.200985 * error, rel=1e-4)


def test_with_many_rows_it_is_the_plain_form_with_centring_matrices():
    corpus = paired(np.random.default_rng(1), 800, 4)
    middle = np.eye(800) - 1 / 800
    k, other = (middle @ (r @ r.T) @ middle for r in (corpus.unit("image"), corpus.unit("text")))
    plain = (k * other).sum() / np.sqrt((k * k).sum() * (other * other).sum())
    assert of(corpus).value == pytest.approx(plain, abs=0.005)  # a bias of order 1/n


@any_pairs
def test_turning_either_side_and_shuffling_pairs_change_nothing(seed, n, d):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, n, d)
    order = rng.permutation(n)
    moved = cka(view_of(image @ turn(rng, d).astype("f4"), text[order], order))
    assert moved.value == pytest.approx(cka(view_of(image, text, np.arange(n))).value, abs=1e-4)
    swapped = cka(view_of(text, image, np.arange(n)))
    assert swapped.value == pytest.approx(moved.value, abs=1e-4)


def test_several_equal_texts_count_as_one():
    corpus = paired(np.random.default_rng(2), 40, 6)
    image, text = corpus.unit("image"), corpus.unit("text")
    three = cka(view_of(image, np.repeat(text, 3, 0), np.repeat(np.arange(40), 3)))
    assert three.value == pytest.approx(of(corpus).value, abs=1e-6)


def test_the_same_arrangement_is_one_and_dealt_pairs_are_zero_on_average():
    rows = sphere(np.random.default_rng(3), 30, 40)
    assert cka(view_of(rows, rows, np.arange(30))).value == pytest.approx(1.0)
    values = [of(strangers(np.random.default_rng(s), 30, 40)).value for s in range(300)]
    assert np.mean(values) == pytest.approx(0.0, abs=4 * np.std(values) / 300**0.5)


@pytest.mark.parametrize("d", [8, 16])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d):
    everybody = Population(d, gap=0.3)
    x, y = (side - side.mean(0, float) for side in (everybody.image, everybody.text))
    truth = ((x.T @ y) ** 2).sum() / np.sqrt(((x.T @ x) ** 2).sum() * ((y.T @ y) ** 2).sum())
    estimates = [cka(everybody.sample(s, 100)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.97)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(4), 8, 3)
    same = np.tile(rows[:1], (8, 1))
    with pytest.raises(CorpusError, match=r"^CKA needs pairs\. Give text_to_image\.$"):
        cka(view_of(rows, rows))
    with pytest.raises(CorpusError, match=r"^CKA needs 5 pairs, there are 4\. Give more pairs\.$"):
        cka(view_of(rows[:4], rows[:4], np.arange(4)))
    with pytest.raises(CorpusError, match=r"^CKA needs rows that differ\. Give"):
        cka(view_of(rows, same, np.arange(8)))


def test_two_kinds_of_rows_are_enough_but_one_odd_row_is_not():
    two = sphere(np.random.default_rng(5), 2, 6)
    rows = np.repeat(two, [250, 250], axis=0)
    assert cka(view_of(rows, rows, np.arange(500))).value == pytest.approx(1.0)
    rows = np.repeat(two, [1, 500], axis=0)
    with pytest.raises(CorpusError, match=r"^CKA needs rows that differ\. Give"):
        cka(view_of(rows, rows, np.arange(501)))
