"""Rows of vectors: their directions, and how to read many of them in flat memory."""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

ROWS_PER_BLOCK = 16_384
SCATTERED_ROWS = 256
COLUMNS_AT_ONCE = 32  # a few lines of the cache from each row
# By whether rows are float64: shorter ones (and longer than its inverse) are scaled first.
SAFE_NORM = {False: 1e-15, True: 1e-30}


def unit_rows(x: NDArray[Any]) -> F32:
    """Return x as float32 with every row scaled to length 1, shape unchanged.

    Parameters
    ----------
    x : (n, d) floats of NumPy, or a tensor of any library that the array API covers; the result
        is of the same kind, on the same device

    Notes
    -----
    A row of length 0 stays 0: it has no direction; a row with NaN or infinity in it comes out
    as NaN throughout. Lengths are float64 for float64 and float32 for all else; rows whose
    squares would leave that range are scaled first and keep their direction too. No row depends
    on another.
    """
    xp = array_namespace(x)
    if x.dtype != xp.float64:
        x = xp.astype(x, xp.float32, copy=False)
    safe = SAFE_NORM[x.dtype == xp.float64]
    with np.errstate(all="ignore"):
        norm = xp.sqrt(xp.vecdot(x, x))
        odd = ~((norm > safe) & (norm < 1 / safe))
        if not xp.any(odd):
            unit: F32 = xp.astype(x / norm[:, None], xp.float32, copy=False)
            return unit
        plain = x / xp.where(odd, xp.ones_like(norm), norm)[:, None]
        scaled = xp.astype(_unit_after_peak(xp.astype(x, xp.float64)), xp.float32)
        whole: F32 = xp.where(odd[:, None], scaled, xp.astype(plain, xp.float32))
        return whole


def _unit_after_peak(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit rows where the plain length would leave the range of floats; 0 stays 0."""
    xp = array_namespace(x)
    peak = xp.max(xp.abs(x), axis=1)
    scaled = x / xp.where(peak == 0, xp.ones_like(peak), peak)[:, None]
    # The peak is now 1 and part of the sum: only a row of zeros is shorter.
    length = xp.clip(xp.sqrt(xp.vecdot(scaled, scaled)), 1.0, None)
    unit: NDArray[np.float64] = scaled / length[:, None]
    return unit


def has_direction(unit: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each row that `unit_rows` made whether it is neither zeros nor NaN."""
    xp = array_namespace(unit)
    # A row without a direction is 0 or NaN throughout, so as a rule one column tells.
    sure: NDArray[np.bool_] = xp.abs(unit[:, 0]) > 0
    return sure if sure.all() else xp.vecdot(unit, unit) > 0.5


def read_blocks(
    array: NDArray[Any], size: int = ROWS_PER_BLOCK
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (number of the first row, rows) of a matrix, `size` rows at a time."""
    for block in blocks(len(array), size):
        yield block.start, array[block]
        give_back(array)


def take(array: NDArray[Any], rows: NDArray[Any] | slice) -> NDArray[Any]:
    """Return some rows of a matrix; scattered ones of a memory map without mapping all of it.

    The system maps up to 2 MiB around each row that is touched; a few thousand would do for a
    file of gigabytes.
    """
    if isinstance(rows, slice) or getattr(array, "_mmap", None) is None:
        return np.asarray(array[rows])
    taken = np.empty((len(rows), *array.shape[1:]), array.dtype)
    for block in blocks(len(rows), SCATTERED_ROWS):
        taken[block] = array[rows[block]]
        give_back(array)
    return taken


def permute(rows: NDArray[Any], order: I64) -> None:
    """Put the rows of a matrix in another order, in place: `rows[:] = rows[order]`.

    A few columns travel at a time, so that there is never a second matrix.
    """
    for columns in blocks(rows.shape[1], COLUMNS_AT_ONCE):
        rows[:, columns] = rows[order, columns]


def give_back(array: NDArray[Any]) -> None:
    """Give the pages of a read-only memory map back to the system.

    The file stays in the system's cache, but a pass over it does not fill this process's memory.
    """
    mapped = getattr(array, "_mmap", None)
    # Pages of a writable map may hold changes that are nowhere else.
    if mapped is not None and not array.flags.writeable and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def blocks(rows: int, size: int = ROWS_PER_BLOCK) -> Iterator[slice]:
    """Yield slices that cover `rows` rows, `size` at a time."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))
