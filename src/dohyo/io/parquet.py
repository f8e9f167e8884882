"""The rows of a Parquet file's vector column; every other column travels along unchanged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.io.vector_column import is_list, list_rows
from dohyo.progress import Progress
from dohyo.rows import ROWS_PER_BLOCK

NAMES = ("embedding", "vector", "image", "text")
"""Column names taken for vectors, in this order, where several columns hold lists."""


def rewrite_parquet(
    source: Path,
    draft: Path,
    function: Callable[[NDArray[Any]], NDArray[Any]],
    progress: Progress,
) -> int:
    """Send one vector column through `function`, batch by batch; return the number of rows.

    Raises
    ------
    CorpusError
        If the file is unreadable, has no vector column, or a row is missing or of another length.
    """
    if not source.is_file():
        raise CorpusError(f"{source} is not a file.", hint="Check the name.")
    try:
        with pq.ParquetFile(source) as file:
            return _rewrite(file, source, draft, function, progress)
    except pa.ArrowInvalid as error:
        raise CorpusError(
            f"{source} is truncated or not a Parquet file.", hint="Copy or write it again."
        ) from error


def _rewrite(
    file: Any,
    source: Path,
    draft: Path,
    function: Callable[[NDArray[Any]], NDArray[Any]],
    progress: Progress,
) -> int:
    schema = file.schema_arrow
    place = _vector_column(schema, source)
    total, done = file.metadata.num_rows, 0
    if total == 0:
        raise CorpusError(f"{source} has no rows.", hint="Write it again.")
    writer: Any = None
    try:
        for batch in file.iter_batches(batch_size=ROWS_PER_BLOCK):
            progress(done, total, "apply")
            rows = list_rows(batch.column(place), schema.field(place).name, source, done)
            moved = function(rows)
            column = pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(moved, np.float32).ravel()), moved.shape[1]
            )
            field = pa.field(schema.field(place).name, column.type)
            if writer is None:
                writer = pq.ParquetWriter(draft, schema.set(place, field))
            writer.write_batch(batch.set_column(place, field, column))
            done += len(rows)
    finally:
        if writer is not None:
            writer.close()
    progress(total, total, "apply")
    return done


def _vector_column(schema: Any, source: Path) -> int:
    lists = [number for number, field in enumerate(schema) if is_list(field.type)]
    named = [n for name in NAMES for n in lists if schema.field(n).name == name]
    if named:
        return named[0]
    if len(lists) != 1:
        raise CorpusError(
            f"{source} has {len(lists)} columns of lists, none named {' or '.join(NAMES)}.",
            hint="Name the column of vectors `embedding`.",
        )
    return lists[0]
