import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.measures import view as module
from dohyo.measures.view import Budget, view
from worlds import paired, sphere, view_of


def test_a_small_corpus_is_seen_whole_as_unit_rows():
    corpus = paired(np.random.default_rng(0), 20, 6, texts_each=3)
    seen = view(corpus)
    assert not seen.sampled
    np.testing.assert_array_equal(seen.union[:20], corpus.unit("image"))
    np.testing.assert_array_equal(seen.union[20:], corpus.unit("text"))
    assert seen.groups == 20
    assert seen.group[20:].tolist() == corpus.groups("text").tolist()


@pytest.fixture
def ten(monkeypatch):
    """Let "fast" look at ten groups."""
    monkeypatch.setitem(module.BUDGETS, "fast", Budget(groups=10, queries=10))


def test_a_large_one_is_sampled_by_group_and_by_seed(ten):
    corpus = paired(np.random.default_rng(1), 50, 6, texts_each=2)
    seen = view(corpus, effort="fast", seed=3)
    assert seen.sampled
    assert (len(seen.image), len(seen.text)) == (10, 20)
    rows = [int(np.flatnonzero((corpus.unit("image") == x).all(1))[0]) for x in seen.image]
    for row, owner in zip(seen.text, seen.text_to_image, strict=True):
        group = corpus.groups("text")[(corpus.unit("text") == row).all(1)]
        assert group == rows[owner]
    np.testing.assert_array_equal(view(corpus, effort="fast", seed=3).image, seen.image)
    assert not np.array_equal(view(corpus, effort="fast", seed=4).image, seen.image)


def test_without_pairs_both_sides_are_sampled_and_every_row_is_a_group(ten):
    rng = np.random.default_rng(2)
    corpus = Corpus.from_arrays(sphere(rng, 30, 4), sphere(rng, 8, 4), paired=False)
    seen = view(corpus, effort="fast")
    assert (len(seen.image), len(seen.text), seen.groups, seen.sampled) == (10, 8, 18, True)
    assert seen.group.tolist() == list(range(18))


def test_keeping_groups_keeps_all_their_rows():
    rng = np.random.default_rng(3)
    owner = np.array([2, 0, 2, 1])
    seen = view_of(sphere(rng, 3, 4), sphere(rng, 4, 4), owner)
    image, text = seen.split(np.array([True, False, True]))
    np.testing.assert_array_equal(image, seen.image[[0, 2]])
    np.testing.assert_array_equal(text, seen.text[[0, 1, 2]])


def test_no_side_is_ever_left_empty():
    rng = np.random.default_rng(4)
    seen = view_of(sphere(rng, 1, 4), sphere(rng, 5, 4))
    with pytest.raises(
        CorpusError, match=r"^An interval needs images in two groups and texts in two\. Give more"
    ):
        seen.split(np.arange(6) > 0)


def test_it_knows_what_each_group_holds():
    rows = sphere(np.random.default_rng(5), 3, 4)
    assert view_of(rows, rows[:2], np.array([0, 2])).held.tolist() == [3, 1, 3]
    assert view_of(rows, rows[:2]).held.tolist() == [1, 1, 1, 2, 2]


def test_what_looks_at_every_row_is_not_sampled(ten):
    corpus = paired(np.random.default_rng(7), 50, 6, texts_each=2)
    seen = view(corpus, effort="fast")
    assert seen.whole_groups == 50
    assert seen.sums.count.sum(axis=1).tolist() == [50, 100]
    found = seen.search
    assert (len(found.row), found.images, found.texts) == (30, 50, 100)
    asking = found.row[found.modality == 0]
    assert found.row[found.modality == 1].tolist() == [
        t for i in asking for t in (2 * i, 2 * i + 1)
    ]
