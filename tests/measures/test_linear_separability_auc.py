import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn import linear_model
from sklearn.metrics import roc_auc_score

from dohyo.errors import CorpusError
from dohyo.measures.linear_separability import linear_separability
from dohyo.measures.linear_separability_auc import areas, linear_separability_auc
from dohyo.measures.modality_classifier import OutOfFold, out_of_fold
from worlds import paired, sphere, view_of


def view(corpus, seed=0):
    return view_of(corpus.unit("image"), corpus.unit("text"), corpus.groups("text"), seed=seed)


def scores(seed, n, folds):
    """Made-up scores, many tied, groups of one image and up to several texts."""
    rng = np.random.default_rng(seed)
    group = np.concatenate([np.arange(n), rng.integers(0, n, n)])
    kind = np.repeat([0, 1], n)
    return OutOfFold(
        score=rng.integers(-3, 4, 2 * n) + 0.5 * kind, kind=kind, group=group, fold=group % folds
    )


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(8, 60), folds=st.integers(1, 4))
def test_it_is_the_mean_of_sklearns_areas_over_the_folds(seed, n, folds):
    held_out = scores(seed, n, folds)
    wanted = [
        roc_auc_score(held_out.kind[here], held_out.score[here])
        for here in (held_out.fold == each for each in range(folds))
        if len(np.unique(held_out.kind[here])) == 2
    ]
    value, influence = areas(held_out)
    assert value == pytest.approx(np.mean(wanted), abs=1e-12)
    assert influence.sum() == pytest.approx(0.0, abs=1e-12)


def test_the_influence_is_what_leaving_a_group_out_changes():
    held_out = scores(1, 300, 1)
    value, influence = areas(held_out)
    for group in range(5):
        stay = held_out.group != group
        without = roc_auc_score(held_out.kind[stay], held_out.score[stay])
        assert value - without == pytest.approx(influence[group], abs=5e-5)


def test_the_classifier_is_fitted_once_for_accuracy_and_area(monkeypatch):
    fits = []

    class Counting(linear_model.LogisticRegression):
        def fit(self, *rows):
            fits.append(1)
            return super().fit(*rows)

    monkeypatch.setattr(linear_model, "LogisticRegression", Counting)
    one = view(paired(np.random.default_rng(0), 60, 4, gap=0.2))
    linear_separability(one)
    assert linear_separability_auc(one) == linear_separability_auc(one)
    assert len(fits) == 4
    assert out_of_fold(one) is out_of_fold(one)


def estimates_at(gap, corpora, texts_each=1):
    return [
        linear_separability_auc(
            view(paired(np.random.default_rng(s), 50, 4, gap=gap, texts_each=texts_each), s)
        )
        for s in range(corpora)
    ]


@pytest.mark.parametrize(
    ("gap", "texts_each"), [(0.0, 1), (0.15, 1), (0.0, 3)], ids=["none", "some", "three"]
)
def test_the_interval_covers_what_the_classifier_does_on_average(gap, texts_each):
    """Without a gap that is 0.5; with one it is the mean over corpora, the figure being unbiased
    for classifiers fitted on so many rows."""
    corpora = 400 if texts_each == 1 else 200
    estimates = estimates_at(gap, corpora, texts_each)
    values = np.array([e.value for e in estimates])
    if not gap:
        assert values.mean() == pytest.approx(0.5, abs=4 * values.std() / np.sqrt(corpora))
    truth = values.mean() if gap else 0.5
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert covered >= binom.ppf(0.001, corpora, 0.95)
    if gap:  # near chance the interval is made for the worst that shared training rows can do
        assert covered <= binom.ppf(0.999, corpora, 0.95)


def test_it_grows_with_the_gap_to_one():
    values = [estimates_at(gap, 1)[0] for gap in (0.0, 0.2, 3.0)]
    assert values[0].value < 0.65 < values[1].value < values[2].value
    assert (values[2].value, values[2].low, values[2].high) == (1.0, 1.0, 1.0)


def test_the_sides_may_be_swapped():
    one = view(paired(np.random.default_rng(3), 60, 4, gap=0.15))
    other = view_of(one.text, one.image, np.arange(60))
    assert linear_separability_auc(other).value == pytest.approx(
        linear_separability_auc(one).value, abs=1e-3
    )


@pytest.mark.parametrize("d", [1, 60])
def test_equal_rows_and_copies_are_at_chance(d):
    for rows in (
        np.tile(sphere(np.random.default_rng(4), 1, d), (900, 1)),
        np.repeat(sphere(np.random.default_rng(4), 2, d), 450, 0),
    ):
        estimate = linear_separability_auc(view_of(rows, rows, np.arange(900)))
        assert estimate.low <= 0.5 <= estimate.high


@pytest.mark.parametrize(
    ("images", "texts", "why"),
    [
        (1, 2, r"^linear separability needs 4 groups, there are 3\. Give more items\.$"),
        (1, 9, r"^linear separability needs items of each kind in two folds\. Give more items\.$"),
    ],
)
def test_where_it_cannot_be_taken_it_says_why(images, texts, why):
    rng = np.random.default_rng(5)
    with pytest.raises(CorpusError, match=why):
        linear_separability_auc(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
