"""How fast this machine multiplies matrices and writes to its disk, taken in under a second."""

import os
import tempfile
import time
from dataclasses import dataclass

import numpy as np

SIDE = 1_024
SECONDS = 0.3
CHUNK = 4 << 20
MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Rates:
    """What limits every stage.

    Attributes
    ----------
    flops : floating-point operations a second of a float32 matrix product, at the threads of BLAS
    disk : bytes a second written to the folder for temporary files, until they are on the disk
    """

    flops: float
    disk: float


def measured_rates() -> Rates:
    """Measure both; what is written has no name and is gone afterwards."""
    return Rates(_flops(), _disk())


def _flops() -> float:
    x = np.random.default_rng(0).standard_normal((SIDE, SIDE), np.float32)
    out = x @ x  # BLAS starts its threads
    best, end = np.inf, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        np.matmul(x, x, out=out)
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best


def _disk() -> float:
    chunk = np.random.default_rng(0).bytes(CHUNK)
    written, start = 0, time.perf_counter()
    with tempfile.TemporaryFile() as file:
        while written < MOST_BYTES and time.perf_counter() - start < SECONDS:
            file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            written += CHUNK
    return written / (time.perf_counter() - start)
