"""`ModalityAligner`: what it fits, what it refuses, how it is searched over."""

import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from tests import worlds

import dohyo
from dohyo.errors import CorpusError, UsageError
from dohyo.sklearn import ModalityAligner

METHODS = ("center", "standardize", "whiten", "gaussian_ot", "spectral", "ot", "displacement")
FROM_BOTH = ("gaussian_ot", "spectral", "ot", "displacement")


@pytest.fixture(scope="module")
def corpus():
    return worlds.paired(np.random.default_rng(0), groups=60)


@pytest.fixture(scope="module")
def mixed(corpus):
    """Rows of both modalities in any order, their modality, and the pair each belongs to."""
    x = np.concatenate([corpus.image, corpus.text])
    modality = np.repeat(["image", "text"], len(corpus.image))
    group = np.tile(np.arange(len(corpus.image)), 2)
    order = np.random.default_rng(1).permutation(len(x))
    return x[order], modality[order], group[order]


def requesting():
    aligner = ModalityAligner().set_fit_request(modality=True)
    return aligner.set_transform_request(modality=True).set_score_request(modality=True)


@pytest.mark.parametrize("method", METHODS)
def test_it_is_the_map_of_dohyo_align(corpus, mixed, method):
    x, modality, group = mixed
    aligner = ModalityAligner(method, strength=0.7).fit(x, modality=modality)
    fitted = dohyo.align(corpus, method)
    moved = aligner.transform(x, modality=modality)
    for kind, rows in (("image", corpus.image), ("text", corpus.text)):
        here = np.flatnonzero(modality == kind)
        here = here[np.argsort(group[here])]
        expected = fitted.apply(rows, kind, strength=0.7)
        np.testing.assert_allclose(moved[here], expected, atol=2e-4)


def test_without_modality_it_corrects_one_side_alone(corpus):
    alone = ModalityAligner("whiten").fit_transform(corpus.text)
    expected = dohyo.align(corpus, "whiten").apply(corpus.text, "text")
    np.testing.assert_allclose(alone, expected, atol=1e-5)


@pytest.mark.parametrize("method", FROM_BOTH)
def test_a_method_that_joins_both_sides_refuses_one(corpus, method):
    with pytest.raises(UsageError, match=f"{method} needs rows of both modalities"):
        ModalityAligner(method).fit(corpus.image)


def test_rows_of_a_modality_that_the_fit_did_not_see_are_refused(corpus):
    aligner = ModalityAligner().fit(corpus.image)
    with pytest.raises(UsageError, match="no row of modality 'text'"):
        aligner.transform(corpus.text, modality=["text"] * len(corpus.text))


def test_a_modality_that_was_told_must_be_told_again(mixed):
    x, modality, _ = mixed
    with pytest.raises(UsageError, match="this call was not"):
        ModalityAligner().fit(x, modality=modality).transform(x)


@pytest.mark.parametrize(
    ("modality", "words"),
    [(["image"] * 3, r"shape \(3,\)"), (["image"] * 119 + ["sound"], "Row 119 .* 'sound'")],
)
def test_a_modality_that_does_not_fit_is_refused(mixed, modality, words):
    with pytest.raises(CorpusError, match=words):
        ModalityAligner().fit(mixed[0], modality=modality)


@pytest.mark.parametrize(
    "aligner",
    [
        ModalityAligner("calibrate"),
        ModalityAligner(parameters={"hubs": 0.5}),
        ModalityAligner(parameters={"calibrate": 1.0}),
        ModalityAligner("nonsense"),
        ModalityAligner(strength=1.5),
        ModalityAligner(parameters={"nonsense": 1.0}),
    ],
    ids=str,
)
def test_what_cannot_be_fitted_is_refused(mixed, aligner):
    x, modality, _ = mixed
    with pytest.raises(UsageError):
        aligner.fit(x, modality=modality)


def test_a_row_of_zeros_stays_one_and_moves_no_other(mixed):
    x, modality, _ = mixed
    padded = np.concatenate([x, np.zeros((1, x.shape[1]), x.dtype)])
    moved = ModalityAligner().fit_transform(padded, modality=[*modality, "image"])
    assert not moved[-1].any()
    np.testing.assert_array_equal(moved[:-1], ModalityAligner().fit_transform(x, modality=modality))


def test_a_side_of_zeros_alone_is_refused(mixed):
    with pytest.raises(CorpusError, match="Every row of modality 'image'"):
        ModalityAligner().fit(np.zeros((4, 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_strength_zero_returns_the_rows(mixed, dtype):
    x = mixed[0].astype(dtype)
    moved = ModalityAligner(strength=0.0).fit_transform(x, modality=mixed[1])
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, x)


def test_not_a_number_is_refused_in_the_words_of_scikit_learn(mixed):
    x = mixed[0].copy()
    x[3, 2] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        ModalityAligner().fit(x)


def test_pandas_comes_out_with_the_names_that_went_in(mixed):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(mixed[0]).add_prefix("clip")
    aligner = ModalityAligner().set_output(transform="pandas")
    moved = aligner.fit_transform(frame, modality=mixed[1])
    assert list(moved.columns) == list(frame.columns)


def test_a_clone_is_unfitted_and_equal(mixed):
    first = ModalityAligner("whiten", strength=0.5, parameters={"shrinkage": 0.2})
    second = clone(first.fit(mixed[0]))
    assert second.get_params() == first.get_params()
    assert not hasattr(second, "map_")
    assert "whiten" in repr(second)


def test_the_fitted_map_is_kept_by_save(mixed, tmp_path):
    x, modality, _ = mixed
    aligner = ModalityAligner("whiten").fit(x, modality=modality)
    aligner.map_.save(tmp_path / "map")
    images = x[modality == "image"]
    np.testing.assert_array_equal(
        dohyo.load_map(tmp_path / "map").apply(images, "image"),
        aligner.transform(images, modality=["image"] * len(images)),
    )


def test_a_map_travels_to_another_process_whole(mixed):
    x, modality, _ = mixed
    fitted = ModalityAligner("displacement").fit(x, modality=modality).map_
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.apply(x, "image"), fitted.apply(x, "image"))
    assert again.parameters == fitted.parameters
    assert not any(array.flags.writeable for array in again.arrays.values())


def test_the_score_is_that_of_dohyo_on_lists_of_both_kinds(mixed):
    x, modality, group = mixed
    before = ModalityAligner("none").fit(x, modality=modality).score(x, group, modality)
    after = ModalityAligner("center").fit(x, modality=modality).score(x, group, modality)
    assert 0 <= before < after - 0.3
    assert after <= 1


def test_perfect_pairs_score_one():
    x = worlds.sphere(np.random.default_rng(0), 20, 8)
    both = np.concatenate([x, x])
    modality = ["image"] * 20 + ["text"] * 20
    aligner = ModalityAligner("none").fit(both, modality=modality)
    assert aligner.score(both, list("abcdefghijklmnopqrst") * 2, modality) == 1.0


def test_one_modality_alone_has_no_score(mixed):
    assert np.isnan(ModalityAligner().fit(mixed[0]).score(mixed[0], mixed[2]))


def test_a_score_without_groups_is_refused(mixed):
    aligner = ModalityAligner().fit(mixed[0])
    with pytest.raises(UsageError, match="y is missing"):
        aligner.score(mixed[0], None)
    with pytest.raises(UsageError, match="y has 3 entries"):
        aligner.score(mixed[0], [1, 2, 3])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_search_over_method_and_strength_finds_the_correction(mixed, jobs):
    x, modality, group = mixed
    grid = {"method": ["none", "center", "whiten"], "strength": [0.5, 1.0]}
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(requesting(), grid, cv=GroupKFold(3), n_jobs=jobs)
        search.fit(x, group, modality=modality, groups=group)
    scores = dict(
        zip(
            ((p["method"], p["strength"]) for p in search.cv_results_["params"]),
            search.cv_results_["mean_test_score"],
            strict=True,
        )
    )
    assert search.best_params_["method"] != "none"
    assert search.best_params_["strength"] == 1.0
    assert scores["center", 1.0] > scores["none", 1.0] + 0.3


def test_in_a_pipeline_a_classifier_of_images_reads_texts():
    corpus = worlds.classed(np.random.default_rng(3), images=400, gap=2.0, noise=0.3)
    x = np.concatenate([corpus.image, corpus.class_text])
    modality = np.repeat(["image", "text"], [len(corpus.image), len(corpus.class_text)])
    label = np.concatenate([corpus.label, np.arange(4)])
    text = modality == "text"
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(requesting(), LogisticRegression())
        pipe.fit(x, label, modality=modality)
        right = pipe.predict(x[text], modality=modality[text]) == label[text]
    assert right.all()
    assert list(pipe[:-1].get_feature_names_out()) == [f"x{i}" for i in range(x.shape[1])]


def test_in_a_pipeline_before_nearest_neighbours_it_finds_the_other_kind(mixed):
    x, modality, _ = mixed
    image, text = modality == "image", modality == "text"

    def share_found(method):
        with config_context(enable_metadata_routing=True):
            steps = make_pipeline(requesting().set_params(method=method), NearestNeighbors())
            steps.fit(x, modality=modality)
            asked = steps[:-1].transform(x[text], modality=modality[text])
        near = steps[-1].kneighbors(asked, 10, return_distance=False)
        return image[near].mean()

    assert share_found("none") < 0.1
    assert share_found("center") > 0.3
