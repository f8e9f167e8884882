"""A canary that is encoded again: what counts as another encoder."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.monitor.canary import check_canary


def canary(*, seed=0, n=60, d=16, encoder=None):
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(n, d))
    image = meaning + 0.3 * rng.normal(size=(n, d))
    text = meaning + 0.3 * rng.normal(size=(n, d)) + 2 * np.eye(d)[0]
    return Corpus.from_arrays(image, text, encoder=encoder)


def test_the_same_vectors_are_the_same_encoder_even_on_another_machine():
    stored = canary(encoder="a")
    found = check_canary(stored, stored)
    assert (found.changed, found.why) == (False, "same")
    assert found.cosine == pytest.approx({"image": 1, "text": 1}, abs=1e-6)
    assert all(each.change.low == each.change.high == 0 for each in found.recall.values())
    halved = replace(stored, image=stored.image.astype(np.float16))
    assert check_canary(stored, halved).why == "same"


def test_another_fingerprint_is_told_at_once_and_an_unknown_one_is_no_change():
    assert check_canary(canary(encoder="a"), canary(encoder="b")).why == "fingerprint"
    assert check_canary(canary(encoder="a"), canary()).why == "same"


def test_another_dimension_is_another_encoder_and_recall_is_measured_still():
    found = check_canary(canary(), canary(d=24, seed=3))
    assert found.why == "dimension"
    assert found.cosine == {}
    assert set(found.recall) == {"image_to_text", "text_to_image"}


def test_other_vectors_are_told_though_the_recall_is_the_same():
    stored = canary()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(16, 16)))[0]
    found = check_canary(
        stored, replace(stored, image=stored.image @ turn, text=stored.text @ turn)
    )
    assert found.why == "vectors"
    assert found.cosine["image"] < 0.5
    for each in found.recall.values():
        assert each.change.value == pytest.approx(0, abs=1e-9)
        assert each.before.low <= each.before.value <= each.before.high


def test_a_lost_recall_is_told_even_where_the_vectors_may_differ():
    stored = canary()
    noisy = np.random.default_rng(2).normal(size=stored.text.shape)
    found = check_canary(stored, replace(stored, text=stored.text + 2 * noisy), least_cosine=-1)
    assert found.why == "recall"
    assert found.recall["text_to_image"].change.high < 0
    assert found.recall_now < 0.8
    assert found.to_json()["recall"]["text_to_image"]["after"]["n"] == 60


def test_a_canary_of_other_items_is_refused():
    with pytest.raises(CorpusError, match="60 images and has 59"):
        check_canary(canary(), canary().subset(np.arange(59)))
    with pytest.raises(CorpusError, match="no pairs"):
        check_canary(replace(canary(), text_to_image=None), canary())
