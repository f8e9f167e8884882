"""kill -9 at any moment, and the same command again: the same bytes in the end."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays

ROWS, DIM, KILLS = 60_000, 16, 5
CHILD = """
import sys, time
from dohyo.cli.main import status
from dohyo.io import npy_writer, rows
rows.BYTES_PER_BLOCK, npy_writer.BYTES_BETWEEN_SYNCS = 1 << 16, 1 << 17
from dohyo.corrections.map import AlignmentMap
plain = AlignmentMap.apply
def slowly(*given):
    time.sleep(0.01)
    return plain(*given)
AlignmentMap.apply = slowly
sys.exit(status(sys.argv[1:]))
"""


@pytest.mark.parametrize("kind", [".npy", ".parquet"])
def test_killed_five_times_it_ends_with_the_same_bytes(dohyo, corpus_file, kind):
    assert dohyo("align", corpus_file, "--method", "whiten", "--out", "map").code == 0
    source, target = make(kind)
    command = ("apply", "map", source, target, "--modality", "image", "--quiet")
    assert dohyo(*command).code == 0
    wanted = content(target)
    rng = np.random.default_rng(1)
    kills = 0
    for _ in range(KILLS):
        again = (*command[:3], "again" + target.removeprefix("wanted"), *command[4:])
        with subprocess.Popen([sys.executable, "-c", CHILD, *again]) as process:
            begun = time.monotonic()
            while not parts(again[3]).exists() and process.poll() is None:
                assert time.monotonic() - begun < 60
                time.sleep(0.01)
            time.sleep(rng.uniform(0.0, 0.35))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            else:
                assert process.wait() == 0
                break
        assert not Path(again[3]).exists()
    assert kills >= 3
    if not Path(again[3]).exists():
        assert dohyo(*again).code == 0
    assert content(again[3]) == wanted
    assert not parts(again[3]).exists()


def parts(target: str) -> Path:
    return Path(f"{target}.parts")


def content(target: str) -> dict[str, bytes]:
    path = Path(target)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return {file.name if path.is_dir() else "": file.read_bytes() for file in files}


def make(kind: str) -> tuple[str, str]:
    rows = np.random.default_rng(0).standard_normal((ROWS, DIM), np.float32)
    assert arrays()["image"].shape[1] == DIM
    if kind == ".npy":
        np.save("in.npy", rows)
        return "in.npy", "wanted.npy"
    Path("lake").mkdir()
    for number, part in enumerate(np.array_split(rows, 30)):
        flat = pa.array(part.ravel())
        table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(flat, DIM)})
        pq.write_table(table, f"lake/{number:02}.parquet")
    return "lake", "wanted"
