import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.verification.protocols import PROTOCOLS, splits


@st.composite
def corpora(draw):
    """Images with any number of texts, none included."""
    images, texts = draw(st.integers(4, 20)), draw(st.integers(1, 30))
    owner = draw(st.lists(st.integers(0, images - 1), min_size=texts, max_size=texts))
    return Corpus.from_arrays(np.ones((images, 2)), np.ones((texts, 2)), owner)


def texts_of(corpus, images):
    return set(np.flatnonzero(np.isin(corpus.groups("text"), images)).tolist())


@given(corpus=corpora(), seed=st.integers(0, 99))
def test_an_unseen_corpus_is_a_fold_of_whole_groups_that_the_fit_never_saw(corpus, seed):
    folds = corpus.folds(4, seed)
    for split, held in zip(splits(corpus, "unseen_corpus", seed=seed), folds, strict=True):
        assert set(split.query_image) == set(held)
        assert set(split.query_text) == texts_of(corpus, held)
        np.testing.assert_array_equal(split.gallery_image, split.query_image)
        np.testing.assert_array_equal(split.gallery_text, split.query_text)
        assert split.queries_in_gallery
        assert set(split.fit_image) == set(range(len(corpus.image))) - set(held)
        assert set(split.fit_text) == set(range(len(corpus.text))) - texts_of(corpus, held)


@given(corpus=corpora(), seed=st.integers(0, 99))
def test_an_unseen_query_meets_a_gallery_and_a_fit_with_everything_but_its_side_of_the_fold(
    corpus, seed
):
    folds = corpus.folds(4, seed)
    found = list(splits(corpus, "unseen_query", seed=seed))
    assert [split.fold for split in found] == [0, 0, 1, 1, 2, 2, 3, 3]
    images, texts = set(range(len(corpus.image))), set(range(len(corpus.text)))
    for asks_image, asks_text, held in zip(found[::2], found[1::2], folds, strict=True):
        of_held = texts_of(corpus, held)
        wanted = (
            (set(held), set(), images - set(held), texts),
            (set(), of_held, images, texts - of_held),
        )
        for split, (query_image, query_text, image, text) in zip(
            (asks_image, asks_text), wanted, strict=True
        ):
            assert (set(split.query_image), set(split.query_text)) == (query_image, query_text)
            assert (set(split.gallery_image), set(split.gallery_text)) == (image, text)
            assert (set(split.fit_image), set(split.fit_text)) == (image, text)
            assert not split.queries_in_gallery


@given(corpus=corpora(), protocol=st.sampled_from(PROTOCOLS))
def test_every_row_asks_exactly_once_and_is_never_fitted_on_when_it_does(corpus, protocol):
    found = list(splits(corpus, protocol))
    asked = np.concatenate([split.query_image for split in found])
    assert sorted(asked) == list(range(len(corpus.image)))
    asked = np.concatenate([split.query_text for split in found])
    assert sorted(asked) == list(range(len(corpus.text)))
    for split in found:
        assert not set(split.query_image) & set(split.fit_image)
        assert not set(split.query_text) & set(split.fit_text)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_without_pairs_or_with_fewer_groups_than_folds_nothing_can_be_held_out(protocol):
    unpaired = Corpus.from_arrays(np.ones((9, 2)), np.ones((9, 2)), paired=False)
    with pytest.raises(CorpusError, match=r"^This corpus has no pairs\. "):
        next(splits(unpaired, protocol))
    few = Corpus.from_arrays(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(CorpusError, match=r"^3 images cannot be split into 4 folds\. "):
        next(splits(few, protocol))
