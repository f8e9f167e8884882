"""Batches become one corpus."""

from datetime import UTC, datetime

import numpy as np

from adjusting import pairs
from dohyo.monitor.adjust.recent import corpus_of, groups_of
from dohyo.monitor.batch import Batch, Side

AT = datetime(2026, 1, 1, tzinfo=UTC)


def batch(seed, n=20, **given):
    return Batch.of(pairs(n, seed=seed, **given), id=str(seed), at=AT)


def test_pairs_stay_pairs():
    both = corpus_of([batch(1), batch(2, scene="night")], 1_000)
    assert groups_of(both) == 40
    assert both.source[0] == "calm"
    assert both.source[-1] == "night"
    alone = pairs(20, seed=2)
    np.testing.assert_array_equal(both.image[both.text_to_image[25]], alone.image[5])
    assert both.caption[25] == "night 5"


def test_the_newest_are_taken_where_there_are_too_many():
    found = corpus_of([batch(1, scene="old"), batch(2, scene="mid"), batch(3, scene="new")], 30)
    assert len(found.image) == 30
    assert found.source.count("new") == 20
    assert "old" not in found.source


def test_batches_with_pairs_are_taken_alone_and_one_kind_is_nothing():
    loose = Batch(
        id="x", at=AT, image=Side(rows=np.ones((5, 16))), text=Side(rows=np.ones((5, 16)))
    )
    assert len(corpus_of([batch(1), loose], 1_000).image) == 20
    assert not corpus_of([loose], 1_000).paired
    assert corpus_of([Batch(id="x", at=AT, image=Side(rows=np.ones((5, 16))))], 1_000) is None
    assert corpus_of([], 1_000) is None


def test_batches_that_do_not_belong_together_are_nothing():
    other = Batch(id="x", at=AT, image=Side(rows=np.ones((5, 8))), text=Side(rows=np.ones((5, 8))))
    same = Batch(id="y", at=AT, image=Side(rows=np.ones((5, 16))), text=Side(rows=np.ones((5, 16))))
    assert corpus_of([same, other], 1_000) is None
