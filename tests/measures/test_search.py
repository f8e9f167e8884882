"""The search in one pass finds what sorting every score finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.engine.topk import topk
from dohyo.measures import search as module
from dohyo.measures.search import search
from worlds import paired


def scores_of(corpus: Corpus) -> np.ndarray:
    union = np.concatenate([corpus.unit("image"), corpus.unit("text")])
    scores = union @ union.T
    np.fill_diagonal(scores, -np.inf)
    return scores


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 60), each=st.integers(1, 3))
def test_every_query_finds_what_a_full_sort_finds(seed, n, each):
    corpus = paired(np.random.default_rng(seed), n, 8, texts_each=each)
    scores = scores_of(corpus)
    found = search(corpus, np.arange(n), np.arange(n * each))
    wanted = topk(scores, min(90, len(scores) - 1))
    # BLAS may round a product differently in another block; equal scores may then change places.
    np.testing.assert_allclose(found.similarity, np.take_along_axis(scores, wanted, 1), atol=1e-6)
    np.testing.assert_allclose(
        np.take_along_axis(scores, found.index, 1), found.similarity, atol=1e-6
    )
    assert all(len(set(row)) == len(row) for row in found.index.tolist())
    cross = np.where(found.modality == 0, n + found.cross, found.cross)
    best = np.where(found.modality == 0, scores[:, n:].max(1), scores[:, :n].max(1))
    np.testing.assert_allclose(scores[np.arange(len(scores)), cross], best, atol=1e-6)
    assert found.group[n:].tolist() == corpus.groups("text").tolist()


@pytest.mark.parametrize("entries", [1, 300_000])
def test_blocks_change_nothing(monkeypatch, entries):
    corpus = paired(np.random.default_rng(0), 700, 12)
    some = np.arange(0, 700, 7)
    whole = search(corpus, some, some)
    monkeypatch.setattr(module, "SCORES_PER_BLOCK", entries)
    parts = search(corpus, some, some)
    np.testing.assert_array_equal(whole.index, parts.index)
    np.testing.assert_array_equal(whole.cross, parts.cross)
    np.testing.assert_allclose(whole.mean_distance, parts.mean_distance, atol=1e-6)


def test_mean_distances_leave_out_the_query_itself():
    corpus = paired(np.random.default_rng(1), 30, 6)
    found = search(corpus, np.arange(30), np.arange(30))
    union = np.concatenate([corpus.unit("image"), corpus.unit("text")])
    apart = np.linalg.norm(union[:, None] - union[None], axis=2)
    np.testing.assert_allclose(found.mean_distance[:30, 0], apart[:30, :30].sum(1) / 29, atol=1e-3)
    np.testing.assert_allclose(found.mean_distance[:30, 1], apart[:30, 30:].mean(1), atol=1e-3)
    np.testing.assert_allclose(found.mean_distance[30:, 1], apart[30:, 30:].sum(1) / 29, atol=1e-3)


def test_a_single_text_has_no_distance_to_another():
    rng = np.random.default_rng(2)
    corpus = Corpus.from_arrays(rng.normal(size=(4, 3)), rng.normal(size=(1, 3)), paired=False)
    found = search(corpus, np.arange(4), np.arange(1))
    assert np.isnan(found.mean_distance[4, 1])
    assert not found.same(10)[4].any()
