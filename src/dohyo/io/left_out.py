"""Rows of a table that have no usable vector: which they are, counted and named."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

NAMED = 10
"""How many of the rows left out are named; the others are counted."""


@dataclass(slots=True)
class LeftOut:
    """What was left out so far; a run's own notebook, and no result.

    Attributes
    ----------
    count : how many rows
    first : the first of them, as file, number of the row, and id where the table has ids
    """

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, count: int, named: Sequence[str]) -> None:
        """Note rows, of which the first are named."""
        self.count += count
        self.first += named[: max(0, NAMED - len(self.first))]

    def without_bad(
        self, batch: Any, name: str, file: Path, start: int, width: int, name_of: str | None
    ) -> Any:
        """Return a batch without the rows whose vector is unusable, and note those.

        Parameters
        ----------
        name : the column of vectors
        start : number of the batch's first row in the file
        width : of the vectors, 0 where it is not known yet
        name_of : the column of ids
        """
        good = has_vector(batch.column(name), width)
        if good.all():
            return batch
        bad = [int(row) for row in np.flatnonzero(~good)]
        ids = {
            row: "" if name_of is None else f" (id {batch.column(name_of)[row].as_py()})"
            for row in bad[:NAMED]
        }
        self.add(len(bad), [f"{file} row {start + row}{said}" for row, said in ids.items()])
        return batch.filter(pa.array(good))


def has_vector(column: Any, width: int = 0) -> NDArray[np.bool_]:
    """Return for each row of a column of lists whether it holds a vector with a direction.

    Parameters
    ----------
    width : what its length must be; where it is 0, that of most rows
    """
    column = getattr(column, "storage", column)
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    if not pa.types.is_floating(column.type.value_type):
        return np.ones(len(column), np.bool_)  # none is: for the caller to say
    if not width and lengths.any():
        width = int(np.bincount(lengths[lengths > 0]).argmax())
    good: NDArray[np.bool_] = (
        (lengths == width) & column.is_valid().to_numpy(zero_copy_only=False) & (width > 0)
    )
    flat = column.filter(pa.array(good)).flatten().to_numpy(zero_copy_only=False)
    rows = flat.reshape(int(good.sum()), -1) if good.any() else np.empty((0, 1))
    good[good] = np.isfinite(rows).all(axis=1) & rows.any(axis=1)
    return good
