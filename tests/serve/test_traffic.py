"""The tap on the service's traffic: what a window holds, and what it never keeps."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dohyo.search.answer import Found
from dohyo.serve.traffic import LEAST_LISTS, Pace, Sample, Traffic

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rows(n, seed=0, at=0.0):
    return (np.random.default_rng(seed).normal(size=(n, 8)) + at).astype(np.float32)


def hits(kinds, scores):
    return tuple(
        Found(rank=place, id=place, modality=kind, score=score, collection="c")
        for place, (kind, score) in enumerate(zip(kinds, scores, strict=True), start=1)
    )


def test_a_window_closes_by_time_and_by_rows():
    tap = Traffic(Pace(least=20), BEGAN)
    tap.vectors("items", "image", rows(15))
    assert tap.close(BEGAN + HOUR) == []  # too few rows: it stays open
    tap.vectors("items", "image", rows(5))
    assert tap.close(BEGAN + HOUR / 2) == []  # too early
    (window,) = tap.close(BEGAN + 2 * HOUR)
    assert (window.population, window.seen, window.hours) == ("items", {"image": 20}, 2.0)
    assert np.array_equal(window.rows["image"], np.concatenate([rows(15), rows(5)]))
    assert tap.close(BEGAN + 9 * HOUR) == []  # a new one has begun, and is empty


def test_queries_and_items_are_apart_and_a_thin_side_is_left_out():
    tap = Traffic(Pace(least=10), BEGAN)
    tap.vectors("items", "image", rows(30))
    tap.vectors("queries", "text", rows(40))
    tap.vectors("queries", "image", rows(9))
    windows = {each.population: each for each in tap.close(BEGAN + HOUR)}
    assert set(windows["items"].rows) == {"image"}
    assert set(windows["queries"].rows) == {"text"}
    assert windows["queries"].seen == {"text": 40, "image": 9}


def test_lists_become_their_cross_share_and_the_distance_of_their_scores():
    tap = Traffic(Pace(least=1), BEGAN)
    for _ in range(LEAST_LISTS):
        tap.answered("text", rows(1)[0], hits(["text"] * 6 + ["image"] * 6, [0.9] * 6 + [0.5] * 6))
    (window,) = tap.close(BEGAN + HOUR)
    assert window.figures["cross_share"] == pytest.approx(0.4)  # of the first ten
    assert window.figures["comparability"] == pytest.approx(0.4)
    assert window.seen == {"text": LEAST_LISTS}


def test_few_lists_and_lists_of_one_kind_tell_nothing_of_scores():
    tap = Traffic(Pace(least=1), BEGAN)
    for _ in range(LEAST_LISTS - 1):
        tap.answered("text", rows(1)[0], hits(["image"], [0.5]))
    (window,) = tap.close(BEGAN + HOUR)
    assert window.figures == {}
    for _ in range(LEAST_LISTS):
        tap.answered("text", rows(1)[0], hits(["image"], [0.5]))
        tap.answered("text", rows(1)[0], ())
    (window,) = tap.close(BEGAN + 2 * HOUR)
    assert window.figures == {"cross_share": 1.0}


def test_memory_is_bounded_whatever_passes():
    tap = Traffic(Pace(sample=50, waiting=1_000), BEGAN)
    for seed in range(10):
        tap.vectors("items", "text", rows(400, seed))
    assert tap.skipped == 8 * 400  # nobody has digested the first thousand yet
    tap.digest()
    for seed in range(100):
        tap.vectors("items", "text", rows(400, seed))
        tap.digest()
    (window,) = tap.close(BEGAN + HOUR)
    assert window.seen["text"] == 102 * 400
    assert window.rows["text"].shape == (50, 8)
    assert window.rows["text"].base is None or window.rows["text"].base.nbytes < 1e5


def test_vectors_of_another_dimension_are_counted_and_left_out():
    tap = Traffic(Pace(least=10), BEGAN)
    tap.vectors("items", "image", rows(10))
    tap.vectors("items", "image", np.ones((4, 3), np.float32))
    tap.vectors("items", "text", np.ones((4, 3), np.float32))
    (window,) = tap.close(BEGAN + HOUR)
    assert window.seen == {"image": 10}
    assert tap.skipped == 8


def test_every_row_has_the_same_chance_whenever_it_came():
    """Of 1,000 rows in blocks of odd sizes 100 are kept, each tenth in its turn."""
    kept = np.zeros(1_000)
    whole = np.arange(1_000, dtype=np.float32)[:, None]
    for seed in range(200):
        sample = Sample(100, np.random.default_rng(seed))
        sample.add([whole[:7], whole[7:300]])
        sample.add([whole[300:301], whole[301:600]])
        sample.add([whole[600:1_000]])
        kept[sample.rows()[:, 0].astype(int)] += 1
    tenths = kept.reshape(10, 100).sum(1) / (200 * 100)
    assert np.abs(tenths - 0.1).max() < 0.01  # 4.7 standard errors
    assert kept.sum() == 200 * 100


def test_a_stop_closes_a_window_that_has_enough():
    tap = Traffic(Pace(least=20), BEGAN)
    tap.vectors("items", "image", rows(20))
    tap.vectors("queries", "text", rows(19))
    assert [each.population for each in tap.close(BEGAN + HOUR / 60, ending=True)] == ["items"]
