import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.demo.captions import vocabulary
from dohyo.encoders.builtin.tokenizer import SPECIAL, Tokenizer

tokenizer = Tokenizer.from_words(vocabulary())
sentences = st.lists(st.sampled_from(vocabulary()), max_size=31).map(" ".join)


@given(texts=st.lists(sentences, max_size=5))
def test_known_words_make_the_round_trip(texts):
    ids = tokenizer.encode(texts)
    assert (ids.shape, ids.dtype) == ((len(texts), 32), np.int64)
    assert tokenizer.decode(ids) == tuple(texts)


@given(text=st.text())
def test_any_text_becomes_ids_of_the_vocabulary(text):
    ids = tokenizer.encode([text])
    assert ids.min() >= 0
    assert ids.max() < len(tokenizer.words)
    assert ids[0, 0] == tokenizer.words.index("<start>")


def test_case_and_punctuation_do_not_matter():
    np.testing.assert_array_equal(
        *tokenizer.encode(["At sunset, a RED star!", "at sunset a red star"])[:, None]
    )


def test_unknown_words_are_all_one():
    assert tokenizer.decode(tokenizer.encode(["a mauve 土俵 star"])) == ("a <unk> <unk> star",)


def test_a_user_cannot_type_a_special_token():
    assert tokenizer.decode(tokenizer.encode(["<pad> star"])) == ("<unk> star",)


def test_what_is_too_long_is_cut_off():
    assert tokenizer.decode(tokenizer.encode(["star " * 100])) == (" ".join(["star"] * 31),)


def test_the_vocabulary_survives_being_stored():
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer


@pytest.mark.parametrize("words", [("a", "b"), (*SPECIAL, "a", "a"), ()])
def test_a_malformed_vocabulary_is_refused(words):
    with pytest.raises(ValueError, match="vocabulary"):
        Tokenizer(words)
