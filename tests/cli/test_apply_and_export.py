"""Take a map to stored vectors: any backend, any width, or one file that needs no dohyo."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays

from dohyo.corrections.map import load_map

APPLY = ("apply", "map", "in.npy", "out.npy", "--modality", "image")
EXPORT = ("export", "map", "--modality", "image", "--out")


@pytest.fixture
def fitted(dohyo, corpus_file):
    """A map in `map`, rows of images in `in.npy`."""

    def fit(method="center", **given):
        options = [f"--set={name}={value}" for name, value in given.items()]
        assert dohyo("align", corpus_file, "--method", method, *options, "--out", "map").code == 0
        np.save("in.npy", arrays(seed=3)["image"])
        return load_map("map")

    return fit


def refused(said, *parts):
    assert (said.code, said.out) == (2, "")
    for part in parts:
        assert part in said.err
    assert not Path("out.npy").exists()


@pytest.mark.parametrize("method", ["whiten", "displacement"])
def test_torch_writes_what_numpy_writes(dohyo, fitted, method):
    pytest.importorskip("torch")
    rows = np.load("in.npy") if Path("in.npy").exists() else arrays(seed=3)["image"]
    wanted = fitted(method).apply(rows, "image", strength=0.6)
    said = dohyo(*APPLY, "--strength", 0.6, "--backend", "torch", "--json")
    told = json.loads(said.out)
    assert (told["backend"], told["device"], told["rows"]) == ("torch", "cpu", 60)
    np.testing.assert_allclose(np.load("out.npy"), wanted, atol=5e-6)


def test_without_torch_it_fails_at_once_with_the_line_to_type(dohyo, fitted, monkeypatch):
    fitted()
    monkeypatch.setitem(sys.modules, "torch", None)
    Path("in.npy").unlink()  # not even looked at
    refused(dohyo(*APPLY, "--backend", "torch"), 'pip install "dohyo[torch]"')


def test_a_device_of_no_use_is_refused(dohyo, fitted):
    fitted()
    refused(dohyo(*APPLY, "--device", "cuda"), "NumPy does not run on cuda")


@pytest.mark.parametrize("role", ["item", "query"])
@pytest.mark.parametrize("suffix", ["npy", "parquet"])
def test_rows_may_come_out_wider_than_they_went_in(dohyo, fitted, role, suffix):
    wanted = fitted("center", calibrate=1).apply(arrays(seed=3)["image"], "image", role)
    pq.write_table(pa.table({"embedding": np.load("in.npy").tolist()}), "in.parquet")
    files = (f"in.{suffix}", f"out.{suffix}")
    assert dohyo("apply", "map", *files, "--modality", "image", "--role", role).code == 0
    if suffix == "npy":
        out = np.load("out.npy")
    else:
        out = np.array(pq.read_table("out.parquet")["embedding"].to_pylist(), np.float32)
    assert out.shape == (60, 17)
    np.testing.assert_allclose(out, wanted, atol=1e-6)


def test_vectors_of_another_encoder_are_refused(dohyo, saved):
    dohyo(
        "align", saved(**arrays(), encoder=np.array("mine")), "--method", "center", "--out", "map"
    )
    np.save("in.npy", arrays(seed=3)["image"])
    refused(dohyo(*APPLY, "--encoder", "theirs"), "vectors of mine, these are of theirs")
    assert dohyo(*APPLY, "--encoder", "mine").code == 0


def test_an_exported_map_says_what_apply_says(dohyo, fitted):
    wanted = fitted("whiten").apply(arrays(seed=3)["image"], "image", strength=0.5)
    said = dohyo(*EXPORT, "m.py", "--format", "numpy", "--strength", 0.5, "--json")
    assert json.loads(said.out) == {
        "out": "m.py", "format": "numpy", "columns_in": 16, "columns_out": 16,
    }  # fmt: skip
    there = runpy.run_path("m.py")["correct"](np.load("in.npy"))
    np.testing.assert_allclose(there, wanted, atol=1e-6)
    pytest.importorskip("onnx")
    assert "m.onnx" in dohyo(*EXPORT, "m.onnx", "--format", "onnx").out


def test_a_map_that_is_not_linear_is_not_exported(dohyo, fitted):
    fitted("displacement")
    refused(dohyo(*EXPORT, "m.py", "--format", "numpy"), "is no formula to export", "dohyo apply")
    assert not Path("m.py").exists()
