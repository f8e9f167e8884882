"""Columns of strings and of classes, checked and by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.io.column_roles import is_string
from dohyo.io.table import Table
from dohyo.io.table_metadata import PICTURE, class_names_of, picture_shape
from dohyo.rows import I64


def strings(table: Table, name: str, *, empty: bool = False) -> list[str]:
    """Return a column of strings or whole numbers; a null is an error, or an empty string.

    Raises
    ------
    CorpusError
        Naming file, column and row.
    """
    column = _column(table, name)
    if not (is_string(column.type) or pa.types.is_integer(column.type)):
        raise CorpusError(
            f"{table.path}, column {name} holds {column.type}.",
            hint="It must hold strings or whole numbers.",
        )
    if column.null_count and not empty:
        raise _null(table, name, int(np.flatnonzero(_nulls(column))[0]))
    column = column.cast(pa.large_string())
    listed: list[str] = (pc.fill_null(column, "") if empty else column).to_pylist()
    return listed


def given(
    table: Table, name: str | None, rows: I64, *, empty: bool = False
) -> Sequence[str] | None:
    """Return some rows of a column of strings; None where there is none or all are null.

    Raises
    ------
    CorpusError
        Naming file, column and row of a null that may not be an empty string.
    """
    if name is None:
        return None
    nulls = _nulls(_column(table, name))[rows]
    if nulls.all():
        return None
    if not empty:
        _check_given(table, name, rows, nulls)
    listed = strings(table, name, empty=True)
    return [listed[row] for row in rows.tolist()]


def labels(
    table: Table, name: str | None, rows: I64
) -> tuple[NDArray[Any] | None, Sequence[str] | None]:
    """Return the classes of some rows by number, and their names where they are known.

    Raises
    ------
    CorpusError
        Naming file, column and row of a null.
    """
    names: Sequence[str] | None = class_names_of(table)
    if name is None:
        return None, names
    column = _column(table, name)
    nulls = _nulls(column)[rows]
    if nulls.all():
        return None, names
    _check_given(table, name, rows, nulls)
    if pa.types.is_integer(column.type):
        filled: NDArray[Any] = pc.fill_null(column, 0).to_numpy()
        return filled[rows], names if names is not None else table.class_names(name)
    listed = strings(table, name, empty=True)
    found, number = np.unique([listed[row] for row in rows.tolist()], return_inverse=True)
    return number, found.tolist()


def pictures(table: Table, rows: I64) -> NDArray[np.uint8] | None:
    """Return the thumbnails of some rows, (rows, h, w, 3); None where there are none."""
    shape = picture_shape(table)
    if shape is None or not len(rows):
        return None
    place = np.full(int(rows.max()) + 1, -1)
    place[rows] = np.arange(len(rows))
    out = np.zeros((len(rows), *shape), np.uint8)
    row = 0
    for batch in table.batches([PICTURE]):
        for cell in batch.column(PICTURE):
            if row < len(place) and place[row] >= 0 and cell.is_valid:
                out[place[row]] = np.frombuffer(cell.as_buffer(), np.uint8).reshape(shape)
            row += 1
    return out


def _column(table: Table, name: str) -> Any:
    """Return one column as a chunked array, dictionaries written out."""
    kind = table.schema.field(name).type
    chunks = [batch.column(name) for batch in table.batches([name])]
    whole = pa.chunked_array(chunks, type=kind)
    if pa.types.is_dictionary(kind):
        whole = whole.cast(kind.value_type)
    return whole


def _nulls(column: Any) -> NDArray[np.bool_]:
    nulls: NDArray[np.bool_] = column.is_null().to_numpy()
    return nulls


def _check_given(table: Table, name: str, rows: I64, nulls: NDArray[np.bool_]) -> None:
    if nulls.any():
        raise _null(table, name, int(rows[nulls][0]))


def _null(table: Table, name: str, row: int) -> CorpusError:
    file, place = table.where(row)
    return CorpusError(
        f"{file}, column {name}: row {place} is null.",
        hint="Fill it, or leave the column out: --columns with nothing behind its meaning.",
    )
