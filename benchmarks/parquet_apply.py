"""Time `dohyo apply` from a folder of Parquet to another, beside what the machine can do at all.

    .venv/bin/python benchmarks/parquet_apply.py [ROWS …]

512 dimensions, float32, `whiten`, files of 250,000 rows. The limits are taken in the same run: the
same bytes read and written once with a sync at the end, and `x @ W` in memory. Seconds and peak
memory are of a whole process of the command.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from apply import DIM, whitening

ROWS_PER_FILE, ROWS_PER_GROUP, PIECE = 250_000, 16_384, 8 << 20
SIZES = (1_000_000, 2_000_000, 4_000_000)
DOHYO = Path(sys.executable).with_name("dohyo")


def main() -> None:
    print(
        "| rows | copy, rows/s | x @ W, rows/s | apply, rows/s | of the slower limit | peak MiB |\n"
        "|---|---|---|---|---|---|"
    )
    for rows in [int(size) for size in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            matrix = whitening()
            matrix.save(folder / "map")
            make(folder / "lake", rows)
            product = product_rate(matrix.arrays["image_matrix"])
            copied = rows / copy_seconds(folder / "lake", folder / "copy")
            shutil.rmtree(folder / "copy")
            start = time.monotonic()
            command = [sys.executable, __file__, "--one", str(folder)]
            peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            ours = rows / (time.monotonic() - start)
            share = ours / min(product, copied)
            print(
                f"| {rows:,} | {copied:,.0f} | {product:,.0f} | {ours:,.0f} | {share:.2f} "
                f"| {int(peak) / 2**10:.0f} |",
                flush=True,
            )


def make(lake: Path, rows: int) -> None:
    lake.mkdir()
    rng = np.random.default_rng(2)
    for number, start in enumerate(range(0, rows, ROWS_PER_FILE)):
        size = min(ROWS_PER_FILE, rows - start)
        flat = pa.array(rng.standard_normal(size * DIM, np.float32))
        table = pa.table(
            {
                "id": pa.array(np.arange(start, start + size)),
                "vector": pa.FixedSizeListArray.from_arrays(flat, DIM),
            }
        )
        pq.write_table(
            table,
            lake / f"{number:04}.parquet",
            row_group_size=ROWS_PER_GROUP,
            use_dictionary=False,
        )


def product_rate(matrix: np.ndarray) -> float:
    x = np.random.default_rng(1).standard_normal((200_000, DIM), np.float32)
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        x @ matrix
        best = max(best, len(x) / (time.perf_counter() - start))
    return best


def copy_seconds(source: Path, target: Path) -> float:
    target.mkdir()
    start = time.monotonic()
    for file in sorted(source.iterdir()):
        with file.open("rb") as given, (target / file.name).open("wb") as taken:
            while piece := given.read(PIECE):
                taken.write(piece)
            taken.flush()
            os.fsync(taken.fileno())
    return time.monotonic() - start


def one(folder: Path) -> None:
    given = [str(folder / name) for name in ("map", "lake", "out")]
    subprocess.run([DOHYO, "apply", *given, "--modality", "image", "--quiet"], check=True)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if __name__ == "__main__":
    one(Path(sys.argv[2])) if sys.argv[1:2] == ["--one"] else main()
