"""Rows sorted into cells of near neighbours, so that a search need not look at all of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import F32, I64, blocks, unit_rows

ROWS_IN_ONE_CELL = 16_384  # up to here a search looks at every row: exact, and fast enough
ROWS_PER_CELL = 400  # as many cells as rows in a cell, near enough, at 200,000 rows
SAMPLE_PER_CELL = 40
ROUNDS = 10
ROWS_PER_BLOCK = 8_192


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """Where each cell lies in rows that are sorted by cell.

    Attributes
    ----------
    centre : (c, d) float32 unit rows; all zeros where a single cell holds everything
    size : (c,) int64, rows in each cell
    """

    centre: F32
    size: I64

    @property
    def start(self) -> I64:
        """The first row of each cell, (c,)."""
        return np.cumsum(self.size) - self.size


def sorted_by_cell(rows: F32, seed: int = 0) -> tuple[I64, Cells]:
    """Return an order of unit rows in which each cell is contiguous, (n,), and the cells.

    Parameters
    ----------
    rows : (n, d) float32 unit rows

    Notes
    -----
    Spherical k-means, ten rounds of Lloyd on a seeded sample (Dhillon & Modha 2001), a cell for
    each 400 rows; up to 16,384 rows make one cell. Deterministic for the seed and the number of
    BLAS threads.
    """
    n, d = rows.shape
    if n <= ROWS_IN_ONE_CELL:
        return np.arange(n), Cells(np.zeros((1, d), np.float32), np.array([n]))
    count = n // ROWS_PER_CELL
    chosen = np.random.default_rng(seed).permutation(n)[: SAMPLE_PER_CELL * count]
    sample = rows[np.sort(chosen)]
    centre = rows[chosen[:count]]
    for _ in range(ROUNDS):
        centre = _centres(sample, _nearest(sample, centre), centre)
    label = _nearest(rows, centre)
    order = np.argsort(label, kind="stable")
    size = np.bincount(label, minlength=count)
    return order, Cells(centre[size > 0], size[size > 0])


def _nearest(rows: F32, centre: F32) -> I64:
    label = np.empty(len(rows), np.int64)
    for block in blocks(len(rows), ROWS_PER_BLOCK):
        label[block] = (rows[block] @ centre.T).argmax(axis=1)
    return label


def _centres(rows: F32, label: I64, before: F32) -> F32:
    """Return the direction of each cell's sum; a cell that lost all its rows stays where it was."""
    order = np.argsort(label, kind="stable")
    held, first = np.unique(label[order], return_index=True)
    centre = before.copy()
    centre[held] = unit_rows(np.add.reduceat(rows[order], first, axis=0))
    return centre


def cells_of(centre: NDArray[np.floating], size: NDArray[np.floating]) -> Cells:
    """Return cells from arrays as a map stores them, all of one float type."""
    return Cells(centre.astype(np.float32, copy=False), size.astype(np.int64))
