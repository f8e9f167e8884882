"""From file to file: any width and type, in flat memory, whole or not at all."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest

from dohyo.errors import CorpusError, MapError, UsageError
from dohyo.io import npy_writer, rows
from dohyo.io.npy_writer import NpyWriter
from dohyo.io.rows import rewrite

X = np.random.default_rng(0).normal(size=(100, 6))


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(rows, "BYTES_PER_BLOCK", 6 * 4 * 7)
    monkeypatch.setattr(npy_writer, "BYTES_BETWEEN_SYNCS", 500)


def wider(block):
    return np.concatenate([block, block[:, :1]], axis=1).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_result_is_what_numpy_itself_would_have_saved(tmp_path, small_blocks, dtype, order):
    x = np.asarray(X, dtype, order=order)
    np.save(tmp_path / "in.npy", x)
    for name, function in {"same": lambda block: block, "wider": wider}.items():
        assert rewrite(tmp_path / "in.npy", tmp_path / f"{name}.npy", function) == len(x)
        np.save(tmp_path / "wanted.npy", np.ascontiguousarray(function(x)))
        there = (tmp_path / f"{name}.npy").read_bytes()
        assert there == (tmp_path / "wanted.npy").read_bytes()


def test_a_bad_row_is_named_by_its_place_in_the_file(tmp_path, small_blocks):
    x = X.astype(np.float32)
    x[50, 2] = np.nan
    np.save(tmp_path / "in.npy", x)

    def refuses(block):
        if np.isnan(block).any():
            raise MapError("Row 1 is bad.", hint="")
        return block

    with pytest.raises(CorpusError, match=r"in\.npy row 50 holds NaN or infinity\."):
        rewrite(tmp_path / "in.npy", tmp_path / "out.npy", refuses)
    assert [p.name for p in tmp_path.iterdir()] == ["in.npy"]


def test_a_refusal_that_is_not_about_a_row_is_passed_on(tmp_path):
    np.save(tmp_path / "in.npy", X)

    def refuses(block):
        raise MapError("Another dimension.", hint="Fit again.")

    with pytest.raises(MapError, match=r"^Another dimension\. Fit again\.$"):
        rewrite(tmp_path / "in.npy", tmp_path / "out.npy", refuses)
    assert [p.name for p in tmp_path.iterdir()] == ["in.npy"]


@pytest.mark.parametrize("after", [0, 1, 3, 14])
def test_a_disk_that_fills_up_at_any_block_leaves_nothing(
    tmp_path, small_blocks, monkeypatch, after
):
    np.save(tmp_path / "in.npy", X.astype(np.float32))
    written = []

    def fills_up(self, block):
        written.append(block)
        if len(written) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(NpyWriter, "_write", fills_up)
    with pytest.raises(UsageError, match=r"No space left on device\. .* nothing was written\.$"):
        rewrite(tmp_path / "in.npy", tmp_path / "out.npy", lambda block: block)
    assert [p.name for p in tmp_path.iterdir()] == ["in.npy"]


def test_an_interruption_leaves_nothing(tmp_path, small_blocks):
    np.save(tmp_path / "in.npy", X.astype(np.float32))

    def interrupted(block):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrite(tmp_path / "in.npy", tmp_path / "out.npy", interrupted)
    assert [p.name for p in tmp_path.iterdir()] == ["in.npy"]


PEAK = """
import resource, sys
from pathlib import Path
from dohyo.io.rows import rewrite
import numpy as np
rewrite(Path(sys.argv[1]), Path(sys.argv[2]), lambda block: block * np.float32(2))
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_the_file(tmp_path):
    """25 and 200 MiB: through memory maps alone the peaks would be 350 MiB apart."""
    peak = {}
    for count in (50_000, 400_000):
        np.save(tmp_path / "in.npy", np.ones((count, 128), np.float32))
        command = [sys.executable, "-c", PEAK, tmp_path / "in.npy", tmp_path / f"{count}.npy"]
        peak[count] = int(subprocess.check_output(command)) / 2**10
    assert peak[400_000] - peak[50_000] < 40
