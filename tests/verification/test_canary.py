import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.canary import canary_pool
from dohyo.verification.evaluate import evaluate
from dohyo.verification.protocols import PROTOCOLS
from worlds import paired

WORLD = paired(np.random.default_rng(0), 120, 12)
CANARY = WORLD.subset(np.arange(100, 120))
REST = WORLD.subset(np.arange(100))
CORPUS = Corpus.from_arrays(REST.image, REST.text[::-1].copy(), paired=False)
CENTER = Recipe(method="center")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_fit_sees_a_row_of_the_canary(protocol):
    pool = canary_pool(CORPUS, CANARY)
    for split in pool.splits(protocol, k=4, seed=0):
        evidence = pool.evidence(split.fit_image, split.fit_text)
        np.testing.assert_allclose(evidence.image.rows, CORPUS.unit("image"), atol=1e-6)
        np.testing.assert_allclose(evidence.text.rows, CORPUS.unit("text"), atol=1e-6)
        assert evidence.text_to_image is None


def test_the_canary_asks_the_corpus_and_its_own_other_side():
    pool = canary_pool(CORPUS, CANARY)
    images, texts = pool.splits("unseen_query", k=4, seed=0)
    assert (len(images.query_image), len(images.query_text)) == (20, 0)
    assert (len(images.gallery_image), len(images.gallery_text)) == (100, 120)
    assert (len(texts.gallery_image), len(texts.gallery_text)) == (120, 100)
    (alone,) = pool.splits("unseen_corpus", k=4, seed=0)
    assert (len(alone.gallery_image), len(alone.gallery_text)) == (20, 20)


def test_every_query_has_its_one_counterpart_and_finds_it_as_well_as_pairs_do():
    pool = canary_pool(CORPUS, CANARY)
    for protocol in PROTOCOLS:
        none, centred = (o.ranked for o in evaluate(pool, [NOTHING, CENTER], protocol))
        assert len(centred.group) == 40
        assert np.isfinite(centred.recall_at_1).all()
        assert centred.mixed_ndcg_at_10.mean() > none.mixed_ndcg_at_10.mean() + 0.1


def test_rows_of_the_canary_in_the_corpus_are_left_out_of_it():
    """A fit would have seen them, and the counterpart would stand twice, once as a wrong answer."""
    whole = Corpus.from_arrays(WORLD.image, WORLD.text[::-1].copy(), paired=False)
    pool = canary_pool(whole, CANARY)
    assert (pool.images, pool.texts) == (100, 100)
    np.testing.assert_array_equal(pool.corpus.image[:100], REST.unit("image"))


def test_classes_of_the_canary_are_asked_and_the_corpus_has_none():
    label = np.arange(20) % 2
    labelled = Corpus.from_arrays(CANARY.image, CANARY.text, labels=label)
    (_, outcome) = evaluate(canary_pool(CORPUS, labelled), [NOTHING, CENTER], "unseen_corpus")
    assert np.isfinite(outcome.kept.label_accuracy).all()
