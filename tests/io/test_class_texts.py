"""Corpora with labels and class texts, but no captions."""

from pathlib import Path

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, UsageError
from dohyo.io.class_texts import texts_with_prompts
from dohyo.io.npy import read_parts
from dohyo.io.npz import write_npz
from dohyo.io.read import read

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(size=(12, 5)).astype(np.float32)
PROMPT = RNG.normal(size=(3, 5)).astype(np.float32)
FURTHER = RNG.normal(size=(7, 5)).astype(np.float32)
LABEL = np.arange(12) % 3
NAMES = np.array(["a", "b", "c"])
CLASSES = {"image": IMAGE, "label": LABEL, "class_text": PROMPT, "class_name": NAMES}


@pytest.fixture
def saved(tmp_path: Path):
    def save(**given: np.ndarray) -> Path:
        np.savez(tmp_path / "given.npz", **given)
        return tmp_path / "given.npz"

    return save


@pytest.fixture
def further(tmp_path: Path) -> Path:
    np.save(tmp_path / "further.npy", FURTHER)
    return tmp_path / "further.npy"


@pytest.mark.parametrize("text", [None, np.empty((0, 5), np.float32), np.empty(0)])
def test_without_texts_the_class_texts_are_the_text_side(saved, text):
    corpus = read(saved(**CLASSES, **({} if text is None else {"text": text})))
    np.testing.assert_array_equal(corpus.text, PROMPT)
    np.testing.assert_array_equal(corpus.class_text, PROMPT)
    assert not corpus.paired
    assert corpus.class_name == ("a", "b", "c")


def test_further_texts_stand_behind_the_class_texts(saved, further):
    corpus = read(saved(**CLASSES), unpaired=True, texts=further)
    np.testing.assert_array_equal(corpus.text, np.concatenate([PROMPT, FURTHER]))
    assert not corpus.paired


def test_a_corpus_with_further_texts_is_written_and_read_alike(saved, further, tmp_path):
    corpus = read(saved(**CLASSES), unpaired=True, texts=further)
    write_npz(corpus, tmp_path / "again.npz")
    again = read(tmp_path / "again.npz", unpaired=True)
    np.testing.assert_array_equal(again.text, corpus.text)


def test_further_texts_have_no_pictures_of_their_own(saved, further):
    with pytest.raises(UsageError, match="which picture"):
        read(saved(**CLASSES), texts=further)


def test_a_corpus_with_texts_takes_no_further_ones(saved, further):
    with pytest.raises(UsageError, match="texts of its own"):
        read(saved(**CLASSES, text=PROMPT), unpaired=True, texts=further)


def test_without_any_texts_the_key_is_missing(saved, further):
    with pytest.raises(CorpusError, match="no key `text`"):
        read(saved(image=IMAGE, label=LABEL))
    with pytest.raises(CorpusError, match="no key `text`"):
        read(saved(image=IMAGE, label=LABEL), unpaired=True, texts=further)


def test_further_texts_must_fit(saved, tmp_path):
    np.save(tmp_path / "narrow.npy", FURTHER[:, :4])
    with pytest.raises(CorpusError, match="columns"):
        read(saved(**CLASSES), unpaired=True, texts=tmp_path / "narrow.npy")


def test_parts_without_texts(tmp_path, further):
    for name, array in (("i", IMAGE), ("l", LABEL), ("k", PROMPT)):
        np.save(tmp_path / f"{name}.npy", array)
    (tmp_path / "names.txt").write_text("a\nb\nc\n", encoding="utf-8")
    (tmp_path / "captions.txt").write_text("x\n" * 7, encoding="utf-8")
    parts = {
        "labels": tmp_path / "l.npy",
        "class_texts": tmp_path / "k.npy",
        "class_names": tmp_path / "names.txt",
    }
    alone = read_parts(tmp_path / "i.npy", None, **parts)
    np.testing.assert_array_equal(alone.text, PROMPT)
    assert not alone.paired
    captions = tmp_path / "captions.txt"
    more = read_parts(tmp_path / "i.npy", further, unpaired=True, captions=captions, **parts)
    np.testing.assert_array_equal(more.text, np.concatenate([PROMPT, FURTHER]))
    assert more.caption == ("a", "b", "c", *"xxxxxxx")


def test_the_wider_type_is_kept():
    both = texts_with_prompts(PROMPT.astype(np.float16), FURTHER.astype(np.float64))
    assert both.dtype == np.float64
    assert texts_with_prompts(PROMPT, None) is PROMPT


def test_in_python_texts_may_be_left_out():
    corpus = Corpus.from_arrays(IMAGE, None, labels=LABEL, class_texts=PROMPT)
    np.testing.assert_array_equal(corpus.text, PROMPT)
    with pytest.raises(CorpusError, match="no texts"):
        Corpus.from_arrays(IMAGE, None, labels=LABEL)
    with pytest.raises(CorpusError, match="none of them can belong"):
        Corpus.from_arrays(IMAGE, None, class_texts=PROMPT, paired=True)
