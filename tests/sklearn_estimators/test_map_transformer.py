"""`MapTransformer`: a map that is there already, as a step."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from tests import worlds

import dohyo
from dohyo.errors import MapError, UsageError
from dohyo.sklearn import MapTransformer


@pytest.fixture(scope="module")
def corpus():
    return worlds.paired(np.random.default_rng(0), groups=60)


@pytest.fixture(scope="module")
def plain(corpus):
    return dohyo.align(corpus, "center")


@pytest.fixture(scope="module")
def scored(corpus):
    return dohyo.align(corpus, "center", hubs=0.5)


@pytest.mark.parametrize("modality", ["image", "text"])
@pytest.mark.parametrize("role", ["item", "query"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_returns_what_the_map_returns(corpus, scored, modality, role, dtype):
    x = getattr(corpus, modality).astype(dtype)
    step = MapTransformer(scored, modality=modality, role=role, strength=0.5)
    moved = step.fit(x).transform(x)
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, scored.apply(x, modality, role, 0.5).astype(dtype))
    np.testing.assert_array_equal(moved, step.fit_transform(x))


def test_no_fit_is_needed(corpus, plain):
    moved = MapTransformer(plain).transform(corpus.image)
    np.testing.assert_array_equal(moved, plain.apply(corpus.image, "image"))


def test_strength_changes_no_width(corpus, scored):
    step = MapTransformer(scored, strength=0.0)
    moved = step.fit_transform(corpus.image)
    assert moved.shape == (60, scored.width)
    np.testing.assert_array_equal(moved[:, : scored.dimension], corpus.image)
    assert len(step.get_feature_names_out()) == scored.width


def test_columns_of_a_frame_keep_their_names_and_scores_get_theirs(corpus, scored):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(corpus.image).add_prefix("clip")
    moved = MapTransformer(scored).set_output(transform="pandas").fit_transform(frame)
    assert list(moved.columns) == [*frame.columns, "score0", "score1", "score2"]


def test_names_are_known_before_any_fit(plain):
    assert list(MapTransformer(plain).get_feature_names_out()) == [f"x{i}" for i in range(16)]


def test_bad_requests_are_refused(corpus, plain):
    with pytest.raises(MapError, match="takes 16 columns, X has 3"):
        MapTransformer(plain).fit(corpus.image[:, :3])
    with pytest.raises(MapError, match="takes 16 columns"):
        MapTransformer(plain).transform(corpus.image[:, :3])
    with pytest.raises(UsageError, match="no modality 'sound'"):
        MapTransformer(plain, modality="sound").transform(corpus.image)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        MapTransformer(plain).transform(np.full((2, 16), np.nan))


def test_a_clone_shares_the_map(plain):
    assert clone(MapTransformer(plain)).map is plain


def test_a_search_compares_maps_with_none():
    corpus = worlds.classed(np.random.default_rng(1), gap=3.0, noise=1.0)
    fitted = dohyo.align(corpus, "center")
    classify = LogisticRegression(C=0.01, fit_intercept=False)
    pipe = Pipeline([("map", MapTransformer()), ("classify", classify)])
    search = GridSearchCV(pipe, {"map__map": [None, fitted]}, cv=3)
    search.fit(corpus.image, corpus.label)
    by_hand = [
        cross_val_score(classify, rows, corpus.label, cv=3).mean()
        for rows in (corpus.image, fitted.apply(corpus.image, "image"))
    ]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], by_hand)
    assert by_hand[0] != by_hand[1]
