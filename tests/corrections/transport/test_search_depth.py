import numpy as np
import pytest

from dohyo.corrections.transport import search_depth as engine
from dohyo.corrections.transport.search_depth import search_depth
from dohyo.engine import cells as partition
from dohyo.engine.cells import Cells, sorted_by_cell
from dohyo.rows import unit_rows
from worlds import sphere

K, BETA = 15, 12.0


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    centre = sphere(rng, 12, 8)
    queries, rows = (
        unit_rows(centre[rng.integers(0, 12, size)] + 0.2 * rng.normal(size=(size, 8)))
        for size in (200, 900)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partition, "ROWS_IN_ONE_CELL", 100)
        patch.setattr(partition, "ROWS_PER_CELL", 40)
        order, cells = sorted_by_cell(rows)
    return queries, queries @ rows[order].T, cells


def by_hand(queries, scores, cells, probes):
    """Share of the true nearest in the cells looked into, plain and by weight."""
    label = np.repeat(np.arange(len(cells.size)), cells.size)
    plain, weighed = [], []
    for closeness, row in zip(queries @ cells.centre.T, scores, strict=True):
        looked_at = set(np.argsort(-closeness)[:probes])
        best = np.argsort(-row)[:K]
        inside = np.array([label[each] in looked_at for each in best])
        weight = np.exp(BETA * row[best].astype(float))
        plain.append(inside.mean())
        weighed.append(weight[inside].sum() / weight.sum())
    return np.mean(plain), np.mean(weighed)


def test_it_looks_just_far_enough_and_tells_what_it_finds(world):
    found = search_depth(*world, k=K, beta=BETA)
    assert 1 < found.probes < len(world[2].size)
    assert (found.recall, found.weight) == pytest.approx(by_hand(*world, found.probes), abs=1e-9)
    assert (found.recall >= 0.95, found.weight >= 0.99) == (True, True)
    recall, weight = by_hand(*world, found.probes - 1)
    assert recall < 0.95 or weight < 0.99


def test_it_never_looks_at_more_rows_than_it_may_and_says_what_that_costs(world, monkeypatch):
    monkeypatch.setattr(engine, "ROWS_LOOKED_AT", 100)
    queries, scores, cells = world
    found = search_depth(queries, scores, cells, k=K, beta=BETA)
    assert found.probes * cells.size.mean() <= 100
    assert (found.recall, found.weight) == pytest.approx(by_hand(*world, found.probes), abs=1e-9)
    assert found.weight < 0.99


def test_a_single_cell_hides_nothing(world):
    queries, scores, _ = world
    whole = Cells(np.zeros((1, 8), np.float32), np.array([900]))
    assert search_depth(queries, scores, whole, k=K, beta=BETA) == (1, 1.0, 1.0)
