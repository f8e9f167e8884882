"""Time `dohyo measure --fast` from ten thousand rows to a million, and hold fast against full.

    .venv/bin/python benchmarks/measure_scale.py [ROWS …]

The corpora have 512 dimensions, 200 clusters, pairs, and a gap of one constant vector. Seconds and
peak memory are of one whole process that reads the vectors through memory maps.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

DIM, CLUSTERS, STRETCH = 512, 200, 10_000
DOHYO = Path(sys.executable).with_name("dohyo")


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    print("| images + texts | seconds | peak MiB |\n|---|---|---|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = make(Path(folder), rows)
            start = time.monotonic()
            # A child's child, so that its peak is not that of the one before.
            peak = subprocess.run(
                [sys.executable, __file__, "--one", *source, "--fast", "--quiet"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            seconds = time.monotonic() - start
            print(f"| {rows:,} + {rows:,} | {seconds:.1f} | {int(peak) / 2**10:.0f} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        fast_against_full(make(Path(folder), 20_000))


def make(folder: Path, rows: int) -> list[str]:
    """Write the corpus; return the options that name it."""
    rng = np.random.default_rng(0)
    centres = 0.06 * rng.standard_normal((CLUSTERS, DIM), dtype=np.float32)
    spread = (1 / np.sqrt(1 + np.arange(DIM))).astype(np.float32)
    spread *= 0.5 / np.linalg.norm(spread)
    away = rng.standard_normal(DIM, dtype=np.float32)
    away *= 0.42 / np.linalg.norm(away)
    files = {name: folder / f"{name}.npy" for name in ("images", "texts")}
    out = {
        name: np.lib.format.open_memmap(file, "w+", np.float32, (rows, DIM))
        for name, file in files.items()
    }
    for start in range(0, rows, STRETCH):
        size = min(STRETCH, rows - start)
        meaning = centres[rng.integers(0, CLUSTERS, size)]
        meaning = meaning + spread * rng.standard_normal((size, DIM), dtype=np.float32)
        for name, side in (("images", 1), ("texts", -1)):
            noise = 0.012 * rng.standard_normal((size, DIM), dtype=np.float32)
            out[name][start : start + size] = meaning + side * away + noise
    for array in out.values():
        array.flush()
    return ["--images", str(files["images"]), "--texts", str(files["texts"])]


def fast_against_full(source: list[str]) -> None:
    """Say for each measure whether the interval of --fast holds the value of --full."""
    print("\n| measure | fast | interval | full | inside |\n|---|---|---|---|---|")
    fast, full = (
        json.loads(
            subprocess.run(
                [DOHYO, "measure", *source, effort, "--json", "--quiet"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )["measure"]
        for effort in ("--fast", "--full")
    )
    for name, figure in fast.items():
        value, low, high = figure["value"], figure["low"], figure["high"]
        whole = full[name]["value"]
        if not full[name]["low"] <= whole <= full[name]["high"]:
            # A plain figure that its own interval corrects: the interval's centre is the figure.
            whole = (full[name]["low"] + full[name]["high"]) / 2
        inside = "yes" if low <= whole <= high else "no"
        print(f"| {name} | {value:.4g} | {low:.4g} … {high:.4g} | {whole:.4g} | {inside} |")


def one() -> None:
    """Run one measurement and print its peak memory in KiB."""
    subprocess.run([DOHYO, "measure", *sys.argv[2:]], check=True)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if __name__ == "__main__":
    one() if sys.argv[1:2] == ["--one"] else main()
