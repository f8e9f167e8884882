import gc
import sys

import numpy as np
import pytest

from dohyo.engine import backend as module
from dohyo.engine.backend import Backend, array_of, backend, placed, to_numpy
from dohyo.errors import MissingExtra, UsageError


def test_without_torch_the_answer_is_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        backend("torch")
    assert str(caught.value) == '--backend torch needs torch. pip install "dohyo[torch]"'


def test_numpy_stays_on_the_processor():
    assert backend("numpy") == Backend("numpy", "cpu")
    with pytest.raises(UsageError, match=r"^NumPy does not run on cuda\. Add --backend torch\.$"):
        backend("numpy", "cuda")


def test_a_device_that_is_not_there_is_told_at_once():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("a CUDA device is there")
    with pytest.raises(UsageError, match=r"^PyTorch finds no CUDA device here\."):
        backend("torch", "cuda")


def test_rows_go_there_and_come_back_unchanged(tmp_path):
    pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float16)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for library in ("numpy", "torch"):
        there = backend(library).send(mapped)
        assert array_of(there) is there or library == "numpy"
        back = to_numpy(there)
        assert (back.dtype, back.tobytes()) == (x.dtype, x.tobytes())


class Owner:
    """Something with arrays."""


def test_copies_go_when_their_owner_goes():
    torch = pytest.importorskip("torch")
    owner, arrays = Owner(), {"mean": np.ones(3, np.float32)}
    copies = placed(owner, arrays, torch.ones(1))
    assert placed(owner, arrays, torch.ones(2)) is copies
    assert placed(owner, arrays, np.ones(1)) is arrays
    before = len(module._PLACED)
    del owner
    gc.collect()
    assert len(module._PLACED) == before - 1
