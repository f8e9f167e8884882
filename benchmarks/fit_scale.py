"""Fit `displacement` on many vectors: seconds, peak memory, recall of the graph, rate of applying.

    OMP_NUM_THREADS=2 .venv/bin/python benchmarks/fit_scale.py [clumped|smooth] [ROWS …]

Two kinds of corpus of 512 dimensions, with pairs and a gap of one constant vector: `clumped` has
a clump for each thousand pairs, `smooth` none at all, which is the hardest for a search by cells.
Both are written block by block and read through memory maps; each fit is a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections import whiten
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.engine.cells import cells_of
from dohyo.engine.nearest import nearest
from dohyo.engine.topk import topk

DIM, STRETCH, ASKED, APPLIED = 512, 10_000, 200, 50_000
KINDS = ("clumped", "smooth")


def main() -> None:
    kinds = [kind for kind in KINDS if kind in sys.argv[1:]] or KINDS
    sizes = [int(each) for each in sys.argv[1:] if each.isdigit()] or [50_000, 200_000]
    print(
        "| corpus | images + texts | fit, s | peak MiB | recall | weight found | Sinkhorn rounds |"
        " marginal error | applied, items/s |\n|---|---|---|---|---|---|---|---|---|"
    )
    for kind in kinds:
        for rows in sizes:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), rows, kind)
                told = subprocess.run(
                    [sys.executable, __file__, "--one", folder],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
                found = json.loads(told)
            print(
                f"| {kind} | {rows:,} + {rows:,} | {found['seconds']:.0f} | {found['peak']:.0f} | "
                f"{found['recall']:.3f} | {found['weight']:.3f} | {found['sinkhorn_steps']:.0f} | "
                f"{found['marginal_error']:.1e} | {found['rate']:.0f} |",
                flush=True,
            )


def make(folder: Path, rows: int, kind: str) -> None:
    """Write images.npy and texts.npy."""
    rng = np.random.default_rng(0)
    clumps = max(1, rows // 1_000)
    centres = 0.06 * rng.standard_normal((clumps, DIM), dtype=np.float32)
    centres *= kind == "clumped"
    spread = (1 / np.sqrt(1 + np.arange(DIM))).astype(np.float32)
    spread *= 0.8 / np.linalg.norm(spread)
    away = rng.standard_normal(DIM, dtype=np.float32)
    away *= 0.42 / np.linalg.norm(away)
    out = {
        side: np.lib.format.open_memmap(folder / f"{side}.npy", "w+", np.float32, (rows, DIM))
        for side in MODALITIES
    }
    for start in range(0, rows, STRETCH):
        size = min(STRETCH, rows - start)
        meaning = centres[rng.integers(0, clumps, size)]
        meaning = meaning + spread * rng.standard_normal((size, DIM), dtype=np.float32)
        for side, sign in zip(MODALITIES, (1, -1), strict=True):
            noise = 0.012 * rng.standard_normal((size, DIM), dtype=np.float32)
            out[side][start : start + size] = meaning + sign * away + noise
    for array in out.values():
        array.flush()


def one(folder: Path) -> None:
    """Fit on one corpus and print what it took as JSON."""
    given = [np.load(folder / f"{side}.npy", mmap_mode="r") for side in MODALITIES]
    corpus = Corpus.from_arrays(*given)
    start = time.monotonic()
    fitted = fit_map("displacement", Evidence.of(corpus))
    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    # Items that the fit never saw, of the same kind: the middle of two of one clump or none.
    rng = np.random.default_rng(1)
    some = rng.integers(0, len(corpus.image), APPLIED)
    new = corpus.unit("image", some) + 0.02 * rng.standard_normal((APPLIED, DIM), dtype=np.float32)
    start = time.monotonic()
    fitted.apply(new, "image")
    rate = APPLIED / (time.monotonic() - start)
    recall, weight = searched(fitted, corpus.unit("image", np.sort(some[:ASKED])))
    found = {"seconds": seconds, "peak": peak, "rate": rate, "recall": recall, "weight": weight}
    print(json.dumps(dict(fitted.figures) | found))


def searched(fitted: AlignmentMap, images: np.ndarray) -> tuple[float, float]:
    """Return the share of the true nearest texts that are found, and of their kernel's sum.

    Of images that are not those by which the fit chose how far to look.
    """
    arrays = fitted.arrays
    white = whiten.transform(arrays, images, "image")
    cells, k = cells_of(arrays["text_centre"], arrays["text_cell"]), int(arrays["neighbours"][0])
    found = nearest(white, arrays["text_anchor"], cells, k, probes=int(arrays["probes"][0]))
    scores = white @ arrays["text_anchor"].T
    true = topk(scores, k)
    hits = [np.isin(one, other) for one, other in zip(true, found.anchor, strict=True)]
    pull = float(arrays["beta"][0]) * np.take_along_axis(scores, true, 1)
    mass = np.exp(pull - pull.max(axis=1, keepdims=True))
    return float(np.mean(hits)), float(((mass * hits).sum(axis=1) / mass.sum(axis=1)).mean())


if __name__ == "__main__":
    one(Path(sys.argv[2])) if sys.argv[1:2] == ["--one"] else main()
