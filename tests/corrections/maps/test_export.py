"""A linear map in one file says what the map says, without dohyo."""

import runpy
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.maps.export import export
from dohyo.corrections.maps.linear import is_formula, linear
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError, MissingExtra, UsageError
from worlds import paired

DIM = 24
WORLD = paired(np.random.default_rng(0), 120, DIM, gap=0.8)
# Lengths from far below to far above what squares of float32 can hold.
ROWS = (
    np.random.default_rng(1).normal(size=(60, DIM)) * 10.0 ** np.linspace(-30, 30, 60)[:, None]
).astype(np.float32)
OPTIONS = {"plain": {}, "calibrated": {"calibrate": 1.0}}
SUFFIX = {"onnx": ".onnx", "numpy": ".py"}
each_format = pytest.mark.parametrize("kind", SUFFIX)


@cache
def fitted(method, options="plain"):
    return fit_map(method, Evidence.of(WORLD), OPTIONS[options])


LINEAR = [name for name in METHODS if is_formula(fitted(name).arrays)]


def taken_back(path, kind, rows):
    if kind == "numpy":
        return runpy.run_path(str(path))["correct"](rows)
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path)
    assert session.get_inputs()[0].shape == ["n", DIM]
    out = session.run(None, {"x": rows})[0]
    assert session.get_outputs()[0].shape == ["n", out.shape[1]]
    return out


def needs(kind):
    if kind == "onnx":
        pytest.importorskip("onnx")


def test_which_methods_are_linear():
    assert {"none", "calibrate", "center", "standardize", "whiten", "gaussian_ot"} <= set(LINEAR)
    assert not {"spectral", "ot", "displacement"} & set(LINEAR)


@each_format
@pytest.mark.parametrize("method", LINEAR)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("strength", [0.0, 0.35, 1.0])
def test_every_linear_map_is_the_same_elsewhere(method, options, strength, kind, tmp_path):
    needs(kind)
    found = fitted(method, options)
    for side in MODALITIES:
        for role in ("item", "query"):
            path = tmp_path / f"{side}-{role}{SUFFIX[kind]}"
            told = export(found, path, kind, modality=side, role=role, strength=strength)
            wanted = found.apply(ROWS, side, role, strength)
            there = taken_back(path, kind, ROWS)
            assert (there.dtype, there.shape) == (np.float32, wanted.shape)
            assert told["columns_out"] == wanted.shape[1]
            np.testing.assert_allclose(there, wanted, rtol=1e-6, atol=1e-6)


@each_format
def test_a_row_on_the_mean_keeps_its_direction_there_too(kind, tmp_path):
    needs(kind)
    mean = np.zeros(DIM, np.float32)
    mean[0] = 1.0
    found = AlignmentMap(
        method="center", parameters={}, dimension=DIM,
        arrays={"image_mean": mean, "text_mean": mean},
    )  # fmt: skip
    rows = np.eye(DIM, dtype=np.float32)[:2] * 3
    export(found, tmp_path / f"m{SUFFIX[kind]}", kind, modality="text")
    np.testing.assert_allclose(
        taken_back(tmp_path / f"m{SUFFIX[kind]}", kind, rows), found.apply(rows, "text"), atol=1e-6
    )


def test_on_clips_vectors_the_graph_is_the_map(coco500, tmp_path):
    pytest.importorskip("onnx")
    found = fit_map("gaussian_ot", Evidence.of(coco500))
    export(found, tmp_path / "m.onnx", "onnx", modality="image", strength=0.7)
    session = pytest.importorskip("onnxruntime").InferenceSession(tmp_path / "m.onnx")
    rows = coco500.image.astype(np.float32)
    wanted = found.apply(rows, "image", strength=0.7)
    np.testing.assert_allclose(session.run(None, {"x": rows})[0], wanted, atol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_bad_row_is_nan_in_the_graph_and_an_error_in_python(bad, tmp_path):
    pytest.importorskip("onnx")
    rows = np.ones((3, DIM), np.float32)
    rows[1] = bad
    export(fitted("whiten"), tmp_path / "m.onnx", "onnx", modality="text", strength=0.5)
    finite = np.isfinite(taken_back(tmp_path / "m.onnx", "onnx", rows)).all(axis=1)
    assert finite.tolist() == [True, False, True]
    export(fitted("whiten"), tmp_path / "m.py", "numpy", modality="text")
    with pytest.raises(ValueError, match="a row holds NaN, infinity or only zeros"):
        taken_back(tmp_path / "m.py", "numpy", rows)


def test_the_python_file_runs_by_itself_and_imports_numpy_alone(tmp_path):
    export(fitted("whiten", "calibrated"), tmp_path / "m.py", "numpy", modality="text")
    np.save(tmp_path / "in.npy", ROWS.astype(np.float64))
    command = [sys.executable, "-I", "-W", "error", "m.py", "in.npy", "out.npy"]
    subprocess.run(command, check=True, cwd=tmp_path)
    wanted = fitted("whiten", "calibrated").apply(ROWS, "text")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), wanted, rtol=1e-6, atol=1e-6)
    source = (tmp_path / "m.py").read_text()
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert imports == ["import sys", "from base64 import b64decode", "import numpy as np"]
    assert max(map(len, source.splitlines())) <= 110


def test_what_a_map_says_of_itself_cannot_become_code(tmp_path):
    evil = '"""\nraise SystemExit("run")\n"""'
    found = AlignmentMap(
        method="none", parameters={}, dimension=DIM, arrays={}, encoder=f"{evil}'; {evil}"
    )
    export(found, tmp_path / "m.py", "numpy", modality="text")
    held = runpy.run_path(str(tmp_path / "m.py"))
    assert held["ABOUT"]["encoder"] == found.encoder


@each_format
@pytest.mark.parametrize("method", [m for m in METHODS if m not in LINEAR])
def test_a_map_that_compares_rows_is_no_formula(method, kind, tmp_path):
    with pytest.raises(MapError) as caught:
        export(fitted(method), tmp_path / f"m{SUFFIX[kind]}", kind, modality="image")
    assert str(caught.value) == (
        f"A {method} map compares each image with what it keeps of the fit, so it is no formula "
        "to export. Use `dohyo apply`, or fit a linear method such as whiten or gaussian_ot."
    )
    assert not list(tmp_path.iterdir())


def test_neither_is_one_with_a_bonus_for_each_item(tmp_path):
    hubs = fit_map("center", Evidence.of(WORLD), {"hubs": 0.5})
    with pytest.raises(MapError, match="compares each text with what it keeps"):
        export(hubs, tmp_path / "m.py", "numpy", modality="text")


def test_a_formula_that_misses_a_part_is_noticed_before_it_is_written():
    """As when a method to come uses a vector of a known name in another way."""
    found = AlignmentMap(
        method="center", parameters={}, dimension=2,
        arrays={"text_mean": np.ones(2, np.float32), "text_scale": np.array([1, 3], np.float32)},
    )  # fmt: skip
    with pytest.raises(MapError, match="is no formula to export"):
        linear(found, "text", "item", 1.0)


def test_an_export_is_never_in_the_way_of_anything(tmp_path):
    (tmp_path / "m.py").write_text("mine")
    with pytest.raises(UsageError, match=r"exists already\."):
        export(fitted("none"), tmp_path / "m.py", "numpy", modality="text")
    assert (tmp_path / "m.py").read_text() == "mine"
    with pytest.raises(UsageError, match=r"^m\.py does not end in \.onnx\."):
        export(fitted("none"), tmp_path / "m.py", "onnx", modality="text")
    export(fitted("none"), tmp_path / "m.py", "numpy", modality="text", overwrite=True)


def test_without_onnx_the_answer_is_the_line_to_type(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra) as caught:
        export(fitted("none"), tmp_path / "m.onnx", "onnx", modality="text")
    assert str(caught.value) == '--format onnx needs onnx. pip install "dohyo[onnx]"'
    assert not list(tmp_path.iterdir())
