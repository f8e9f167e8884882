"""What each stage has to do: operations, bytes read and written, bytes held. Pure arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass

FLOAT = 4
ROWS_IN_ONE_CELL = 16_384
ROWS_PER_CELL = 400
ROUNDS, SAMPLE_PER_CELL = 10, 40
CELLS_LOOKED_INTO = 32
NEIGHBOURS = 64
QUERIES = {"measure_fast": 250, "measure_standard": 1_000}


@dataclass(frozen=True, slots=True)
class Work:
    """What one stage does, before any coefficient.

    Attributes
    ----------
    flops : of matrix products
    read, written : bytes from and to the disk
    held : bytes of whatever grows with the rows and lies in memory
    """

    flops: float
    read: float
    written: float
    held: float


@dataclass(frozen=True, slots=True)
class Size:
    """How large the task is; `anchors` are those of each side of a displacement map."""

    images: int
    texts: int
    dimension: int
    anchors: int = 0


def _measure(queries: int) -> Callable[[Size], Work]:
    def work(size: Size) -> Work:
        n, d = size.images + size.texts, size.dimension
        return Work(2 * n * d**2 + 4 * queries * n * d, n * d * FLOAT, 0, 0)

    return work


def _linear(size: Size) -> Work:
    n, d = size.images + size.texts, size.dimension
    return Work(2 * n * d**2, n * d * FLOAT, 2 * d**2 * FLOAT, 0)


def _displacement(size: Size) -> Work:
    d, flops = size.dimension, 0.0
    for here, there in ((size.images, size.texts), (size.texts, size.images)):
        flops += _cells(there, d) + _search(here, there, d)
    held = (size.images + size.texts) * (d * FLOAT + NEIGHBOURS * 12)
    vectors = (size.images + size.texts) * d * FLOAT
    return Work(flops, vectors, vectors, held)


def _cells(rows: int, d: int) -> float:
    """Return the operations of k-means on a sample, and of giving every row its cell."""
    if rows <= ROWS_IN_ONE_CELL:
        return 0.0
    cells = rows / ROWS_PER_CELL
    return 2 * cells * d * (ROUNDS * SAMPLE_PER_CELL * cells + rows)


def _search(queries: int, anchors: int, d: int) -> float:
    """Return the operations of finding the nearest anchors of each query."""
    if anchors <= ROWS_IN_ONE_CELL:
        return 2.0 * queries * anchors * d
    looked_at = 2 * anchors / ROWS_PER_CELL + CELLS_LOOKED_INTO * ROWS_PER_CELL
    return 2.0 * queries * d * min(looked_at, anchors)


def _apply_linear(size: Size) -> Work:
    n, d = size.images + size.texts, size.dimension
    return Work(2 * n * d**2, n * d * FLOAT, n * d * FLOAT, 0)


def _apply_displacement(size: Size) -> Work:
    n, d = size.images + size.texts, size.dimension
    held = 2 * size.anchors * d * FLOAT
    return Work(_search(n, size.anchors, d), n * d * FLOAT + held, n * d * FLOAT, held)


def _verify_linear(size: Size) -> Work:
    n, d = size.images + size.texts, size.dimension
    return Work(4.0 * n**2 * d, n * d * FLOAT, 0, n * d * FLOAT)


STAGES: dict[str, Callable[[Size], Work]] = {
    **{stage: _measure(queries) for stage, queries in QUERIES.items()},
    **dict.fromkeys(("align_center", "align_whiten", "align_gaussian_ot"), _linear),
    "align_displacement": _displacement,
    "apply_linear_npy": _apply_linear,
    "apply_linear_parquet": _apply_linear,
    "apply_displacement": _apply_displacement,
    "verify_center": _verify_linear,
}
"""By name, as `benchmarks/scale.py` measures them."""
