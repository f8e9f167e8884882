from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import svdvals

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.evaluate import Pool, evaluate, kept_alone
from dohyo.verification.information import lone_splits, nearest
from worlds import paired, sphere

RNG = np.random.default_rng
CORPUS = paired(RNG(0), 80, 16, texts_each=2)
CENTER = Recipe(method="center")


def kept(corpus, *recipes):
    return [outcome.kept for outcome in evaluate(Pool(corpus), recipes, "unseen_corpus")]


def test_without_a_correction_everything_is_kept():
    (same,) = kept(CORPUS, NOTHING)
    assert (same.neighbours == 1).all()
    np.testing.assert_allclose(same.effective_rank[:, 0], same.effective_rank[:, 1], rtol=1e-6)


@pytest.mark.parametrize("method", ["calibrate", "center", "displacement"])
def test_at_strength_0_everything_is_kept(method):
    (same,) = kept(CORPUS, Recipe(method=method, strength=0.0))
    assert (same.neighbours == 1).all()


def test_a_correction_of_scores_keeps_every_neighbour():
    (same,) = kept(CORPUS, Recipe(method="calibrate"))
    assert (same.neighbours == 1).all()


def test_centering_keeps_what_centering_keeps_and_less_than_all():
    (centred,) = kept(CORPUS, CENTER)
    np.testing.assert_array_equal(centred.neighbours, centred.neighbours_centred)
    assert 0.3 < centred.neighbours.mean() < 1


def test_it_is_asked_on_an_unseen_corpus_alone():
    (outcome,) = evaluate(Pool(CORPUS), [CENTER], "unseen_query")
    assert outcome.kept is None


def test_every_held_out_item_is_asked_once():
    (centred,) = kept(CORPUS, CENTER)
    for number, count in ((0, 80), (1, 160)):
        here = centred.of(centred.modality == number)
        assert np.bincount(here.group).tolist() == [count // 80] * 80


def test_neighbours_are_those_of_a_plain_search_outside_the_own_group():
    rows, group = sphere(RNG(1), 120, 6), np.repeat(np.arange(60), 2)
    found = nearest(rows, group)
    scores = rows @ rows.T
    scores[group[:, None] == group] = -np.inf
    np.testing.assert_array_equal(found, np.argsort(-scores, axis=1, kind="stable")[:, :10])


@pytest.mark.parametrize(("rows", "count"), [(200, 10), (100, 10), (40, 4), (12, 1), (3, 1)])
def test_the_nearest_tenth_is_asked_and_ten_at_most(rows, count):
    assert nearest(sphere(RNG(2), rows, 4), np.arange(rows)).shape == (rows, count)


def test_the_effective_rank_is_that_of_the_held_out_rows():
    (same,) = kept(CORPUS, NOTHING)
    held = CORPUS.unit("image", CORPUS.folds()[0])
    share = svdvals(held - held.mean(0)) ** 2
    share = share[share > 1e-12] / share.sum()
    wanted = np.exp(-(share * np.log(share)).sum())
    assert same.effective_rank[0, 0, 0] == pytest.approx(wanted, rel=1e-4)


def classed(groups=80):
    """Three tight classes, their prompts in the middle of each, and a gap."""
    rng = RNG(3)
    label = rng.integers(0, 3, groups)
    meaning = np.eye(16)[label] + 0.1 * rng.normal(size=(groups, 16))
    gap = np.eye(16)[15]
    image, text = meaning + gap, meaning - gap
    return Corpus.from_arrays(
        image.astype(np.float32),
        text.astype(np.float32),
        labels=label,
        class_texts=(np.eye(16)[:3] - gap).astype(np.float32),
    )


def test_classes_are_told_by_neighbours_by_prompts_and_by_clusters():
    corpus = classed()
    (centred,) = kept(corpus, CENTER)
    image = centred.of(centred.modality == 0)
    text = centred.of(centred.modality == 1)
    assert (image.label_accuracy == 1).all()
    assert (text.label_accuracy == 1).all()
    assert image.zero_shot_accuracy[:, 1].mean() > 0.9
    assert image.cluster_nmi[:, 1].mean() > 0.7
    assert np.isnan(text.zero_shot_accuracy).all()
    assert np.isnan(text.cluster_nmi).all()


def test_without_labels_there_is_nothing_to_tell():
    (centred,) = kept(CORPUS, CENTER)
    for figure in (centred.label_accuracy, centred.zero_shot_accuracy, centred.cluster_nmi):
        assert np.isnan(figure).all()


def test_a_handful_of_prompts_is_fitted_on_whole():
    corpus = replace(classed(), text=classed().class_text, text_to_image=None, caption=None)
    for split in lone_splits(corpus, k=4, seed=0):
        assert len(split.gallery_text) == 0
        assert len(split.fit_text) == 3
        assert len(split.gallery_image) == 20
        assert not set(split.gallery_image) & set(split.fit_image)
    told = kept_alone(Pool(corpus), CENTER)
    assert (told.modality == 0).all()
    assert sorted(told.group) == list(range(80))
    assert np.isfinite(told.zero_shot_accuracy).all()
