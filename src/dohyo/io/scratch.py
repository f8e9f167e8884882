"""Where the vectors of a corpus lie once they are read: in memory, or on the disk."""

import mmap
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import UsageError

HELD_BYTES = 256 << 20
"""A matrix up to this size stays in memory, if nobody says where it shall lie."""
Room = Callable[[tuple[int, ...], np.dtype[Any]], NDArray[Any]]
"""Takes a shape and a type, returns an array of them to be filled, block by block."""


def in_memory(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array in memory."""
    return np.empty(shape, dtype)


def on_disk(folder: Path) -> Room:
    """Return what makes arrays in files of a folder that have no name and go with the array.

    Raises
    ------
    UsageError
        When an array is made: if the folder may not be written, or its disk has no room.
    """

    def room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        size = int(np.prod(shape)) * dtype.itemsize
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                _reserve(file.fileno(), size)
                return np.memmap(file, dtype, "r+", shape=shape)
        except OSError as error:
            raise UsageError(
                f"Cannot lay {-(-size // 2**20)} MiB of vectors into {folder}: {error.strerror}.",
                hint="Make room there, or name another folder by the variable TMPDIR; nothing was "
                "written.",
            ) from error

    return room


def where_it_fits(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array in memory, or a large one in the system's folder for temporary files.

    Raises
    ------
    UsageError
        If that folder has no room.
    """
    if int(np.prod(shape)) * dtype.itemsize <= HELD_BYTES:
        return in_memory(shape, dtype)
    return on_disk(Path(tempfile.gettempdir()))(shape, dtype)


def settle(array: NDArray[Any]) -> None:
    """Let the system move what was filled so far out of this process, if it lies on the disk."""
    mapped = getattr(array, "_mmap", None)
    # The map is shared: what was changed stays in the system's cache, on its way to the disk.
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def filled(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array as it is now for good; pages of a read-only map can be given back."""
    if isinstance(array, np.memmap):
        settle(array)
        array.flags.writeable = False
    return array


def _reserve(file: int, size: int) -> None:
    """Take the space now: a full disk under a memory map would end the process later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
        return
    block = bytes(1 << 20)
    for start in range(0, size, len(block)):
        os.write(file, block[: size - start])
