"""Send the rows of one file through a function into another, block by block."""

from pathlib import Path

import numpy as np

from dohyo.corpus import Modality
from dohyo.errors import CorpusError, DohyoError, UsageError
from dohyo.io.atomic import new_file
from dohyo.io.formats import OPENERS, WRITERS, open_table
from dohyo.io.npy import read_array
from dohyo.io.npy_writer import NpyWriter
from dohyo.io.table import Table
from dohyo.io.table_rows import RowFunction, moved_batches, vectors_of
from dohyo.io.write import check_target
from dohyo.progress import Progress, silent
from dohyo.rows import read_blocks
from dohyo.validation import check_rows

NPY = ".npy"
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


def rewrite_table(
    table: Table,
    target: Path,
    function: RowFunction,
    progress: Progress,
    *,
    modality: Modality | None = None,
    column: str | None = None,
    overwrite: bool = False,
) -> int:
    """Send the vectors of a table into another, whole or not at all; return how many there were."""
    total = sum(batch.num_rows for batch in table.batches(table.schema.names[:1]))
    done = [0]

    def count(rows: int) -> None:
        done[0] = rows
        progress(rows, total, "apply")

    name = vectors_of(table, modality, column)
    schema, batches = moved_batches(table, name, function, count, modality=modality)
    WRITERS[target.suffix](schema, batches, target, overwrite=overwrite)
    return done[0]


def rewrite(
    source: Path,
    target: Path,
    function: RowFunction,
    *,
    modality: Modality | None = None,
    column: str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> int:
    """Send every row of `source` through `function` into `target`; return how many there were.

    The target appears whole or not at all, and memory stays that of one block.

    Parameters
    ----------
    source, target : both `.npy`, or both tables, of whatever kinds
    modality : what the rows are of, by which a column of vectors is guessed in a table
    column : the column of vectors, where the guess is wrong

    Raises
    ------
    CorpusError
        If the source is unusable, naming the row; or there is no way from one suffix to the other.
    UsageError
        If the target is in the way, the disk refuses, or a column is named where there are none.
    MissingExtra
        If a format's library is not installed.
    """
    arrays = {source.suffix, target.suffix} == {NPY}
    if not arrays and (target.suffix not in WRITERS or source.suffix == NPY):
        raise CorpusError(
            f"Cannot turn {source.name} into {target.name}.",
            hint=f"Name two files of {NPY}, or tables: {', '.join(WRITERS)}.",
        )
    if not arrays:
        check_target(target, overwrite=overwrite)
        table = open_table(source)
        if table is None:
            raise CorpusError(
                f"{source} is no table.", hint=f"dohyo reads {', '.join(OPENERS)} and folders."
            )
        return rewrite_table(
            table,
            target,
            function,
            progress,
            modality=modality,
            column=column,
            overwrite=overwrite,
        )
    if column is not None:
        raise UsageError(f"{source} has no columns by name.", hint="Leave --column out.")
    with new_file(target, overwrite=overwrite) as draft:
        return rewrite_npy(source, draft, function, progress)
