"""What each stage has to do: operations, bytes read and written, bytes held. Pure arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass

FLOAT = 4
ROWS_IN_ONE_CELL = 16_384
ROWS_PER_CELL = 400
ROUNDS, SAMPLE_PER_CELL = 10, 40
SHARE_LOOKED_INTO, MOST_LOOKED_AT = 0.02, 20_000
"""Anchors that one query is compared with beside the centres of the cells: a share that was seen on
clumped rows, and the most there are (`dohyo.corrections.transport.search_depth`)."""
NEIGHBOURS = 64
QUERIES = {"measure_fast": 250, "measure_standard": 1_000, "measure_full": 20_000}
JUDGED_ROWS = 30_000
"""A sample of so many rows is judged where there are more."""


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

    @property
    def rows(self) -> int:
        """Of both modalities together."""
        return self.images + self.texts

    @property
    def bytes(self) -> float:
        """Of all vectors in float32."""
        return float(self.rows) * self.dimension * FLOAT


def _measure(queries: int) -> Callable[[Size], Work]:
    def work(size: Size) -> Work:
        # Two modalities search two: a query meets every row.
        searched = 4.0 * min(queries, size.rows) * size.rows * size.dimension
        return Work(_sums(size) + searched, size.bytes, 0, 0)

    return work


def _sums(size: Size) -> float:
    """Return the operations of one pass that sums all products of dimensions."""
    return 2.0 * size.rows * size.dimension**2


def _align_linear(size: Size) -> Work:
    return Work(_sums(size), size.bytes, 2 * size.dimension**2 * FLOAT, 0)


def _align_displacement(size: Size) -> Work:
    d, flops = size.dimension, 0.0
    for here, there in ((size.images, size.texts), (size.texts, size.images)):
        flops += _cells(there, d) + _search(here, there, d)
    return Work(flops, size.bytes, size.bytes, size.bytes + size.rows * NEIGHBOURS * 12)


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
    looked_at = anchors / ROWS_PER_CELL + min(SHARE_LOOKED_INTO * anchors, MOST_LOOKED_AT)
    return 2.0 * queries * d * looked_at


def _apply_linear(size: Size) -> Work:
    return Work(_sums(size), size.bytes, size.bytes, 0)


def _apply_displacement(size: Size) -> Work:
    d = size.dimension
    held = 2.0 * size.anchors * d * FLOAT
    return Work(_search(size.rows, size.anchors, d), size.bytes + held, size.bytes, held)


def _verify_linear(size: Size) -> Work:
    judged = min(size.rows, JUDGED_ROWS)
    compared = 4.0 * judged**2 * size.dimension
    return Work(_sums(size) + compared, size.bytes, 0, judged * size.dimension * FLOAT)


STAGES: dict[str, Callable[[Size], Work]] = {
    **{stage: _measure(queries) for stage, queries in QUERIES.items()},
    "align_linear": _align_linear,
    "align_displacement": _align_displacement,
    "apply_linear_npy": _apply_linear,
    "apply_linear_parquet": _apply_linear,
    "apply_displacement": _apply_displacement,
    "verify_linear": _verify_linear,
}
"""By name, as `benchmarks/scale.py` measures them."""
ALIKE = {"measure_full": "measure_standard"}
"""Stages that are not measured themselves, and the one whose coefficients they take."""
