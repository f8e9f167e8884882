"""Time a linear map beside the plain matrix product, in memory and from file to file.

    .venv/bin/python benchmarks/apply.py [ROWS …]

512 dimensions, float32, `whiten`. `x @ W` and `map.apply(x)` in memory, and both from one `.npy` to
another as `dohyo apply` does it, take turns in one process, and the best of several turns counts,
because a neighbour on the machine slows any of them. Peak memory is that of a process of its own
that goes from file to file and does nothing else. Each with one and with two threads.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map, load_map
from dohyo.io.rows import RowFunction, rewrite

DIM, TURNS, STRETCH = 512, 5, 10_000
IN_MEMORY, SIZES, THREADS = 200_000, (200_000, 1_000_000), (1, 2)
COLUMNS = (
    "rows", "threads", "x @ W, rows/s", "apply, rows/s", "share",
    "x @ W file to file, rows/s", "apply file to file, rows/s", "share", "of x @ W in memory",
    "peak MiB",
)  # fmt: skip


def main() -> None:
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in [int(size) for size in sys.argv[1:]] or SIZES:
            # The system counts a parent's peak as its child's, so this process stays small.
            child("--make", folder, str(rows), threads=1)
            for threads in THREADS:
                plain, ours, plain_file, ours_file = child("--time", folder, threads=threads)
                (peak,) = child("--peak", folder, threads=threads)
                print(
                    f"| {rows:,} | {threads} | {plain:,.0f} | {ours:,.0f} | {ours / plain:.2f} "
                    f"| {plain_file:,.0f} | {ours_file:,.0f} | {ours_file / plain_file:.2f} "
                    f"| {ours_file / plain:.2f} | {peak:.0f} |",
                    flush=True,
                )


def child(*arguments: str, threads: int) -> list[float]:
    """Run one measurement in a process of its own, with that many threads."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    answer = subprocess.run(
        [sys.executable, __file__, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | dict.fromkeys(names, str(threads)),
    )
    figures: list[float] = json.loads(answer.stdout)
    return figures


def timed(folder: Path) -> list[float]:
    """Return the rows a second of product and map in memory, and of both from file to file."""
    fitted = load_map(folder / "map")
    x = np.random.default_rng(1).standard_normal((IN_MEMORY, DIM), np.float32)
    matrix = fitted.arrays["image_matrix"]
    in_file = len(np.load(folder / "in.npy", mmap_mode="r"))
    works: list[tuple[int, Callable[[], object]]] = [
        (IN_MEMORY, lambda: x @ matrix),
        (IN_MEMORY, lambda: fitted.apply(x, "image")),
        (in_file, lambda: file_to_file(folder, lambda block: block @ matrix)),
        (in_file, lambda: file_to_file(folder, lambda block: fitted.apply(block, "image"))),
    ]
    best = [0.0] * len(works)
    for _ in range(TURNS):
        for which, (rows, work) in enumerate(works):
            start = time.perf_counter()
            work()
            best[which] = max(best[which], rows / (time.perf_counter() - start))
    return best


def peak(folder: Path) -> list[float]:
    """Return MiB of memory at the peak of this process, which began with this script."""
    fitted = load_map(folder / "map")
    file_to_file(folder, lambda block: fitted.apply(block, "image"))
    return [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10]


def file_to_file(folder: Path, function: RowFunction) -> None:
    rewrite(folder / "in.npy", folder / "out.npy", function, overwrite=True)


def whitening() -> AlignmentMap:
    rng = np.random.default_rng(0)
    sides = (rng.standard_normal((2_000, DIM), np.float32) + 0.5 for _ in range(2))
    return fit_map("whiten", Evidence.of(Corpus.from_arrays(*sides)))


def make(folder: Path, rows: int) -> list[float]:
    """Write a map, and rows of a fixed seed, a stretch at a time."""
    whitening().save(folder / "map", overwrite=True)
    out = np.lib.format.open_memmap(folder / "in.npy", "w+", np.float32, (rows, DIM))
    rng = np.random.default_rng(2)
    for start in range(0, rows, STRETCH):
        size = min(STRETCH, rows - start)
        out[start : start + size] = rng.standard_normal((size, DIM), np.float32)
    out.flush()
    return []


if __name__ == "__main__":
    step, *given = sys.argv[1:] or [""]
    if step == "--make":
        print(json.dumps(make(Path(given[0]), int(given[1]))))
    elif step == "--time":
        print(json.dumps(timed(Path(given[0]))))
    elif step == "--peak":
        print(json.dumps(peak(Path(given[0]))))
    else:
        main()
