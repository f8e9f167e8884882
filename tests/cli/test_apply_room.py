"""dohyo apply onto a disk that is full: one line, nothing half written, and it goes on later."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays
from tests.cli.small_disk import filled, small_disk

__all__ = ["small_disk"]
ROWS, FILES, ROOM = 40_000, 4, 1 << 20
"""2.4 MiB of vectors for each file, and how much of the disk is made free for the first ones."""


@pytest.fixture
def fitted(dohyo, corpus_file):
    assert dohyo("align", corpus_file, "--method", "whiten", "--out", "map").code == 0
    return Path("map").resolve()


def apply(fitted: Path, source: Path, target: Path) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "dohyo", "apply", str(fitted), str(source), str(target)]
    ran = subprocess.run(
        [*command, "--modality", "image", "--quiet"], capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stderr.strip().splitlines()


def vectors(seed: int) -> np.ndarray:
    width = arrays()["image"].shape[1]
    return np.random.default_rng(seed).standard_normal((ROWS, width), np.float32)


def test_one_file_goes_on_when_there_is_room(fitted, small_disk, tmp_path):
    np.save(tmp_path / "in.npy", vectors(0))
    filler = filled(small_disk)
    code, said = apply(fitted, tmp_path / "in.npy", small_disk / "out.npy")
    assert (code, len(said)) == (2, 1)
    assert "No space left" in said[0]
    assert not (small_disk / "out.npy").exists()
    filler.unlink()
    assert apply(fitted, tmp_path / "in.npy", small_disk / "out.npy")[0] == 0
    assert apply(fitted, tmp_path / "in.npy", tmp_path / "out.npy")[0] == 0
    assert (small_disk / "out.npy").read_bytes() == (tmp_path / "out.npy").read_bytes()
    assert sorted(p.name for p in small_disk.iterdir()) == ["out.npy"]


def test_finished_files_of_a_folder_are_kept(fitted, small_disk, tmp_path):
    lake = tmp_path / "lake"
    lake.mkdir()
    for number in range(FILES):
        flat = pa.array(vectors(number).ravel())
        width = len(flat) // ROWS
        table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(flat, width)})
        pq.write_table(table, lake / f"{number}.parquet")
    filler = filled(small_disk)
    each = ROWS * width * 4
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 2 * each - ROOM)  # two of them find room
    code, said = apply(fitted, lake, small_disk / "out")
    assert (code, len(said)) == (2, 1)
    assert "what is finished is kept" in said[0].lower()
    assert not (small_disk / "out").exists()
    done = {p.name: p.stat().st_mtime_ns for p in small_disk.rglob("new/*.parquet")}
    assert sorted(done) == ["0.parquet", "1.parquet"]
    filler.unlink()
    assert apply(fitted, lake, small_disk / "out")[0] == 0
    assert apply(fitted, lake, tmp_path / "out")[0] == 0
    out = {p.name: p for p in (small_disk / "out").iterdir()}
    assert sorted(out) == [f"{number}.parquet" for number in range(FILES)]
    assert {name: out[name].stat().st_mtime_ns for name in done} == done
    for name, file in out.items():
        assert file.read_bytes() == (tmp_path / "out" / name).read_bytes()
