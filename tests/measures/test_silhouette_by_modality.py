import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import silhouette_score

from dohyo.errors import CorpusError
from dohyo.measures.distances import squared_distances
from dohyo.measures.silhouette_by_modality import silhouette_by_modality, silhouettes
from worlds import Population, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 30), m=st.integers(2, 30), d=st.integers(2, 12)
)


@pytest.fixture(scope="module")
def scib():
    """It takes thirteen seconds to import, and warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import scib_metrics
    return scib_metrics


@any_sides
def test_it_is_sklearns_score(seed, n, m, d):
    rng = np.random.default_rng(seed)
    view = view_of(sphere(rng, n, d), sphere(rng, m, d))
    theirs = silhouette_score(view.union.astype(float), view.modality)
    assert silhouette_by_modality(view).value == pytest.approx(theirs, abs=1e-9)


def test_it_is_scibs_score_before_they_rescale_it(scib):
    view = Population(8, gap=0.5).sample(0, 90)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = scib.silhouette_label(view.union, view.modality, rescale=False)
    # They work in float32.
    assert silhouette_by_modality(view).value == pytest.approx(theirs, abs=1e-4)


def test_each_selection_is_as_if_the_other_rows_were_not_there():
    rng = np.random.default_rng(0)
    rows, kind = sphere(rng, 1_100, 3), rng.integers(0, 2, 1_100)  # more than a block
    kept = rng.random((5, 1_100)) < 0.5
    for mean, keep in zip(silhouettes(rows, kind, kept), kept, strict=True):
        assert mean == pytest.approx(silhouette_score(rows[keep].astype(float), kind[keep]))


@any_sides
def test_a_rotation_a_shuffle_and_a_swap_change_nothing(seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text, turned = sphere(rng, n, d), sphere(rng, m, d), turn(rng, d).astype(np.float32)
    still = silhouette_by_modality(view_of(image, text)).value
    moved = view_of(rng.permutation(text) @ turned, image @ turned)
    assert silhouette_by_modality(moved).value == pytest.approx(still, abs=1e-5)


def true_figure(everybody):
    """Rows are drawn with replacement, so a row may meet itself."""
    distance = np.sqrt(squared_distances(np.concatenate([everybody.image, everybody.text])))
    to_image, to_text = distance[:, :1_000].mean(1), distance[:, 1_000:].mean(1)
    own = np.concatenate([to_image[:1_000], to_text[1_000:]])
    other = np.concatenate([to_text[:1_000], to_image[1_000:]])
    return ((other - own) / np.maximum(own, other)).mean()


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize(("d", "n"), [(8, 60), (64, 40)])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d, n, pairs):
    everybody = Population(d, gap=0.3)
    truth, covered = true_figure(everybody), 0
    for seed in range(400):
        view = everybody.sample(seed, n)
        if not pairs:
            view = view_of(view.image, everybody.sample(seed + 10**6, n).text, seed=seed)
        estimate = silhouette_by_modality(view)
        covered += estimate.low <= truth <= estimate.high
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_points_of_their_own_score_one_and_equal_rows_nought():
    rows = np.repeat(sphere(np.random.default_rng(1), 2, 3), 2_500, 0)
    apart = silhouette_by_modality(view_of(rows[:2_500], rows[2_500:], np.arange(2_500)))
    assert (apart.value, apart.low, apart.high) == (1.0, 1.0, 1.0)
    same = np.tile(rows[:1], (12, 1))
    for side in (same, same[:, :1]):
        equal = silhouette_by_modality(view_of(side, side))
        assert (equal.value, equal.low, equal.high) == (0.0, 0.0, 0.0)


def test_it_grows_with_the_gap():
    gaps = [silhouette_by_modality(Population(8, gap=g).sample(0, 100)).value for g in (0, 0.3, 2)]
    assert gaps[0] < 0.05 < gaps[1] < gaps[2]


@pytest.mark.parametrize(("images", "texts", "side"), [(1, 9, "images"), (9, 1, "texts")])
def test_where_it_cannot_be_taken_it_says_why(images, texts, side):
    rng = np.random.default_rng(5)
    with pytest.raises(CorpusError, match=rf"needs {side} in two groups\. Give more items\.$"):
        silhouette_by_modality(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
