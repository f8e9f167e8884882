"""Send the rows of one file through a function into another, block by block."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Modality
from dohyo.errors import CorpusError, DohyoError, UsageError
from dohyo.io.atomic import check_file, new_file
from dohyo.io.draft import SYNCED, Facts, into_place, keep, kept, open_draft, stamp
from dohyo.io.formats import OPENERS, WRITERS, open_table
from dohyo.io.left_out import LeftOut
from dohyo.io.npy import read_array
from dohyo.io.npy_writer import NpyWriter, Synced
from dohyo.io.table import Table
from dohyo.io.table_rows import RowFunction, moved_batches, vectors_of
from dohyo.io.write import check_target
from dohyo.progress import Progress, silent
from dohyo.rows import read_blocks
from dohyo.validation import check_rows

NPY = ".npy"
ROWS = "rows.npy"
"""What a draft of an `.npy` file holds its rows in."""
BYTES_PER_BLOCK = 8 << 20
"""Enough rows to keep every core busy, and few enough that their memory is used again."""


def read_matrix(source: Path) -> NDArray[Any]:
    """Return the (n, d) floats of an `.npy` file, memory-mapped.

    Raises
    ------
    CorpusError
        If it is no such file.
    """
    rows = read_array(source)
    if rows.ndim != 2 or rows.dtype.kind != "f" or 0 in rows.shape:
        raise CorpusError(
            f"{source} has shape {rows.shape} and type {rows.dtype}.",
            hint="Give a matrix of floats, one row for each item.",
        )
    return rows


def rewrite_npy(
    source: Path, draft: Path, function: RowFunction, progress: Progress, synced: Path | None = None
) -> int:
    """Send the (n, d) rows of one `.npy` file into another; return how many there were.

    The type and the number of columns written are those of the first block that comes back.

    Parameters
    ----------
    synced : where to note how many rows are on the disk; what it says already is not done again
    """
    rows = read_matrix(source)
    size = max(1, BYTES_PER_BLOCK // rows[0].nbytes)
    held = None if synced is None else _held(draft, synced, len(rows), size)
    begin = 0 if held is None else held.rows
    tell = None if synced is None else lambda now: keep(synced, _document(now))
    with NpyWriter(draft, len(rows), synced=held, tell=tell) as out:
        for start, block in read_blocks(rows[begin:], size):
            progress(begin + start, len(rows), "apply")
            try:
                out.add(function(np.asarray(block)))
            except DohyoError:
                # The function knows a row by its place in the block, the user by that in the file.
                check_rows(block, str(source), begin + start)
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
    width: int = 0,
    left_out: LeftOut | None = None,
    overwrite: bool = False,
) -> int:
    """Send the vectors of a table into another, whole or not at all; return how many there were."""
    total = sum(batch.num_rows for batch in table.batches(table.schema.names[:1]))
    done = [0]

    def count(rows: int) -> None:
        done[0] = rows
        progress(rows, total, "apply")

    name = vectors_of(table, modality, column)
    schema, batches = moved_batches(
        table, name, function, count, modality=modality, width=width, left_out=left_out
    )
    WRITERS[target.suffix](schema, batches, target, overwrite=overwrite)
    return done[0]


def rewrite(
    source: Path,
    target: Path,
    function: RowFunction,
    *,
    modality: Modality | None = None,
    column: str | None = None,
    width: int = 0,
    left_out: LeftOut | None = None,
    made_by: Facts | None = None,
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
    width : how long the vectors of a table must be, 0 for as long as the first
    left_out : takes the rows of a table that have no usable vector; without it they are refused
    made_by : all that the function depends on; then an `.npy` file that was interrupted goes on
        where it was, with the same bytes in the end

    Raises
    ------
    CorpusError
        If the source is unusable, naming the row; or there is no way from one suffix to the other.
    UsageError
        If the target is in the way, the disk refuses, or a column is named where there are none.
    Interrupted
        For Ctrl-C, where the same call goes on.
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
        return rewrite_table(
            table_at(source),
            target,
            function,
            progress,
            modality=modality,
            column=column,
            width=width,
            left_out=left_out,
            overwrite=overwrite,
        )
    refuse_for_arrays(source, column, left_out)
    if made_by is None:
        with new_file(target, overwrite=overwrite) as draft:
            return rewrite_npy(source, draft, function, progress)
    check_file(target, overwrite=overwrite)
    read_matrix(source)
    with open_draft(target, {"made by": dict(made_by), "source": stamp(source)}) as parts:
        return _go_on(source, target, parts, function, progress)


def table_at(source: Path) -> Table:
    """Open a table.

    Raises
    ------
    CorpusError
        If it is none.
    """
    table = open_table(source)
    if table is None:
        raise CorpusError(
            f"{source} is no table.", hint=f"dohyo reads {', '.join(OPENERS)} and folders."
        )
    return table


def refuse_for_arrays(source: Path, column: str | None, left_out: LeftOut | None) -> None:
    """Refuse what only tables can do.

    Raises
    ------
    UsageError
        If a column is named, or rows shall be left out.
    """
    if column is not None:
        raise UsageError(f"{source} has no columns by name.", hint="Leave --column out.")
    if left_out is not None:
        raise UsageError(
            f"Rows of {source} are known by place alone; leaving some out would shift others.",
            hint="Leave --skip-bad out, or give a table, whose rows have ids.",
        )


def _go_on(
    source: Path, target: Path, parts: Path, function: RowFunction, progress: Progress
) -> int:
    draft = parts / ROWS
    rows = rewrite_npy(source, draft, function, progress, parts / SYNCED)
    into_place(draft, target)
    return rows


def _document(synced: Synced) -> Facts:
    return {"rows": synced.rows, "width": synced.width, "dtype": synced.dtype}


def _held(draft: Path, synced: Path, rows: int, size: int) -> Synced | None:
    """Return how much of a draft is there; None where the work begins anew."""
    try:
        held = Synced(**kept(synced))
        with draft.open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            least = file.tell() + held.rows * held.width * dtype.itemsize
    except (TypeError, OSError, ValueError):
        return None
    same = (shape, dtype.str) == ((rows, held.width), held.dtype)
    # Rows depend on their block in the last bits, so the blocks must be the same.
    blocks = 0 < held.rows <= rows and (held.rows % size == 0 or held.rows == rows)
    return held if same and blocks and draft.stat().st_size >= least else None
