"""The streaming commands under a hard limit of memory, far below what their vectors take."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="RLIMIT_DATA covers maps of memory on Linux only"
)
FEW, MANY, DIM = 20_000, 400_000, 128
"""Two matrices of 195 MiB each where there are many."""
ALLOWED = 100
"""MiB on top of what the process holds after the same work on few rows."""

CHILD = """
import resource, sys
from pathlib import Path
from dohyo.cli.main import status

def work(folder):
    said = [word.replace("FOLDER", folder) for word in sys.argv[3:]]
    assert status([*said, "--quiet"]) == 0

few, many = sys.argv[1:3]
work(few)
held = int(Path("/proc/self/status").read_text().split("VmData:")[1].split()[0]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (held + (ALLOWED << 20),) * 2)
work(many)
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders of images.npy and texts.npy with a gap and pairs: few rows, and many."""
    made = []
    for rows in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"rows{rows}")
        rng = np.random.default_rng(rows)
        shared = rng.standard_normal((rows, DIM), np.float32)
        gap = 6 * rng.standard_normal(DIM).astype(np.float32)
        for name, side in (("images", 1), ("texts", -1)):
            own = rng.standard_normal((rows, DIM), np.float32)
            np.save(folder / f"{name}.npy", shared + own / 4 + side * gap)
        made.append(folder)
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("measure", "--fast"),
        ("align", "--method", "center", "--out", "FOLDER/center"),
        ("align", "--method", "whiten", "--out", "FOLDER/whiten"),
        ("align", "--method", "gaussian_ot", "--out", "FOLDER/gaussian_ot"),
        ("verify", "--method", "center"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_it_finishes_in_less_memory_than_the_vectors_take(folders, words):
    verb, *rest = words
    source = ["--images", "FOLDER/images.npy", "--texts", "FOLDER/texts.npy"]
    done = subprocess.run(
        [
            *(sys.executable, "-c", CHILD.replace("ALLOWED", str(ALLOWED))),
            *map(str, folders),
            *(verb, *source, *rest),
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
