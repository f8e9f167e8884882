import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, skew
from sklearn.neighbors import NearestNeighbors

from dohyo.errors import CorpusError
from dohyo.measures import hub_share as hubs
from dohyo.measures import hubness_within as within
from dohyo.measures.hub_share import hub_share, top_share
from dohyo.measures.hubness_cross import as_within, hubness_cross
from dohyo.measures.hubness_within import hubness_within, skewness
from dohyo.measures.k_occurrence import occurrences
from worlds import paired, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(21, 50),
    m=st.integers(21, 50),
    d=st.integers(3, 9),
)
MEASURES = (hubness_within, hubness_cross, hub_share)


def sides(seed, n, m, d):
    rng = np.random.default_rng(seed)
    return rng, sphere(rng, n, d), sphere(rng, m, d)


def counts_by_sklearn(queries, items, *, itself):
    found = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(items)
    index = found.kneighbors(None if itself else queries, return_distance=False)
    return np.bincount(index.ravel(), minlength=len(items))


@any_sides
def test_they_are_the_moments_of_the_counts_that_sklearn_finds(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    view, union = view_of(image, text), np.concatenate([image, text])
    own = [skew(counts_by_sklearn(x, x, itself=True)) for x in (image, text)]
    other = [
        skew(counts_by_sklearn(*pair, itself=False)) for pair in ((image, text), (text, image))
    ]
    assert hubness_within(view).value == pytest.approx(np.mean(own), abs=1e-9)
    assert hubness_cross(view).value == pytest.approx(np.mean(other), abs=1e-9)
    counts = counts_by_sklearn(union, union, itself=True)
    wanted = (n + m) * 0.01 * counts.max() / counts.sum()  # fewer than 101 items: part of one
    assert hub_share(view).value == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=20)
@any_sides
def test_a_rotation_and_a_swap_change_nothing(seed, n, m, d):
    rng, image, text = sides(seed, n, m, d)
    turned = turn(rng, d).astype(np.float32)
    one, other = view_of(image, text), view_of(text @ turned, image @ turned)
    for measure in MEASURES:
        assert measure(other).value == pytest.approx(measure(one).value, abs=0.05)


def test_leaving_groups_out_is_searching_without_them():
    corpus = paired(np.random.default_rng(0), 80, 6)
    view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.groups("text"))
    keep = np.random.default_rng(1).random(80) < 0.5
    image, text = view.split(keep)
    alone = view_of(image, text)
    everything = np.ones(alone.groups, dtype=bool)
    for name in ("within", "cross"):
        for part, whole in zip(
            getattr(occurrences(alone), name), getattr(occurrences(view), name), strict=True
        ):
            np.testing.assert_array_equal(whole.counts(keep), part.counts(everything))


def test_the_top_hundredth_of_counts_is_a_naive_sum():
    counts = np.random.default_rng(2).poisson(10, 250)
    best = sorted(counts, reverse=True)
    assert top_share(counts) == pytest.approx((best[0] + best[1] + best[2] / 2) / counts.sum())
    assert skewness(np.full(9, 4)) == 0.0


def test_what_chance_gives_is_what_neighbours_drawn_by_lot_give():
    rng = np.random.default_rng(3)
    view = view_of(sphere(rng, 300, 4), sphere(rng, 300, 4))
    skews, shares = [], []
    for _ in range(200):
        skews.append(skewness(rng.binomial(299, 10 / 299, 300)))
        shares.append(top_share(rng.binomial(599, 10 / 599, 600)))
    assert within.by_chance(view) == pytest.approx(np.mean(skews), abs=0.04)
    assert hubs.by_chance(view) == pytest.approx(np.mean(shares), rel=0.02)


def test_a_hub_is_seen():
    rng = np.random.default_rng(4)
    corpus = paired(rng, 300, 64, gap=1.0)
    apart = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    assert hubness_within(apart).low > within.by_chance(apart)
    assert hub_share(apart).low > hubs.by_chance(apart)
    assert as_within(apart) == hubness_within(apart).value
    level = view_of(sphere(rng, 300, 3), sphere(rng, 300, 3))
    assert hubness_within(level).value < 0.5 < hubness_within(apart).value


@pytest.fixture(scope="module")
def redrawn():
    views = []
    for seed in range(400):
        corpus = paired(np.random.default_rng(seed), 100, 8, gap=0.3, noise=0.8)
        views.append(
            view_of(corpus.unit("image"), corpus.unit("text"), corpus.groups("text"), seed=seed)
        )
    return views


@pytest.mark.parametrize("measure", MEASURES)
def test_the_interval_covers_what_corpora_of_this_size_show(redrawn, measure):
    estimates = [measure(view) for view in redrawn]
    truth = np.mean([e.value for e in estimates])  # over 400 corpora: a twentieth of an interval
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert 0.925 * 400 <= covered <= max(0.98 * 400, binom.ppf(0.999, 400, 0.95))


def test_with_too_few_items_it_says_why():
    rng = np.random.default_rng(5)
    for measure in MEASURES:
        with pytest.raises(
            CorpusError, match=r"^Hubness needs more than 20 items of each kind, th"
        ):
            measure(view_of(sphere(rng, 20, 4), sphere(rng, 60, 4)))


@pytest.mark.parametrize("dim", [1, 4])
def test_equal_rows_and_texts_of_one_image_give_a_figure_or_a_reason(dim):
    rows = np.ones((60, dim), np.float32) / np.float32(np.sqrt(dim))
    for measure in MEASURES:
        assert np.isfinite(measure(view_of(rows, rows, np.arange(60))).value)
    for measure in MEASURES[:2]:
        with pytest.raises(CorpusError, match=r"^An interval needs images in two groups"):
            measure(view_of(rows, rows, np.zeros(60, int)))


def test_a_large_view_is_thinned_by_whole_groups():
    rng = np.random.default_rng(6)
    corpus = paired(rng, 1_500, 4, texts_each=2)
    view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    part = occurrences(view).part
    assert (len(part.image), len(part.text)) == (500, 1_000)
    assert hubness_within(view).n == 500
