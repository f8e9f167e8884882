"""Columns of Arrow that hold vectors: which they are, and their rows as a matrix."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.validation import check_rows

NUMBERED = re.compile(r"(.+?)[_.-]?(\d+)")
LEAST_WIDTH = 2
"""Fewer numbered columns than this are no vector."""


@dataclass(frozen=True, slots=True)
class VectorColumn:
    """One column of lists, or one column for each dimension.

    Attributes
    ----------
    name : the column's, or what the names of the numbered columns begin with
    parts : the columns themselves, in the order of the dimensions
    numbered : whether there is one for each dimension
    """

    name: str
    parts: tuple[str, ...]
    numbered: bool = False

    def __str__(self) -> str:
        return f"{self.parts[0]} … {self.parts[-1]}" if self.numbered else self.name


def is_list(kind: Any) -> bool:
    """Return whether a type of Arrow holds lists, whatever is in them."""
    kind = getattr(kind, "storage_type", kind)
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def vector_columns(schema: Any) -> dict[str, VectorColumn]:
    """Return the columns that can hold vectors, by name: lists of floats, and numbered floats.

    Numbered ones count from 0 or 1; where a number is missing, `parts` ends before it.
    """
    found: dict[str, VectorColumn] = {}
    numbers: dict[str, dict[int, str]] = {}
    for field in schema:
        kind = getattr(field.type, "storage_type", field.type)
        if is_list(kind) and pa.types.is_floating(kind.value_type):
            found[field.name] = VectorColumn(field.name, (field.name,))
        elif pa.types.is_floating(kind) and (match := NUMBERED.fullmatch(field.name)):
            numbers.setdefault(match[1], {})[int(match[2])] = field.name
    for name, columns in numbers.items():
        if len(columns) >= LEAST_WIDTH and name not in found:
            parts = tuple(columns[number] for number in sorted(columns))
            found[name] = VectorColumn(name, parts, numbered=True)
    return found


def check_numbers(column: VectorColumn, path: Path) -> None:
    """Refuse numbered columns of which one is missing.

    Raises
    ------
    CorpusError
        Naming the first number that is missing.
    """
    if not column.numbered:
        return
    numbers = [int(match[2]) for part in column.parts if (match := NUMBERED.fullmatch(part))]
    wanted = range(min(numbers[0], 1), numbers[-1] + 1)
    missing = sorted(set(wanted) - set(numbers))
    if missing or len(numbers) != len(set(numbers)):
        which = missing[0] if missing else numbers[-1]
        raise CorpusError(
            f"{path}, columns {column}: number {which} is missing or there twice.",
            hint="Write one column for each dimension, or one column of lists.",
        )


def list_rows(column: Any, name: str, source: Path, start: int) -> NDArray[Any]:
    """Return a column of lists as a matrix (rows, d), without a copy where Arrow allows it.

    Parameters
    ----------
    column : an Arrow array of lists, large lists, fixed-size lists or fixed-shape tensors
    start : number of its first row in the file

    Raises
    ------
    CorpusError
        Naming file, column and row: missing, of another length, no floats, NaN, only zeros.
    """
    column = getattr(column, "storage", column)
    where = f"{source}, column {name}"
    lengths = column.value_lengths().to_numpy(zero_copy_only=False).astype(np.float64)
    if column.null_count or not np.all(lengths == lengths[0]):
        odd = np.isnan(lengths) | (lengths != lengths[~np.isnan(lengths)][:1].sum())
        raise CorpusError(
            f"{where}: row {start + int(np.flatnonzero(odd)[0])} is missing or has another length.",
            hint="Drop that row or embed the item again.",
        )
    flat = column.flatten()
    if not pa.types.is_floating(flat.type):
        raise CorpusError(f"{where} holds {flat.type}.", hint="Save vectors as float32.")
    if flat.null_count:
        first = int(np.flatnonzero(flat.is_null().to_numpy(zero_copy_only=False))[0])
        raise _null(where, start + first // int(lengths[0]))
    if len(flat) == 0:
        raise CorpusError(f"{where}: the lists are empty.", hint="Embed the items again.")
    rows: NDArray[Any] = flat.to_numpy(zero_copy_only=False).reshape(len(column), -1)
    check_rows(rows, f"{where}:", start)
    return rows


def numbered_rows(batch: Any, column: VectorColumn, source: Path, start: int) -> NDArray[Any]:
    """Return columns of one dimension each as a matrix (rows, d), a fresh array.

    Raises
    ------
    CorpusError
        Naming file, column and row: missing, NaN, only zeros.
    """
    kinds = [batch.schema.field(part).type.to_pandas_dtype() for part in column.parts]
    rows = np.empty((batch.num_rows, len(kinds)), np.result_type(*kinds))
    for number, part in enumerate(column.parts):
        values = batch.column(part)
        if values.null_count:
            odd = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0])
            raise _null(f"{source}, column {part}", start + odd)
        rows[:, number] = values.to_numpy(zero_copy_only=False)
    check_rows(rows, f"{source}, columns {column}:", start)
    return rows


def _null(where: str, row: int) -> CorpusError:
    return CorpusError(
        f"{where}: row {row} holds a null.", hint="Drop that row or embed the item again."
    )
