"""From file to file of every format, by a process that could not hold the vectors if it tried."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from dohyo.corpus import Corpus
from dohyo.io.read import read
from dohyo.io.write import write

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="RLIMIT_DATA covers maps of memory on Linux only"
)
ROWS, DIM = 250_000, 128
"""Two matrices of 122 MiB each."""
ALLOWED = {
    "apply": {".npy": 50, ".arrow": 60, ".parquet": 250, ".feather": 290, ".lance": 350},
    "convert": {".npz": 50, ".arrow": 60, ".parquet": 70, ".feather": 210, ".lance": 210},
}
"""MiB on top of what the process holds after the same work on a few rows: a fifth more than it
needs, and whatever the rows. Held whole, the vectors would need 244 more than it needs.
Feather holds what its writer compressed at once, 65,536 rows, twice; Parquet and Lance read ahead.
"""

CHILD = """
import resource, sys
from pathlib import Path
from dohyo.cli.main import status
from dohyo.io.rows import rewrite

def work(source, target):
    if sys.argv[1] == "convert":
        assert status(["convert", source, "--out", target, "--quiet"]) == 0
    else:
        rewrite(Path(source), Path(target), lambda block: block * 2, modality="image")

little, little_target, source, target, allowed = sys.argv[2:]
work(little, little_target)
held = int(Path("/proc/self/status").read_text().split("VmData:")[1].split()[0]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (held + (int(allowed) << 20),) * 2)
work(source, target)
"""


def save(folder: Path, suffix: str, rows: int) -> Path:
    """Save what other programs would: all rows in one batch, or one row group, where they can."""
    vectors = np.random.default_rng(rows).random((rows, DIM), np.float32)
    path = folder / f"{rows}{suffix}"
    if suffix == ".npy":
        np.save(path, vectors)
        return path
    if suffix in (".npz", ".lance"):
        write(Corpus.from_arrays(vectors, vectors + 1), path)
        return path
    columns = [
        pa.FixedSizeListArray.from_arrays(pa.array(side.ravel()), DIM)
        for side in (vectors, vectors + 1)
    ]
    table = pa.table(columns, ["image", "text"])
    if suffix == ".parquet":
        path.mkdir()
        pq.write_table(table.slice(0, rows // 3), path / "a.parquet", use_dictionary=False)
        pq.write_table(table.slice(rows // 3), path / "b.parquet", use_dictionary=False)
    elif suffix == ".feather":
        feather.write_feather(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)
    return path


def limited(work: str, folder: Path, suffix: str, target: str) -> Path:
    allowed = max(ALLOWED[work][suffix], ALLOWED[work][target])
    little, source = (save(folder, suffix, rows) for rows in (200, ROWS))
    names = [little, folder / f"little{target}", source, folder / f"out{target}", allowed]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, work, *map(str, names)],
        capture_output=True,
        text=True,
        # Arrow's own pool takes a gigabyte of addresses at once.
        env=os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / f"out{target}"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (".npy", ".npy"),
        (".parquet", ".arrow"),
        (".arrow", ".parquet"),
        (".feather", ".feather"),
        (".lance", ".lance"),
    ],
)
def test_vectors_are_corrected_in_less_memory_than_they_take(tmp_path, source, target):
    out = limited("apply", tmp_path, source, target)
    first = np.random.default_rng(ROWS).random((1, DIM), np.float32)
    if target == ".npy":
        there = np.load(out, mmap_mode="r")
        assert len(there) == ROWS
        assert (there[:1] == 2 * first).all()
    else:
        corpus = read(out)
        assert corpus.image.shape == corpus.text.shape == (ROWS, DIM)
        assert (corpus.image[:1] == 2 * first).all()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (".npz", ".parquet"),
        (".parquet", ".lance"),
        (".arrow", ".npz"),
        (".feather", ".arrow"),
        (".lance", ".feather"),
    ],
)
def test_a_corpus_is_converted_in_less_memory_than_its_vectors_take(tmp_path, source, target):
    out = limited("convert", tmp_path, source, target)
    given = np.random.default_rng(ROWS).random((ROWS, DIM), np.float32)
    corpus = read(out)
    assert (corpus.image == given).all()
    assert (corpus.text == given + 1).all()
    assert len(list(tmp_path.iterdir())) == 4  # the vectors' files on the way had no names
