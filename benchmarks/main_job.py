"""Time the main job on real embeddings and print the table of docs/benchmarks.md.

The sets lie beside the project in ../shared/data/embeddings; where they are absent, only the
demo is timed. Each row is one whole process, `dohyo run`, with its own report's figures.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SETS = ROOT.parent / "shared" / "data" / "embeddings"
NAMES = (
    "coco500",
    "msrvtt100-videoclip",
    "flickr8k-100x5",
    "coco500-untrained",
    "uniprot99-clasp",
)
COLUMNS = (
    "corpus",
    "seconds",
    "peak MiB",
    "verdict",
    "method",
    "mixed nDCG@10 unseen query",
    "unseen corpus",
    "R@1 unseen query",
    "unseen corpus",
)
DOHYO = Path(sys.executable).with_name("dohyo")


def main() -> None:
    print(f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}\n")
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        subprocess.run([DOHYO, "demo", "--out", f"{folder}/demo", "--quiet"], check=True)
        seconds = time.monotonic() - start
        print(row("demo, trained", Path(folder, "demo"), seconds))
        print(row("demo, untrained", Path(folder, "demo", "untrained"), float("nan")))
        for name in NAMES:
            source = SETS / f"{name}.npz"
            if not source.is_file():
                print(f"| {name} | not at hand | | | | | | | |")
                continue
            out = Path(folder, name)
            start = time.monotonic()
            subprocess.run([DOHYO, "run", source, "--out", out, "--quiet"], check=True)
            print(row(name, out, time.monotonic() - start))


def row(name: str, out: Path, seconds: float) -> str:
    report = json.loads((out / "report.json").read_text())
    decision = report["decision"]
    cells = [
        name,
        "with the above" if seconds != seconds else f"{seconds:.1f}",
        f"{report['peak_memory_bytes'] / 2**20:.0f}",
        decision["verdict"],
        decision["method"],
        *(
            change(report["verify"], protocol, metric)
            for metric in ("mixed_ndcg_at_10", "recall_at_1")
            for protocol in ("unseen_query", "unseen_corpus")
        ),
    ]
    return f"| {' | '.join(cells)} |"


def change(verify: dict[str, Any], protocol: str, metric: str) -> str:
    figures = verify.get(protocol)
    if figures is None:
        return "—"
    before, after = (figures[when][metric]["value"] for when in ("before", "after"))
    return f"{before:.3f} → {after:.3f}"


if __name__ == "__main__":
    main()
