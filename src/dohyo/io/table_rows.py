"""Send the vectors of a table through a function; every other column travels along unchanged."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dohyo.corpus import MODALITY_WORDS, Modality
from dohyo.errors import CorpusError
from dohyo.io.ahead import ahead
from dohyo.io.column_roles import OTHERS, VECTORS, is_string
from dohyo.io.left_out import LeftOut, has_vector
from dohyo.io.table import Table
from dohyo.io.vector_column import list_rows, vector_columns

RowFunction = Callable[[NDArray[Any]], NDArray[Any]]
"""Takes rows (n, d), returns as many; refuses those that hold NaN, infinity or only zeros."""


def moved_batches(
    table: Table,
    column: str,
    function: RowFunction,
    count: Callable[[int], None],
    *,
    modality: Modality | None = None,
    width: int = 0,
    left_out: LeftOut | None = None,
) -> tuple[Any, Iterator[Any]]:
    """Return the schema and the batches of a table whose vectors have passed a function.

    Parameters
    ----------
    column : name of the column of vectors, lists of floats
    count : called with the number of rows done so far
    modality : what all rows must be of, where the table has a column that says it
    width : how long the vectors must be, 0 for as long as the first
    left_out : takes the rows that have no usable vector; without it they are refused

    Raises
    ------
    CorpusError
        If the table has no rows; or, while the batches are drawn, naming file, row and id: a row
        that is missing, of another length, without direction, or of the other modality.
    """
    moved = _moved(table, column, function, count, modality, width, left_out)
    first = next(moved, None)
    if first is None:
        raise CorpusError(f"{table.path} has no rows.", hint="Write it again.")
    return first.schema, chain([first], moved)


def _moved(
    table: Table,
    name: str,
    function: RowFunction,
    count: Callable[[int], None],
    modality: Modality | None,
    width: int,
    left_out: LeftOut | None,
) -> Iterator[Any]:
    place = table.schema.get_field_index(name)
    kind = _kind_column(table.schema) if modality is not None else None
    name_of = _id_column(table.schema)
    done = 0
    for file in table.files:
        start = 0
        for batch in ahead(file.batches(table.schema.names)):
            if not batch.num_rows:
                continue
            there = batch.num_rows
            if kind is not None and modality is not None:
                _check_modality(batch.column(kind), modality, f"{file.path}, column {kind}", start)
            count(done)
            if left_out is not None:
                batch = left_out.without_bad(batch, name, file.path, start, width, name_of)
            start, done = start + there, done + there
            if not batch.num_rows:
                continue
            rows = _rows(batch, name, file.path, start - there, name_of)
            width = _same_width(rows, width, f"{file.path}, column {name}")
            vectors = function(rows)
            flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
            column = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
            field = pa.field(name, column.type)
            yield pa.record_batch(
                [*batch.columns[:place], column, *batch.columns[place + 1 :]],
                schema=table.schema.set(place, field),
            )
    count(done)


def _rows(batch: Any, name: str, file: Path, start: int, name_of: str | None) -> NDArray[Any]:
    try:
        return list_rows(batch.column(name), name, file, start)
    except CorpusError as error:
        good = has_vector(batch.column(name))
        if name_of is None or good.all():
            raise
        item = batch.column(name_of)[int(np.flatnonzero(~good)[0])].as_py()
        raise CorpusError(f"{error.what.rstrip('.')} (id {item}).", hint=error.hint) from error


def _same_width(rows: NDArray[Any], width: int, where: str) -> int:
    if width and rows.shape[1] != width:
        raise CorpusError(
            f"{where} has rows of {rows.shape[1]} numbers; {width} are wanted.",
            hint="All vectors must come from the same encoder.",
        )
    return int(rows.shape[1])


def _id_column(schema: Any) -> str | None:
    named = [role for role in ("id", "image_id", "text_id") for role in OTHERS[role]]
    return next((name for name in named if name in schema.names), None)


def vectors_of(table: Table, modality: Modality | None, chosen: str | None = None) -> str:
    """Return the name of the column that holds the vectors of one modality.

    Parameters
    ----------
    chosen : the column that the user named

    Raises
    ------
    CorpusError
        If there is none, several would do, or the vectors have one column for each dimension.
    """
    candidates = vector_columns(table.schema)
    lists = [name for name, held in candidates.items() if not held.numbered]
    if chosen is not None:
        if chosen not in lists:
            raise CorpusError(
                f"{table.path} has no column {chosen} of vectors.",
                hint=f"Lists of floats: {', '.join(lists) or 'none'}.",
            )
        return chosen
    for names in ((VECTORS[modality] if modality else ()), VECTORS["vector"]):
        found = [name for name in names if name in lists]
        if found:
            return found[0]
    if len(lists) == 1:
        return lists[0]
    if not lists and candidates:
        raise CorpusError(
            f"{table.path} has its vectors in one column for each dimension.",
            hint="Turn them into one column of lists with dohyo convert.",
        )
    raise CorpusError(
        f"{table.path} has {len(lists)} columns of vectors: {', '.join(lists) or 'none'}.",
        hint="Say which with --column, or name it `embedding`.",
    )


def _kind_column(schema: Any) -> str | None:
    named = [name for name in OTHERS["modality"] if name in schema.names]
    kinds = [(name, schema.field(name).type) for name in named]
    found = [
        name
        for name, kind in kinds
        if is_string(kind.value_type if pa.types.is_dictionary(kind) else kind)
    ]
    return found[0] if found else None


def _check_modality(column: Any, modality: Modality, where: str, start: int) -> None:
    said = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    other = [
        number
        for number, word in enumerate(said.dictionary.to_pylist())
        if MODALITY_WORDS.get(str(word).casefold(), modality) != modality
    ]
    wrong = np.isin(said.indices.to_numpy(zero_copy_only=False), other)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CorpusError(
            f"{where}: row {start + row} is {column[row].as_py()!r}, not of {modality}.",
            hint="Correct the rows of each modality by themselves, in a file each.",
        )
