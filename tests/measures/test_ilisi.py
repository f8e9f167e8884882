"""iLISI and kBET against scib-metrics, which takes 13 seconds to import: hence one file."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.measures import ilisi as lisi
from dohyo.measures import kbet as module
from dohyo.measures.ilisi import ilisi, neighbour_weights
from dohyo.measures.kbet import chance_of_counts, kbet
from dohyo.measures.view import View
from worlds import paired, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(25, 60),
    m=st.integers(25, 60),
    d=st.integers(3, 9),
)


@pytest.fixture(scope="module")
def scib():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import scib_metrics
        from scib_metrics.nearest_neighbors import NeighborsResults
    return scib_metrics, NeighborsResults


def sides(seed, n, m, d):
    rng = np.random.default_rng(seed)
    return rng, sphere(rng, n, d), sphere(rng, m, d) + np.float32(0.0)


def neighbours(view, scib):
    distances = np.sqrt(np.maximum(2 - 2 * view.search.similarity.astype(float), 0))
    return scib[1](indices=view.search.index, distances=distances)


@pytest.mark.parametrize(("n", "m", "gap"), [(150, 150, 0.0), (150, 150, 0.15), (60, 200, 0.1)])
def test_ilisi_is_scibs_on_the_same_neighbours(scib, n, m, gap):
    view = skewed(n, m, gap)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = float(scib[0].ilisi_knn(neighbours(view, scib), view.modality))
    assert ilisi(view).value == pytest.approx(theirs, abs=2e-4)  # they search β in float32


@pytest.mark.parametrize(("n", "m", "gap"), [(150, 150, 0.0), (150, 150, 0.15), (60, 200, 0.1)])
def test_kbet_is_scibs_on_the_same_neighbours_averaged_over_the_kinds(scib, n, m, gap):
    view = skewed(n, m, gap)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fifty = neighbours(view, scib).subset_neighbors(50)
        rate, _, p = scib[0].kbet(fifty, view.modality)
    passed = np.asarray(p) >= 0.05
    wanted = np.mean([passed[view.modality == kind].mean() for kind in (0, 1)])
    assert kbet(view).value == pytest.approx(wanted, abs=1e-12)
    if n == m:
        assert kbet(view).value == pytest.approx(float(rate), abs=1e-7)


def skewed(n, m, gap):
    corpus = paired(np.random.default_rng(0), max(n, m), 8, gap=gap)
    return view_of(corpus.unit("image")[:n], corpus.unit("text")[:m])


@any_sides
def test_a_rotation_a_shuffle_and_a_swap_change_nothing(seed, n, m, d):
    rng, image, text = sides(seed, n, m, d)
    turned = turn(rng, d).astype(np.float32)
    one, other = view_of(image, text), view_of(text @ turned, rng.permutation(image) @ turned)
    assert ilisi(other).value == pytest.approx(ilisi(one).value, abs=0.01)
    assert kbet(other).value == pytest.approx(kbet(one).value, abs=0.05)  # a tie at the cut


def test_the_weights_have_the_perplexity_asked_for():
    distance = np.sort(np.random.default_rng(1).random((40, 90)) + 5.0, axis=1)
    weight = neighbour_weights(distance, 30)
    entropy = -(weight * np.log(weight)).sum(1)
    np.testing.assert_allclose(np.exp(entropy), 30, rtol=2e-5)
    np.testing.assert_allclose(weight.sum(1), 1)
    assert (np.diff(weight, axis=1) <= 0).all()


def test_duplicates_share_the_weight():
    np.testing.assert_allclose(neighbour_weights(np.zeros((2, 90)), 30), 1 / 90)


def test_a_gap_leaves_nothing_of_the_other_kind_and_no_gap_what_dealing_at_random_would():
    rng = np.random.default_rng(2)
    apart = view_of(sphere(rng, 200, 8) + 9, -sphere(rng, 200, 8) - 9)
    apart = view_of(
        *(x / np.linalg.norm(x, axis=1, keepdims=True) for x in (apart.image, apart.text))
    )
    assert (ilisi(apart).value, kbet(apart).value) == (0.0, 0.0)
    mixed = view_of(sphere(rng, 400, 8), sphere(rng, 200, 8))
    assert ilisi(mixed).value == pytest.approx(lisi.well_mixed(mixed), abs=0.02)
    assert kbet(mixed).value == pytest.approx(module.well_mixed(mixed), abs=0.04)


def test_the_chance_of_counts_is_scipys():
    for size, images, texts in [(50, 400, 200), (9, 5, 30), (20, 8, 14)]:
        wanted = hypergeom(images + texts, texts, size).pmf(np.arange(size + 1))
        np.testing.assert_allclose(chance_of_counts(size, images, texts), wanted, atol=1e-12)


def test_well_mixed_is_what_dealing_the_kinds_at_random_gives():
    rng = np.random.default_rng(3)
    rows = sphere(rng, 120, 5)
    figures = []
    for _ in range(60):
        dealt = rng.permutation(rows)
        figures.append(kbet(view_of(dealt[:70], dealt[70:])).value)
    error = np.std(figures) / np.sqrt(60)
    assert np.mean(figures) == pytest.approx(
        module.well_mixed(view_of(rows[:70], rows[70:])), abs=4 * error
    )


@pytest.fixture(scope="module")
def answered():
    """400 samples of 100 queries to one population of 2,000 pairs: only who asks is random."""
    corpus = paired(np.random.default_rng(99), 2_000, 8, gap=0.25, noise=0.8)
    whole = View(
        image=corpus.unit("image"),
        text=corpus.unit("text"),
        text_to_image=corpus.groups("text"),
        source=corpus,
        queries=2_000,
    )
    asked = (
        View(
            image=whole.image,
            text=whole.text,
            text_to_image=whole.text_to_image,
            source=corpus,
            queries=100,
            seed=seed,
        )
        for seed in range(400)
    )
    return whole, [(ilisi(view), kbet(view)) for view in asked]


@pytest.mark.parametrize(("place", "measure"), [(0, ilisi), (1, kbet)])
def test_the_interval_covers_what_all_queries_would_show_95_percent_of_the_time(
    answered, place, measure
):
    whole, estimates = answered
    truth = measure(whole).value
    covered = sum(each[place].low <= truth <= each[place].high for each in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_with_too_few_items_they_say_why():
    rng = np.random.default_rng(4)
    pair = view_of(sphere(rng, 1, 4), sphere(rng, 1, 4), np.zeros(1, int))
    with pytest.raises(
        CorpusError, match=r"^iLISI needs 7 items, there are 2\. Give more items\.$"
    ):
        ilisi(pair)
    with pytest.raises(CorpusError, match=r"^kBET cannot tell 1 images from 1 texts by 1 neigh"):
        kbet(pair)


@pytest.mark.parametrize("dim", [1, 4])
def test_equal_rows_give_a_figure(dim):
    rows = np.ones((60, dim), np.float32) / np.float32(np.sqrt(dim))
    view = view_of(rows, rows, np.arange(60))
    assert 0 <= ilisi(view).value <= 1
    assert 0 <= kbet(view).value <= 1


def test_queries_of_an_unpaired_corpus_stand_for_the_rows_of_their_side():
    rng = np.random.default_rng(5)
    corpus = Corpus.from_arrays(sphere(rng, 90, 5), sphere(rng, 300, 5), paired=False)
    view = View(
        image=corpus.unit("image"),
        text=corpus.unit("text"),
        text_to_image=None,
        source=corpus,
        queries=60,
    )
    weight = lisi.standing_for(view.search)
    assert weight.sum() == pytest.approx(390)
    assert set(np.round(weight, 9)) == {1.5, 5.0}
