import numpy as np
import pytest

from dohyo.engine import cells as engine
from dohyo.engine.cells import sorted_by_cell
from dohyo.rows import unit_rows
from worlds import sphere


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(engine, "ROWS_IN_ONE_CELL", 100)
    monkeypatch.setattr(engine, "ROWS_PER_CELL", 50)


def clumps(rows=1_000, count=10, dim=8):
    rng = np.random.default_rng(0)
    centre = sphere(rng, count, dim)
    return unit_rows(centre[rng.integers(0, count, rows)] + 0.05 * rng.normal(size=(rows, dim)))


def test_every_row_lies_in_one_cell_and_none_is_empty():
    rows = clumps()
    order, cells = sorted_by_cell(rows)
    np.testing.assert_array_equal(np.sort(order), np.arange(1_000))
    assert cells.size.sum() == 1_000
    assert cells.size.min() > 0
    np.testing.assert_array_equal(cells.start, [0, *np.cumsum(cells.size)[:-1]])


def test_a_row_lies_in_the_cell_whose_centre_is_nearest():
    rows = clumps()
    order, cells = sorted_by_cell(rows)
    label = np.repeat(np.arange(len(cells.size)), cells.size)
    np.testing.assert_array_equal((rows[order] @ cells.centre.T).argmax(axis=1), label)


def test_the_rows_of_a_cell_are_nearer_to_each_other_than_to_the_rest():
    rows = clumps()
    order, cells = sorted_by_cell(rows)
    label = np.repeat(np.arange(len(cells.size)), cells.size)
    scores = rows[order] @ rows[order].T
    same = label[:, None] == label
    assert scores[same].mean() > 0.8 > 0.2 > scores[~same].mean()


def test_a_seed_gives_the_same_cells_again_and_another_seed_others():
    rows = clumps()
    first, again, other = (sorted_by_cell(rows, seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_few_rows_are_one_cell_in_their_old_order():
    order, cells = sorted_by_cell(clumps(100))
    np.testing.assert_array_equal(order, np.arange(100))
    assert cells.size.tolist() == [100]


def test_rows_all_alike_still_have_a_cell():
    order, cells = sorted_by_cell(np.tile(sphere(np.random.default_rng(1), 1, 8), (300, 1)))
    assert len(order) == cells.size.sum() == 300
