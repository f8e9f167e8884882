"""What a reader takes beside the vectors themselves does not grow with the file."""

import subprocess
import sys

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.io.write import write

PEAK = """
import sys
from pathlib import Path
from dohyo.io.read import read
corpus = read(sys.argv[1])
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 2**10
print((peak - corpus.image.nbytes - corpus.text.nbytes) / 2**20)
"""
GROWTH = {".npz": 20, ".arrow": 40, ".parquet": 60, ".lance": 110}
"""MiB. The 200,000 pairs of 64 dimensions that are more take 98, a copy of them as much again on
top of what is measured: about 20, 40, and with what Lance has in flight 70."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("suffix", GROWTH)
def test_memory_beside_the_vectors_does_not_grow_with_the_rows(tmp_path, suffix):
    beside = {}
    for rows in (50_000, 250_000):
        vectors = np.random.default_rng(0).random((rows, 64), np.float32)
        path = tmp_path / f"{rows}{suffix}"
        write(Corpus.from_arrays(vectors, vectors), path)
        beside[rows] = float(subprocess.check_output([sys.executable, "-c", PEAK, path]))
    assert beside[250_000] - beside[50_000] < GROWTH[suffix]
