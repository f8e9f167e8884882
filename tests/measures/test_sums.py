"""Sums by block say what the rows say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.engine.moments import moments
from dohyo.errors import CorpusError
from dohyo.measures import sums as module
from dohyo.measures.sums import sums
from worlds import paired


def everything(taken):
    return taken.part(np.ones(taken.blocks, dtype=bool))


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 70),
    each=st.integers(1, 3),
    d=st.integers(1, 9),
    gap=st.floats(0, 50),
)
def test_all_blocks_together_are_the_moments_of_all_rows(seed, n, each, d, gap):
    corpus = paired(np.random.default_rng(seed), n, d, texts_each=each, gap=gap)
    part = everything(sums(corpus))
    for mine, rows in ((part.image, corpus.image), (part.text, corpus.text)):
        wanted = moments(rows)
        assert mine.n == wanted.n
        np.testing.assert_allclose(mine.mean, wanted.mean, atol=1e-6)
        np.testing.assert_allclose(mine.covariance, wanted.covariance, atol=1e-6)
    cosine = (corpus.unit("image")[corpus.groups("text")] * corpus.unit("text")).sum(1)
    assert part.similarity == pytest.approx(cosine.sum(dtype=float), abs=1e-4)
    assert part.pairs == n * each


def test_stretches_of_rows_change_nothing(monkeypatch):
    corpus = paired(np.random.default_rng(0), 300, 5, texts_each=2)
    once = everything(sums(corpus))
    monkeypatch.setattr(module, "ROWS_PER_BLOCK", 7)
    again = everything(sums(corpus))
    np.testing.assert_allclose(again.text.covariance, once.text.covariance, atol=1e-6)
    assert again.similarity == pytest.approx(once.similarity, abs=1e-4)


def test_a_group_is_never_in_two_blocks():
    corpus = paired(np.random.default_rng(1), 45, 4, texts_each=3)
    taken = sums(corpus)
    np.testing.assert_array_equal(taken.count[1], 3 * taken.count[0])
    assert set(taken.count[0]) == {2, 3}


def test_without_pairs_both_sides_are_dealt_evenly():
    rng = np.random.default_rng(2)
    corpus = Corpus.from_arrays(rng.normal(size=(60, 3)), rng.normal(size=(40, 3)), paired=False)
    taken = sums(corpus)
    assert set(taken.count[0]) == {3}
    assert set(taken.count[1]) == {2}
    assert everything(taken).pairs == 0


def test_a_side_without_rows_has_no_figures():
    rng = np.random.default_rng(3)
    corpus = Corpus.from_arrays(rng.normal(size=(1, 3)), rng.normal(size=(9, 3)), paired=False)
    taken = sums(corpus)
    with pytest.raises(CorpusError, match="images in two groups"):
        taken.part(taken.count[0] == 0)
