"""Send the rows of one file through a function into another, block by block."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError, DohyoError
from dohyo.io.atomic import check_file, new_file
from dohyo.io.npy import read_array
from dohyo.io.npy_writer import NpyWriter
from dohyo.io.parquet import rewrite_parquet
from dohyo.progress import Progress, silent
from dohyo.rows import read_blocks
from dohyo.validation import check_rows

RowFunction = Callable[[NDArray[Any]], NDArray[Any]]
"""Takes rows (n, d), returns as many; refuses those that hold NaN, infinity or only zeros."""

BYTES_PER_BLOCK = 8 << 20
"""Enough rows to keep every core busy, and few enough that their memory is used again."""


def rewrite_npy(source: Path, draft: Path, function: RowFunction, progress: Progress) -> int:
    """Send the (n, d) rows of one `.npy` file into another; return how many there were.

    The type and the number of columns written are those of the first block that comes back.
    """
    rows = read_array(source)
    if rows.ndim != 2 or rows.dtype.kind != "f" or 0 in rows.shape:
        raise CorpusError(
            f"{source} has shape {rows.shape} and type {rows.dtype}.",
            hint="Give a matrix of floats, one row for each item.",
        )
    with NpyWriter(draft, len(rows)) as out:
        for start, block in read_blocks(rows, max(1, BYTES_PER_BLOCK // rows[0].nbytes)):
            progress(start, len(rows), "apply")
            try:
                out.add(function(np.asarray(block)))
            except DohyoError:
                # The function knows a row by its place in the block, the user by that in the file.
                check_rows(block, str(source), start)
                raise
    progress(len(rows), len(rows), "apply")
    return len(rows)


REWRITERS: dict[str, Callable[[Path, Path, RowFunction, Progress], int]] = {
    ".npy": rewrite_npy,
    ".parquet": rewrite_parquet,
}
"""By suffix. To add a format: write its file, add one line."""


def rewrite(
    source: Path,
    target: Path,
    function: RowFunction,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> int:
    """Send every row of `source` through `function` into `target`; return how many there were.

    The target appears whole or not at all, and memory stays that of one block.

    Raises
    ------
    CorpusError
        If the source is unusable, naming the row; or the suffixes differ or are unknown.
    UsageError
        If the target is in the way or the disk refuses.
    """
    if source.suffix not in REWRITERS or source.suffix != target.suffix:
        raise CorpusError(
            f"Cannot turn {source.name} into {target.name}.",
            hint=f"Both must have the same suffix, one of {', '.join(REWRITERS)}.",
        )
    check_file(target, overwrite=overwrite)
    with new_file(target, overwrite=overwrite) as draft:
        return REWRITERS[source.suffix](source, draft, function, progress)
