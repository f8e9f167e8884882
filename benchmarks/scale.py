"""Time every stage against rows, fit the cost model to it, and check it on a size left out.

    .venv/bin/python benchmarks/scale.py [ROWS …] [--threads N] [--only STAGE,STAGE]
    .venv/bin/python benchmarks/scale.py --fit                    fit and draw what is there

ROWS images and as many texts of `measure_scale.make`, 512 dimensions; 10,000, 30,000 and 100,000
where none are named. Each stage is a process of its own: seconds and peak memory are of the whole
command. The matrix-product rate and the disk rate are of the same run. A run adds one JSON file to
docs/benchmarks/; the fit reads all of them.
"""

import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_info, threadpool_limits

from dohyo.planning.cost import cost
from dohyo.planning.fit import Point, fit, points_of
from dohyo.planning.rates import measured_rates
from dohyo.planning.work import STAGES, Size
from measure_scale import DIM, DOHYO, STRETCH, make

ROOT = Path(__file__).parents[1]
HISTORY, PICTURE = ROOT / "docs" / "benchmarks", ROOT / "docs" / "images" / "scale.svg"
COEFFICIENTS = ROOT / "src" / "dohyo" / "planning" / "coefficients.json"
SIZES = (10_000, 30_000, 100_000)
METHODS = {"linear": "whiten", "displacement": "displacement"}
APPLIED = {
    "apply_linear_npy": ("linear", "npy", False),
    "apply_linear_parquet": ("linear", "parquet", False),
    "apply_displacement": ("displacement", "npy", True),
}
"""By stage: the map, what the rows lie in, and whether the map has as many anchors."""
JUDGED = {
    "measure_fast": ("measure", "--fast"),
    "measure_standard": ("measure",),
    "verify_linear": ("verify", "--method", "center"),
}


def main() -> None:
    given = sys.argv[1:]
    threads = int(given[given.index("--threads") + 1]) if "--threads" in given else 1
    only = given[given.index("--only") + 1].split(",") if "--only" in given else list(STAGES)
    if "--fit" not in given:
        named = [g for i, g in enumerate(given) if g.isdigit() and given[i - 1] != "--threads"]
        measure([int(g) for g in named] or list(SIZES), threads, only)
    conclude()


def measure(sizes: list[int], threads: int, only: list[str]) -> None:
    with threadpool_limits(threads):
        rates = measured_rates()
    document: dict[str, Any] = {
        "machine": machine(threads),
        "rates": asdict(rates),
        "points": [],
    }
    now = datetime.datetime.now(datetime.UTC)
    file = HISTORY / f"scale-{now:%Y-%m-%d-%H%M}.json"
    HISTORY.mkdir(parents=True, exist_ok=True)
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for stage, size, seconds, peak in stages(Path(folder), rows, threads, only):
                point = {"stage": stage, "size": asdict(size), "seconds": round(seconds, 2)}
                document["points"].append(point | {"peak_bytes": peak})
                print(f"{rows:>9,} {stage:22} {seconds:8.1f} s {peak / 2**20:7.0f} MiB", flush=True)
                file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def stages(folder: Path, rows: int, threads: int, only: list[str]) -> Any:
    """Yield (stage, size, seconds, bytes at the peak), each from a process of its own."""
    source = make(folder, rows)
    both, images = Size(rows, rows, DIM), source[1]
    maps = {name: str(folder / name) for name in METHODS}

    def took(*command: str) -> tuple[float, int]:
        return timed([str(DOHYO), *command, "--quiet", "--threads", str(threads)])

    for kind, method in METHODS.items():
        if any(kind in stage and "verify" not in stage for stage in only):
            found = took("align", *source, "--method", method, "--out", maps[kind])
            yield f"align_{kind}", both, *found
    for stage, (kind, given, anchors) in APPLIED.items():
        if stage in only:
            # A table lies on the disk only as long as it is used.
            file = in_parquet(folder, Path(images)) if given == "parquet" else Path(images)
            out = folder / f"out.{given}"
            found = took("apply", maps[kind], str(file), str(out), "--modality", "image")
            out.unlink()
            yield stage, Size(rows, 0, DIM, rows if anchors else 0), *found
    for stage, command in JUDGED.items():
        if stage in only:
            yield stage, both, *took(command[0], *source, *command[1:])


def in_parquet(folder: Path, images: Path) -> Path:
    rows = np.load(images, mmap_mode="r")
    kind = pa.list_(pa.float32(), DIM)
    schema, file = pa.schema([("id", pa.int64()), ("embedding", kind)]), folder / "in.parquet"
    with pq.ParquetWriter(file, schema, use_dictionary=False) as out:
        for start in range(0, len(rows), STRETCH):
            block = rows[start : start + STRETCH]
            vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), DIM)
            ids = pa.array(np.arange(start, start + len(block)))
            out.write_batch(pa.record_batch([ids, vectors], schema=schema))
    return file


def timed(command: list[str]) -> tuple[float, int]:
    start = time.monotonic()
    # A child's child, so that its peak is not that of the one before.
    told = subprocess.run(
        [sys.executable, __file__, "--one", *command], check=True, capture_output=True, text=True
    ).stdout
    return time.monotonic() - start, int(told.split()[-1]) * 1_024


def one(command: list[str]) -> None:
    subprocess.run(command, check=True)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def machine(threads: int) -> dict[str, Any]:
    """Describe the machine without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    blas = [part for part in threadpool_info() if part["user_api"] == "blas"]
    return {
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_gib": round(memory / 2**30, 1),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas[0]['internal_api']} {blas[0]['version']}" if blas else "unknown",
    }


def conclude() -> None:
    """Fit to all the history, check on the largest size left out, write the coefficients, draw."""
    documents = [json.loads(f.read_text("utf-8")) for f in sorted(HISTORY.glob("scale-*.json"))]
    points = [point for document in documents for point in points_of(document)]
    fitted, last = fit(points), documents[-1]
    total = {s: max(p.size.rows for p in points if p.stage == s) for s in fitted}
    found = {
        "machine": last["machine"],
        "rates": last["rates"],
        "largest": total,
        "error": check(points, total),
        "stages": {stage: asdict(values) for stage, values in fitted.items()},
    }
    COEFFICIENTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(points)


def check(points: list[Point], total: dict[str, int]) -> dict[str, float]:
    """Predict each stage's largest size from the others alone; return how many times it errs."""
    print("| stage | rows left out | measured, s | predicted, s | measured, MiB | predicted, MiB |")
    print("|---|---|---|---|---|---|")
    errors: dict[str, float] = {}
    for stage in (s for s in STAGES if s in total):
        own = [p for p in points if p.stage == stage]
        out = [p for p in own if p.size.rows == total[stage]]
        rest = [p for p in own if p not in out]
        if len({p.size for p in rest}) < 2:
            continue
        for p in out:
            said = cost(stage, p.size, p.rates, fit(rest))
            ratio = max(said.seconds / p.seconds, p.seconds / said.seconds)
            errors[stage] = round(max(ratio, errors.get(stage, 1.0)), 3)
            print(
                f"| {stage} | {total[stage]:,} | {p.seconds:.1f} | {said.seconds:.1f} "
                f"| {p.peak / 2**20:.0f} | {said.bytes_memory / 2**20:.0f} |"
            )
    return errors


def draw(points: list[Point]) -> None:
    import altair as alt

    from dohyo.reports.theme import svg, themed

    rows = [
        {
            "stage": p.stage.replace("_", " "),
            "rows": p.size.rows,
            "seconds": p.seconds,
            "MiB": p.peak / 2**20,
        }
        for p in points
    ]
    base = alt.Chart(alt.Data(values=rows)).mark_line(point=True)
    across = alt.X("rows:Q", scale=alt.Scale(type="log"), title="rows, images and texts")
    kinds = alt.Color("stage:N", legend=alt.Legend(columns=4))
    charts = [
        base.encode(
            across, alt.Y(f"{y}:Q", scale=alt.Scale(type="log"), title=title), kinds
        ).properties(width=330, height=280)
        for y, title in (("seconds", "seconds"), ("MiB", "peak memory, MiB"))
    ]
    described = "Seconds and peak memory of every stage against rows, both on logarithmic scales."
    PICTURE.write_text(svg(themed(alt.hconcat(*charts), described)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    one(sys.argv[2:]) if sys.argv[1:2] == ["--one"] else main()
