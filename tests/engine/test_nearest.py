import numpy as np
import pytest

from dohyo.engine import cells as engine
from dohyo.engine import nearest as search
from dohyo.engine.cells import sorted_by_cell
from dohyo.engine.nearest import nearest
from dohyo.rows import unit_rows
from worlds import sphere


@pytest.fixture(scope="module")
def world():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ROWS_IN_ONE_CELL", 100)
        patch.setattr(engine, "ROWS_PER_CELL", 40)
        rng = np.random.default_rng(0)
        centre = sphere(rng, 12, 8)
        rows = unit_rows(centre[rng.integers(0, 12, 900)] + 0.2 * rng.normal(size=(900, 8)))
        order, cells = sorted_by_cell(rows)
    queries = unit_rows(centre[rng.integers(0, 12, 150)] + 0.2 * rng.normal(size=(150, 8)))
    return queries, rows[order], cells


def by_anchor(found):
    order = np.argsort(found.anchor, axis=1)
    return (np.take_along_axis(each, order, 1) for each in found)


def test_looking_into_every_cell_finds_what_sorting_all_scores_finds(world):
    queries, anchors, cells = world
    bias = np.random.default_rng(1).normal(size=900).astype(np.float32)
    found = nearest(
        queries, anchors, cells, 20, probes=len(cells.size), scale=3.0, bias=bias, ramped=True
    )
    scores = 3.0 * queries @ anchors.T + bias
    wanted = np.sort(np.argsort(-scores, axis=1)[:, :20], axis=1)
    anchor, score = by_anchor(found)
    np.testing.assert_array_equal(anchor, wanted)
    np.testing.assert_allclose(score, np.take_along_axis(scores, wanted, 1), atol=1e-5)


def test_looking_into_some_finds_the_best_of_those_cells(world):
    queries, anchors, cells = world
    label = np.repeat(np.arange(len(cells.size)), cells.size)
    home = np.argsort(-queries @ cells.centre.T, axis=1)[:, :3]
    scores = queries @ anchors.T
    inside = (label[None, :, None] == home[:, None, :]).any(axis=2)
    wanted = np.sort(np.argsort(-np.where(inside, scores, -9), axis=1)[:, :10], axis=1)
    anchor, _ = by_anchor(nearest(queries, anchors, cells, 10, probes=3))
    np.testing.assert_array_equal(anchor, wanted)


def test_blocks_and_their_order_change_nothing(world, monkeypatch):
    queries, anchors, cells = world
    at_once = list(by_anchor(nearest(queries, anchors, cells, 10, probes=3)))
    monkeypatch.setattr(search, "SCORES_PER_BLOCK", 1)
    again = list(by_anchor(nearest(queries[::-1], anchors, cells, 10, probes=3)))
    np.testing.assert_array_equal(again[0][::-1], at_once[0])
    np.testing.assert_allclose(again[1][::-1], at_once[1], atol=1e-6)


def test_where_too_few_are_looked_at_the_rest_scores_nothing(world):
    queries, anchors, cells = world
    most = int(cells.size.max()) + 5
    found = nearest(queries, anchors, cells, most, probes=1)
    assert np.isneginf(found.score).any(axis=1).all()
    assert (found.anchor < 900).all()
    home = cells.size[(queries @ cells.centre.T).argmax(axis=1)]
    np.testing.assert_array_equal(np.isfinite(found.score).sum(axis=1), home)


def test_anchors_of_half_precision_are_taken(world):
    queries, anchors, cells = world
    half = nearest(queries, anchors.astype(np.float16), cells, 10, probes=3)
    assert half.score.dtype == np.float32
    full = nearest(queries, anchors, cells, 10, probes=3)
    np.testing.assert_allclose(np.sort(half.score), np.sort(full.score), atol=2e-3)


def test_a_cell_fades_out_where_the_next_would_take_its_place(world):
    """At the border of the cells that are looked into, what is lost or won weighs nothing."""
    queries, anchors, cells = world
    path = np.linspace(0, 1, 2_001)[:, None]
    walk = unit_rows(((1 - path) * queries[0] + path * queries[1]).astype(np.float32))
    total = {
        ramped: np.exp(
            nearest(walk, anchors, cells, 200, probes=3, scale=5.0, ramped=ramped).score
        ).sum(axis=1)
        for ramped in (True, False)
    }
    jump = {ramped: np.abs(np.diff(np.log(mass))).max() for ramped, mass in total.items()}
    assert jump[True] < 0.03 < jump[False]
