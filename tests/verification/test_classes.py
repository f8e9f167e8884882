"""What a corpus of classes without captions holds out."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.classes import (
    ClassPool,
    has_classes,
    kept_by,
    leading_prompts,
    zero_shot_signal,
)
from worlds import classed, paired, sphere


def with_further(corpus: Corpus, rows: int) -> Corpus:
    further = sphere(np.random.default_rng(9), rows, corpus.dim)
    return replace(corpus, text=np.concatenate([corpus.text, further]))


def test_the_fit_sees_every_prompt_and_no_held_out_image():
    corpus = with_further(classed(np.random.default_rng(0)), 60)
    splits = list(ClassPool(corpus).alone(k=4, seed=0))
    assert sorted(np.concatenate([s.gallery_image for s in splits])) == list(range(160))
    assert sorted(np.concatenate([s.gallery_text for s in splits])) == list(range(4, 64))
    for split in splits:
        assert not set(split.fit_image) & set(split.gallery_image)
        assert not set(split.fit_text) & set(split.gallery_text)
        assert set(range(4)) <= set(split.fit_text)


def test_a_few_further_texts_are_all_fitted_on():
    corpus = with_further(classed(np.random.default_rng(0)), 39)
    for split in ClassPool(corpus).alone(k=4, seed=0):
        assert len(split.fit_text) == 43
        assert len(split.gallery_text) == 0


def test_prompts_are_known_by_their_rows():
    corpus = classed(np.random.default_rng(1))
    assert leading_prompts(corpus) == leading_prompts(with_further(corpus, 5)) == 4
    assert leading_prompts(replace(corpus, text=corpus.text[::-1])) == 0
    assert leading_prompts(replace(corpus, text=corpus.text[:3])) == 0


def test_an_inner_pool_holds_nothing_of_the_outer_fold():
    corpus = with_further(classed(np.random.default_rng(2)), 60)
    pool = ClassPool(corpus)
    split = next(pool.alone(k=4, seed=0))
    inner = pool.without(split).corpus
    np.testing.assert_array_equal(inner.image, corpus.image[split.fit_image])
    np.testing.assert_array_equal(inner.label, corpus.label[split.fit_image])
    np.testing.assert_array_equal(inner.text, corpus.text[split.fit_text])
    assert leading_prompts(inner) == 4


def test_no_fit_looks_at_a_label():
    corpus = classed(np.random.default_rng(3), gap=2.0)
    dealt = replace(corpus, label=np.random.default_rng(0).permutation(corpus.label))
    one, other = (
        kept_by(ClassPool(each), [Recipe(method="gaussian_ot")])[0] for each in (corpus, dealt)
    )
    np.testing.assert_array_equal(one.neighbours, other.neighbours)
    assert one.zero_shot_accuracy.mean() > other.zero_shot_accuracy.mean()


def test_only_a_corpus_without_pairs_rests_on_classes():
    corpus = classed(np.random.default_rng(4))
    assert has_classes(corpus)
    assert not has_classes(replace(corpus, label=None))
    assert not has_classes(replace(corpus, class_text=None))
    assert not has_classes(paired(np.random.default_rng(0)))


def test_the_signal_is_there_with_true_labels_and_gone_with_dealt_ones():
    corpus = classed(np.random.default_rng(5), gap=0.5)
    accuracy, chance, p = zero_shot_signal(corpus)
    assert p < 0.01
    assert accuracy > 0.5 > 0.3 > chance
    for seed in range(3):
        dealt = np.random.default_rng(seed).permutation(corpus.label)
        assert zero_shot_signal(replace(corpus, label=dealt))[2] > 0.01


def test_nothing_is_told_of_a_corpus_without_classes():
    with pytest.raises(ValueError, match="no labels"):
        zero_shot_signal(paired(np.random.default_rng(0)))


def test_nothing_applied_keeps_everything():
    (kept,) = kept_by(ClassPool(classed(np.random.default_rng(6))), [NOTHING])
    assert (kept.neighbours == 1).all()
    np.testing.assert_array_equal(kept.cluster_nmi[:, 0], kept.cluster_nmi[:, 1])
