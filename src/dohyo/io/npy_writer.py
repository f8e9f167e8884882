"""Write an `.npy` file block by block while the next block is being made."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

BYTES_BETWEEN_SYNCS = 64 << 20


@dataclass(frozen=True, slots=True)
class Synced:
    """How much of a file is sure to be on the disk.

    Attributes
    ----------
    rows, width : of the matrix, from its first row
    dtype : as the header says it, e.g. "<f4"
    """

    rows: int
    width: int
    dtype: str


class NpyWriter:
    """An open `.npy` file; use it in a `with` statement.

    Not through a memory map: its changed pages would count as this process's until the system
    writes them back. One thread writes and another hands the bytes to the disk as they come, so
    that neither takes time from the work and the last sync is short. Two blocks are held at most.
    """

    def __init__(
        self,
        path: Path,
        rows: int,
        *,
        synced: Synced | None = None,
        tell: Callable[[Synced], None] | None = None,
    ) -> None:
        """Begin a file of `rows` rows, or go on behind those that are `synced`.

        Parameters
        ----------
        tell : called after each sync, from another thread
        """
        self._path, self._rows, self._synced, self._tell = path, rows, synced, tell
        self._dtype: np.dtype[Any] = np.dtype(np.float32)
        self._unsynced = self._written = 0

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._path.open("wb" if self._synced is None else "r+b")
        if self._synced is not None:
            self._begin(np.dtype(self._synced.dtype), self._synced.width)
            self._written = self._synced.rows
            self._file.truncate(self._file.tell() + self._written * self._row_bytes)
            self._file.seek(0, os.SEEK_END)
        self._threads = ThreadPoolExecutor(2)
        self._pending: Future[None] | None = None
        self._syncing: Future[None] | None = None
        return self

    def __exit__(self, *error: object) -> None:
        try:
            for last in (self._pending, self._syncing):
                if last is not None and error[0] is None:
                    last.result()
        finally:
            self._threads.shutdown(cancel_futures=True)
            self._file.close()

    def add(self, rows: NDArray[Any]) -> None:
        """Append rows (n, k), which must not change afterwards; the first say type and width.

        Raises
        ------
        OSError
            If the disk refused these rows or those before.
        """
        if self._pending is not None:
            self._pending.result()
        elif self._synced is None:
            self._begin(rows.dtype, rows.shape[1])
        self._pending = self._threads.submit(self._write, np.ascontiguousarray(rows, self._dtype))

    @property
    def _row_bytes(self) -> int:
        return self._width * self._dtype.itemsize

    def _begin(self, dtype: np.dtype[Any], width: int) -> None:
        self._dtype, self._width = dtype, width
        header = {
            "descr": np.lib.format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": (self._rows, width),
        }
        np.lib.format.write_array_header_1_0(self._file, header)

    def _write(self, rows: NDArray[Any]) -> None:
        self._file.write(rows.data)
        self._written += len(rows)
        self._unsynced += rows.nbytes
        if self._unsynced >= BYTES_BETWEEN_SYNCS and (not self._syncing or self._syncing.done()):
            self._file.flush()
            if self._syncing is not None:
                self._syncing.result()
            self._syncing = self._threads.submit(self._sync, self._written)
            self._unsynced = 0

    def _sync(self, rows: int) -> None:
        os.fsync(self._file.fileno())
        if self._tell is not None:
            self._tell(Synced(rows, self._width, self._dtype.str))
