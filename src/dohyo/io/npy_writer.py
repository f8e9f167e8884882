"""Write an `.npy` file block by block while the next block is being made."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

BYTES_BETWEEN_SYNCS = 64 << 20


class NpyWriter:
    """An open `.npy` file; use it in a `with` statement.

    Not through a memory map: its changed pages would count as this process's until the system
    writes them back. One thread writes and another hands the bytes to the disk as they come, so
    that neither takes time from the work and the last sync is short. Two blocks are held at most.
    """

    def __init__(self, path: Path, rows: int) -> None:
        self._path, self._rows = path, rows
        self._dtype: np.dtype[Any] = np.dtype(np.float32)
        self._unsynced = 0

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._path.open("wb")
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
        if self._pending is None:
            self._dtype = rows.dtype
            header = {
                "descr": np.lib.format.dtype_to_descr(rows.dtype),
                "fortran_order": False,
                "shape": (self._rows, rows.shape[1]),
            }
            np.lib.format.write_array_header_1_0(self._file, header)
        else:
            self._pending.result()
        self._pending = self._threads.submit(self._write, np.ascontiguousarray(rows, self._dtype))

    def _write(self, rows: NDArray[Any]) -> None:
        self._file.write(rows.data)
        self._unsynced += rows.nbytes
        if self._unsynced >= BYTES_BETWEEN_SYNCS and (not self._syncing or self._syncing.done()):
            self._file.flush()
            if self._syncing is not None:
                self._syncing.result()
            self._syncing = self._threads.submit(os.fsync, self._file.fileno())
            self._unsynced = 0
