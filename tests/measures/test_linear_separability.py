import numpy as np
import pytest
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

from dohyo.errors import CorpusError
from dohyo.measures.linear_separability import linear_separability
from worlds import paired, sphere, turn, view_of


def separability(corpus):
    view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    return linear_separability(view)


def test_a_wide_gap_is_cut_without_an_error_and_none_at_chance():
    rng = np.random.default_rng(0)
    assert separability(paired(rng, 100, 8, gap=3.0)).value == 1.0
    level = separability(paired(rng, 300, 8, gap=0.0))
    assert level.low <= 0.5 <= level.high


def test_a_middling_gap_is_cut_about_as_well_as_by_sklearns_own_cross_validation():
    corpus = paired(np.random.default_rng(1), 200, 8, gap=0.15)
    union = np.concatenate([corpus.unit("image"), corpus.unit("text")])
    kind = np.repeat([0, 1], 200)
    model = LogisticRegression(C=0.1)
    scaled = StandardScaler().fit_transform(union)
    theirs = cross_val_score(model, scaled, kind, cv=4, scoring="balanced_accuracy").mean()
    assert 0.6 < theirs < 0.9
    assert separability(corpus).value == pytest.approx(theirs, abs=0.03)  # other folds


def test_a_pair_is_never_on_both_sides_of_a_fold():
    """Twins that differ in kind: a row whose twin is learnt from would be put on the wrong side,
    and the accuracy would fall far below chance."""
    low = []
    for seed in range(20):
        rows = sphere(np.random.default_rng(seed), 40, 60)
        low.append(linear_separability(view_of(rows, rows, np.arange(40), seed=seed)).value)
    assert np.mean(low) > 0.45


def test_the_kinds_weigh_alike_however_many_rows_they_have():
    rng = np.random.default_rng(2)
    lopsided = view_of(sphere(rng, 380, 6), sphere(rng, 20, 6))
    estimate = linear_separability(lopsided)
    assert 0.3 < estimate.value < 0.7  # calling everything an image would be right for 95 %


def test_a_rotation_hardly_matters():
    corpus = paired(np.random.default_rng(3), 150, 8, gap=0.15)
    turned = turn(np.random.default_rng(4), 8).astype(np.float32)
    moved = view_of(
        corpus.unit("image") @ turned, corpus.unit("text") @ turned, corpus.text_to_image
    )
    # Columns are standardised and the penalty is not blind to directions: not exactly alike.
    assert linear_separability(moved).value == pytest.approx(separability(corpus).value, abs=0.05)


def test_without_a_gap_the_interval_holds_chance_as_often_as_promised():
    held = 0
    for seed in range(100):
        estimate = separability(paired(np.random.default_rng(seed), 60, 4, gap=0.0))
        held += estimate.low <= 0.5 <= estimate.high
    # Folds share their training rows, so the hits are not quite independent: 90 %, not 95 %.
    assert held >= binom.ppf(0.001, 100, 0.9)


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
        linear_separability(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
