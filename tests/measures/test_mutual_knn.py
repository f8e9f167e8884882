import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.neighbors import NearestNeighbors

from dohyo.errors import CorpusError
from dohyo.measures import mutual_knn as module
from dohyo.measures.mutual_knn import by_chance, mutual_knn
from worlds import paired, sphere, strangers, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(22, 50), d=st.integers(3, 10))


@pytest.fixture(autouse=True, scope="module")
def fewer_draws():
    """The p-value is exact at any number of draws; 99 are enough to tell .05."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DRAWS", 100)
        yield


def view(corpus, seed=0):
    return view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image, seed=seed)


def by_sklearn(image, text):
    def nearest(rows):
        found = NearestNeighbors(n_neighbors=11, metric="cosine").fit(rows).kneighbors(rows)[1]
        return [set(row) - {i} for i, row in enumerate(found)]

    return np.mean([len(a & b) / 10 for a, b in zip(nearest(image), nearest(text), strict=True)])


@settings(max_examples=30, deadline=None)
@any_pairs
def test_it_is_the_overlap_of_sklearns_neighbours(seed, n, d):
    corpus = paired(np.random.default_rng(seed), n, d, noise=0.8)
    wanted = by_sklearn(corpus.unit("image").astype(float), corpus.unit("text").astype(float))
    assert mutual_knn(view(corpus)).value == pytest.approx(wanted, abs=2.1 / (10 * n))  # ties


@settings(max_examples=30, deadline=None)
@any_pairs
def test_turning_either_side_and_shuffling_pairs_change_nothing(seed, n, d):
    rng = np.random.default_rng(seed)
    image, text, order = sphere(rng, n, d), sphere(rng, n, d), rng.permutation(n)
    there = mutual_knn(view_of(image, text, np.arange(n))).value
    moved = mutual_knn(view_of(image @ turn(rng, d).astype("f4"), text[order], order)).value
    assert moved == pytest.approx(there, abs=2.1 / (10 * n))  # rounding may swap two neighbours
    assert mutual_knn(view_of(text, image, np.arange(n))).value == pytest.approx(there)


def test_dealt_pairs_are_called_a_signal_no_more_often_than_promised():
    estimates = [mutual_knn(view(strangers(np.random.default_rng(s), 60, 6))) for s in range(400)]
    alarms = sum(e.p <= 0.05 for e in estimates)
    assert binom.ppf(0.001, 400, 0.05) <= alarms <= binom.ppf(0.999, 400, 0.05)
    assert np.mean([e.value for e in estimates]) == pytest.approx(10 / 59, abs=0.003)


def test_power_grows_with_what_the_pairs_share():
    power = [
        np.mean(
            [
                mutual_knn(view(paired(np.random.default_rng(s), 40, 8, noise=noise))).p <= 0.05
                for s in range(40)
            ]
        )
        for noise in (4.0, 1.0, 0.3)
    ]
    assert power[0] <= power[1] <= power[2] == 1.0
    assert power[0] < 0.5


def test_the_interval_covers_the_mean_figure_at_this_size():
    estimates = [
        mutual_knn(view(paired(np.random.default_rng(s), 100, 8, noise=0.8), s)) for s in range(400)
    ]
    truth = np.mean([e.value for e in estimates])
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert covered >= binom.ppf(0.001, 400, 0.95)  # neighbours jump: wider than need be


def test_rows_that_are_all_equal_have_no_neighbourhood_in_common():
    same = np.tile(sphere(np.random.default_rng(1), 1, 3), (1_000, 1))
    estimate = mutual_knn(view_of(same, same, np.arange(1_000)))
    assert estimate.value < 0.2


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(2), 21, 3)
    with pytest.raises(CorpusError, match=r"^Mutual kNN needs pairs\. Give text_to_image\.$"):
        mutual_knn(view_of(rows, rows))
    with pytest.raises(CorpusError, match=r"^Mutual kNN needs 22 pairs, there are 21\. Give more"):
        mutual_knn(view_of(rows, rows, np.arange(21)))
    assert by_chance(view_of(rows, rows, np.arange(21))) == 0.5
