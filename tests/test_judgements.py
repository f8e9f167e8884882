"""Names of judged queries and items are found, or the line of the wrong one is named."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.judgements import Judgements, QuerySet, located

CORPUS = Corpus.from_arrays(
    np.eye(3, 4, dtype=np.float32),
    np.eye(2, 4, dtype=np.float32),
    paired=False,
    image_ids=["cat", "dog", "owl"],
)
ASKING = QuerySet.from_arrays(texts=np.eye(2, 4, dtype=np.float32), text_ids=["q", "r"])


def test_items_are_numbered_images_before_texts():
    said = Judgements.from_lists(["text/1", "dog", "dog"], ["cat", "text/0", "owl"], [1, 2, 0])
    found = located(said, CORPUS)
    assert found.modality.tolist() == [0, 1]
    assert found.row.tolist() == [1, 1]
    assert found.asked.tolist() == [1, 0, 0]
    assert found.item.tolist() == [0, 3, 2]


def test_queries_from_outside_have_names_of_their_own():
    said = Judgements.from_lists(["r", "r"], ["cat", "text/1"], [1, 1], queries=ASKING)
    found = located(said, CORPUS)
    assert (found.modality.tolist(), found.row.tolist()) == ([1], [1])
    assert found.item.tolist() == [0, 4]


@pytest.mark.parametrize(
    ("query", "item", "queries", "said"),
    [
        ("cat", "bat", None, "judgements line 1 speaks of bat, but there is no such item"),
        ("bat", "cat", None, "judgements line 1 speaks of bat, but there is no such item"),
        ("cat", "dog", ASKING, "judgements line 1 speaks of cat, but there is no such query"),
    ],
)
def test_an_unknown_name_is_told_with_its_line(query, item, queries, said):
    with pytest.raises(CorpusError) as caught:
        located(Judgements.from_lists([query], [item], [1], queries=queries), CORPUS)
    assert caught.value.what.startswith(said)


def test_queries_of_another_encoder_or_width_are_refused():
    other = replace(ASKING, encoder="b")
    said = Judgements.from_lists(["q"], ["cat"], [1], queries=other)
    with pytest.raises(CorpusError, match="different encoders"):
        located(said, replace(CORPUS, encoder="a"))
    narrow = QuerySet.from_arrays(texts=np.eye(2, dtype=np.float32), text_ids=["q", "r"])
    with pytest.raises(CorpusError, match="4 columns, the text queries have 2"):
        located(replace(said, queries=narrow), CORPUS)


def test_no_query_at_all_is_refused():
    with pytest.raises(CorpusError, match="no query"):
        QuerySet.from_arrays()


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(CorpusError, match="item has 1 entries"):
        Judgements.from_lists(["a", "b"], ["c"], [1, 1])
