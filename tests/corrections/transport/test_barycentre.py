import numpy as np
import ot
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.transport import barycentre as engine
from dohyo.corrections.transport import plan
from dohyo.corrections.transport.barycentre import barycentre
from dohyo.corrections.transport.plan import fit_plan
from dohyo.engine import cells
from worlds import sphere

RNG = np.random.default_rng(0)
IMAGE, TEXT, NEW = (sphere(RNG, rows, 6) for rows in (90, 140, 30))
each_side = pytest.mark.parametrize("side", MODALITIES)


@pytest.fixture(scope="module")
def dense():
    return fit_plan(IMAGE, TEXT, 10.0).arrays


@pytest.fixture(scope="module")
def sparse():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "DENSE_ENTRIES", 0)
        return fit_plan(IMAGE, TEXT, 10.0).arrays


def test_an_anchor_lands_on_the_barycentric_projection_of_pots_plan(dense):
    even = np.full(90, 1 / 90), np.full(140, 1 / 140)
    cost = 1 - (IMAGE @ TEXT.T).astype(np.float64)
    coupled = ot.sinkhorn(
        *even, cost, 1 / float(dense["beta"][0]), numItermax=50_000, stopThr=1e-12
    )
    np.testing.assert_allclose(barycentre(dense, IMAGE, "image"), (coupled * 90) @ TEXT, atol=2e-5)
    np.testing.assert_allclose(
        barycentre(dense, TEXT, "text"), (coupled.T * 140) @ IMAGE, atol=2e-5
    )


@each_side
def test_of_a_sparse_plan_it_is_the_mean_of_the_largest_terms(sparse, side):
    other = "text" if side == "image" else "image"
    anchor = sparse[f"{other}_anchor"].astype(float)
    for x, got in zip(NEW, barycentre(sparse, NEW, side), strict=True):
        pull = float(sparse["beta"][0]) * (anchor @ x) + sparse[f"{other}_potential"]
        order = np.argsort(-pull)[:31]
        fade = np.minimum((pull[order] - pull[order[-1]]) / 0.25, 1)
        mass = np.exp(pull[order] - pull.max()) * fade
        np.testing.assert_allclose(got, mass @ anchor[order] / mass.sum(), atol=1e-5)


@each_side
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_anchors_of_half_precision_are_taken(kind, side, request):
    arrays = request.getfixturevalue(kind)
    half = arrays | {
        name: array.astype(np.float16) for name, array in arrays.items() if "anchor" in name
    }
    out = barycentre(half, NEW, side)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, barycentre(arrays, NEW, side), atol=5e-3)


@each_side
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_pytorch_finds_the_same(kind, side, request):
    torch = pytest.importorskip("torch")
    arrays = request.getfixturevalue(kind)
    there = {name: torch.asarray(array.copy()) for name, array in arrays.items()}
    out = barycentre(there, torch.asarray(NEW.copy()), side)
    assert (type(out), out.dtype) == (torch.Tensor, torch.float32)
    np.testing.assert_allclose(out.numpy(), barycentre(arrays, NEW, side), atol=1e-5)


@each_side
def test_a_map_that_holds_weights_instead_of_their_logarithms_is_read(dense, side):
    old = {name: array for name, array in dense.items() if "potential" not in name}
    old |= {f"{each}_weight": np.exp(dense[f"{each}_potential"]) for each in MODALITIES}
    np.testing.assert_allclose(barycentre(old, NEW, side), barycentre(dense, NEW, side), atol=1e-6)


@each_side
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_blocks_change_nothing(kind, side, request, monkeypatch):
    arrays = request.getfixturevalue(kind)
    at_once = barycentre(arrays, NEW, side)
    monkeypatch.setattr(engine, "ROWS_PER_BLOCK", 7)
    monkeypatch.setattr(engine, "GATHERED_ROWS", 7)
    np.testing.assert_allclose(barycentre(arrays, NEW, side), at_once, atol=1e-6)


@each_side
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_where_all_anchors_are_alike_it_is_they(side, backend, monkeypatch):
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)
    same = np.tile(IMAGE[:1], (90, 1))
    arrays, x = fit_plan(same, same, 10.0).arrays, NEW
    if backend == "torch":
        torch = pytest.importorskip("torch")
        arrays = {name: torch.asarray(array.copy()) for name, array in arrays.items()}
        x = torch.asarray(NEW.copy())
    np.testing.assert_allclose(barycentre(arrays, x, side), same[:30], atol=1e-5)


@each_side
def test_a_row_far_from_all_cells_is_still_sent_somewhere(side, monkeypatch):
    monkeypatch.setattr(plan, "DENSE_ENTRIES", 0)
    monkeypatch.setattr(cells, "ROWS_IN_ONE_CELL", 10)
    monkeypatch.setattr(cells, "ROWS_PER_CELL", 10)
    arrays = fit_plan(IMAGE, TEXT, 3.0).arrays
    out = barycentre(arrays, -arrays[f"{side}_anchor"], side)
    assert np.isfinite(out).all()
    assert (np.linalg.norm(out, axis=1) > 0.1).all()
