"""PyTorch and NumPy run the same formulas: every method, side, role and strength."""

from functools import cache

import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence, Side
from dohyo.corrections.map import fit_map
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError
from worlds import paired

torch = pytest.importorskip("torch")

DIM = 12
CORPUS = paired(np.random.default_rng(0), 90, DIM, gap=0.8)
NEW = paired(np.random.default_rng(1), 40, DIM, gap=0.8)
DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
    ),
]
OPTIONS = {"plain": {}, "calibrated": {"calibrate": 1.0}, "hubs": {"calibrate": 1.0, "hubs": 0.5}}
LINEAR = [m for m in METHODS if m not in ("spectral", "ot", "displacement")]

on_each_device = pytest.mark.parametrize("device", DEVICES)


@cache
def fitted(method, options="plain"):
    return fit_map(method, Evidence.of(CORPUS), OPTIONS[options])


def sent(x, device):
    return torch.asarray(np.array(x), device=device)


@on_each_device
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", MODALITIES)
@pytest.mark.parametrize("strength", [0.4, 1.0])
def test_every_method_gives_the_same_rows_on_both(method, side, strength, device):
    x = NEW.unit(side)
    there = fitted(method).apply(sent(x, device), side, strength=strength)
    assert (there.device.type, there.dtype) == (device, torch.float32)
    here = fitted(method).apply(x, side, strength=strength)
    np.testing.assert_allclose(there.cpu().numpy(), here, atol=5e-6)


@on_each_device
@pytest.mark.parametrize("options", ["calibrated", "hubs"])
@pytest.mark.parametrize("side", MODALITIES)
@pytest.mark.parametrize("role", ["item", "query"])
@pytest.mark.parametrize("strength", [0.4, 1.0])
def test_so_do_the_columns_for_the_scores(options, side, role, strength, device):
    x = NEW.unit(side)
    there = fitted("center", options).apply(sent(x, device), side, role, strength)
    here = fitted("center", options).apply(x, side, role, strength)
    assert here.shape[1] > DIM
    np.testing.assert_allclose(there.cpu().numpy(), here, atol=5e-6)


@on_each_device
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_strength_zero_returns_the_tensor_itself(dtype, device):
    x = sent(NEW.unit("image"), device).to(dtype)
    assert fitted("whiten").apply(x, "image", strength=0.0) is x
    out = fitted("whiten").apply(x, "image")
    assert out.dtype == torch.float32
    np.testing.assert_allclose(np.linalg.norm(out.cpu().numpy(), axis=1), 1.0, atol=1e-6)


@on_each_device
def test_the_arrays_go_to_the_device_once_and_what_is_done_to_them_stays_there(device):
    from dohyo.engine.backend import placed

    found = fit_map("center", Evidence.of(CORPUS))
    x = sent(NEW.unit("image"), device)
    before = found.apply(x, "image")
    copies = placed(found, found.arrays, x)
    assert placed(found, found.arrays, x) is copies
    copies["image_mean"][:] = 7.0
    assert (found.arrays["image_mean"] < 7.0).all()
    np.testing.assert_array_equal(
        found.apply(NEW.unit("image"), "image"), fitted("center").apply(NEW.unit("image"), "image")
    )
    assert before.device == x.device


@on_each_device
@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_bad_row_of_a_tensor_is_named(bad, device):
    x = NEW.unit("text").copy()
    x[33] = bad
    with pytest.raises(MapError, match=r"^Row 33 holds NaN, infinity or only zeros\."):
        fitted("whiten").apply(sent(x, device), "text")


@pytest.mark.parametrize("x", [torch.ones(3, DIM, dtype=torch.int64), torch.ones(DIM)])
def test_a_tensor_of_another_kind_is_refused_like_an_array(x):
    with pytest.raises(MapError, match=r"^The rows to correct have shape"):
        fitted("whiten").apply(x, "text")


@on_each_device
def test_a_tensor_that_is_being_trained_is_no_obstacle(device):
    x = sent(NEW.unit("text"), device).requires_grad_()
    out = fitted("whiten").apply(x, "text")
    np.testing.assert_allclose(
        out.detach().cpu().numpy(), fitted("whiten").apply(NEW.unit("text"), "text"), atol=5e-6
    )


@on_each_device
@pytest.mark.parametrize("method", LINEAR)
def test_a_linear_method_fits_on_tensors_too(method, device):
    sides = (Side(sent(CORPUS.unit(side), device)) for side in MODALITIES)
    there = fit_map(method, Evidence(*sides), {"calibrate": 0.0})
    here = fit_map(method, Evidence.of(CORPUS), {"calibrate": 0.0})
    x = NEW.unit("image")
    np.testing.assert_allclose(there.apply(x, "image"), here.apply(x, "image"), atol=5e-6)
