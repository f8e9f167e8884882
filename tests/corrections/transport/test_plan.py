"""The sparse plan against the dense one, where both can be had."""

import numpy as np
import pytest

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import Recipe
from dohyo.corrections.transport import plan
from dohyo.engine import cells
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from worlds import paired

transports = pytest.mark.parametrize("method", ["displacement", "ot"])


@pytest.fixture
def sparse(monkeypatch):
    """Make every plan sparse."""
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)


@pytest.fixture
def celled(sparse, monkeypatch):
    """And every search look into some cells alone."""
    monkeypatch.setattr(cells, "ROWS_IN_ONE_CELL", 50)
    monkeypatch.setattr(cells, "ROWS_PER_CELL", 20)


def clumps(seed=0, groups=400):
    """Pairs in a dozen clumps, with a gap."""
    rng = np.random.default_rng(seed)
    centre = 0.8 * rng.normal(size=(12, 24)) / np.sqrt(24)
    base = paired(rng, groups, 24, gap=0.8, noise=0.5)
    here = centre[rng.integers(0, 12, groups)]
    return Corpus.from_arrays(base.image + here, base.text + here)


def figures(corpus, recipe):
    """Mixed nDCG@10 and R@1 under both protocols, four numbers."""
    ranked = [evaluate(Pool(corpus), [recipe], each)[0].ranked for each in PROTOCOLS]
    names = ("mixed_ndcg_at_10", "recall_at_1")
    return np.array([np.nanmean(each.metric(name)) for each in ranked for name in names])


@transports
def test_three_times_the_perplexity_of_neighbours_is_as_good_as_all(method, monkeypatch):
    world = clumps()
    dense = figures(world, Recipe(method=method))
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)
    np.testing.assert_allclose(figures(world, Recipe(method=method)), dense, atol=0.01)


def test_so_it_is_on_clips_vectors(coco500, monkeypatch):
    recipe = Recipe(method="displacement")
    dense = figures(coco500, recipe)
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)
    np.testing.assert_allclose(figures(coco500, recipe), dense, atol=0.01)


@transports
def test_with_as_many_neighbours_as_there_are_it_is_the_dense_plan(method, monkeypatch):
    world = Evidence.of(clumps(groups=80))
    dense = fit_map(method, world)
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)
    whole = fit_map(method, world)
    assert whole.figures["neighbours"] == 80
    for side in MODALITIES:
        x = clumps(1).unit(side)
        np.testing.assert_allclose(whole.apply(x, side), dense.apply(x, side), atol=1e-4)


@transports
def test_the_sparse_plan_says_how_exact_it_is(method, celled):
    found = fit_map(method, Evidence.of(clumps())).figures
    assert found["marginal_error"] < 1e-6
    assert 0.99 <= found["graph_weight"] <= 1
    assert 0.95 <= found["graph_recall"] <= 1
    assert 0 < found["graph_share"] < 1
    assert found["perplexity"] == pytest.approx(30, rel=1e-3)


@transports
def test_the_same_evidence_gives_the_same_map_bit_for_bit(method, celled):
    maps = [fit_map(method, Evidence.of(clumps())) for _ in range(2)]
    assert maps[0].figures == maps[1].figures
    for name, array in maps[0].arrays.items():
        np.testing.assert_array_equal(array, maps[1].arrays[name])


@transports
def test_looking_into_some_cells_costs_next_to_nothing(method, sparse, monkeypatch):
    world = clumps(groups=1_200)
    seen, new = world.subset(np.arange(1_000)), world.subset(np.arange(1_000, 1_200))
    exact = fit_map(method, Evidence.of(seen))
    monkeypatch.setattr(cells, "ROWS_IN_ONE_CELL", 100)
    monkeypatch.setattr(cells, "ROWS_PER_CELL", 40)
    fast = fit_map(method, Evidence.of(seen))
    assert len(fast.arrays["text_cell"]) == 25 > fast.arrays["probes"].max()
    for side in MODALITIES:
        likeness = (fast.apply(new.unit(side), side) * exact.apply(new.unit(side), side)).sum(1)
        assert likeness.mean() > 0.999
        assert likeness.min() > 0.98


@transports
@pytest.mark.parametrize("side", MODALITIES)
def test_a_step_of_1e_4_in_never_moves_a_row_more_than_1e_2_out(method, side, celled):
    found = fit_map(method, Evidence.of(clumps()))
    rng = np.random.default_rng(6)
    x = clumps(1, 40).unit(side).astype(np.float64)
    # Along a path and not at a point: what jumps does so where one neighbour takes over.
    way = rng.normal(size=(40, 1, 24))
    steps = 1e-4 * np.arange(300)[:, None] * way / np.linalg.norm(way, axis=2, keepdims=True)
    path = (x[:, None] + steps).reshape(-1, 24)
    out = found.apply(path, side).reshape(40, 300, 24)
    assert np.linalg.norm(np.diff(out, axis=1), axis=2).max() < 1e-2
