"""A table of columns in files of Arrow's family, read batch by batch."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from dohyo.errors import CorpusError, DohyoError

DOHYO, HUGGING_FACE = b"dohyo", b"huggingface"
"""Keys of a schema's metadata."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns that can be read again and again, never all at once.

    Attributes
    ----------
    path : the file or folder, as the user named it
    schema : Arrow's, with its metadata
    batches : takes names of columns, yields Arrow batches with at least those columns
    parts : the tables of the single files, where there are several
    """

    path: Path
    schema: Any
    batches: Callable[[Sequence[str]], Iterator[Any]]
    parts: tuple["Table", ...] = ()

    @property
    def files(self) -> tuple["Table", ...]:
        """The tables of the single files, which is this one where there is only one."""
        return self.parts or (self,)

    def where(self, row: int) -> tuple[Path, int]:
        """Return the file that holds a row, and the row's number within it."""
        for file in self.files[:-1]:
            held = sum(batch.num_rows for batch in file.batches(file.schema.names[:1]))
            if row < held:
                return file.path, row
            row -= held
        return self.files[-1].path, row

    def class_names(self, column: str) -> list[str] | None:
        """Return the names of the classes that a column of numbers stands for, if they are said.

        By a `ClassLabel` of Hugging Face's.
        """
        features = json_object(self.schema, HUGGING_FACE).get("info", {}).get("features", {})
        feature = features.get(column)
        names = feature.get("names") if isinstance(feature, dict) else None
        return None if names is None else [str(name) for name in names]


def joined(path: Path, parts: Sequence[Table]) -> Table:
    """Return several tables as one, in their order.

    Raises
    ------
    CorpusError
        If their columns differ.
    """
    for part in parts[1:]:
        _check_same_columns(parts[0].schema, part.schema, part.path)

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        for part in parts:
            yield from part.batches(columns)

    return Table(path, parts[0].schema, batches, tuple(parts))


def steady(table: Table) -> Table:
    """Return the same table, which refuses to be read once its number of rows has changed.

    Columns are read one after the other: a file that grows in between would tear them apart.
    """
    if table.parts:
        return joined(table.path, [steady(part) for part in table.parts])
    counted: list[int] = []

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        rows = 0
        for batch in table.batches(columns):
            rows += batch.num_rows
            if counted and rows > counted[0]:
                break
            yield batch
        if counted and rows != counted[0]:
            raise CorpusError(
                f"{table.path} changed while it was read.", hint="Try again when it is at rest."
            )
        if not counted:
            counted.append(rows)

    return Table(table.path, table.schema, batches)


def json_object(schema: Any, key: bytes) -> dict[str, Any]:
    """Return what the metadata of a schema holds under a key; empty if it is no JSON object."""
    try:
        found = json.loads((schema.metadata or {}).get(key, b"{}"))
    except ValueError:  # somebody else's metadata under the same name
        return {}
    return found if isinstance(found, dict) else {}


def check_exists(path: Path) -> None:
    """Refuse what is no file, or an empty one.

    Raises
    ------
    CorpusError
        Naming the file.
    """
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    if path.stat().st_size == 0:
        raise CorpusError(f"{path} is empty.", hint="Write it again.")


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Turn what Arrow says of a broken file into one sentence.

    Raises
    ------
    CorpusError
        If the block meets bytes that are not of this kind, or too few of them; or the file has
        gone, or may not be read.
    """
    try:
        yield
    except DohyoError:  # some of them are what is caught below
        raise
    except FileNotFoundError as error:
        raise CorpusError(f"{path} has gone.", hint="Put it back, and try again.") from error
    except PermissionError as error:
        raise CorpusError(f"{path} may not be read.", hint="Check its permissions.") from error
    except (pa.ArrowException, OSError, EOFError) as error:
        raise CorpusError(
            f"{path} is truncated or not {kind}.", hint="Copy or write it again."
        ) from error


def _check_same_columns(schema: Any, other: Any, path: Path) -> None:
    if schema.equals(other, check_metadata=False):
        return
    kinds = {field.name: field.type for field in schema}
    differ = [f for f in other if f.name in kinds and f.type != kinds[f.name]]
    if differ:
        name, kind = differ[0].name, differ[0].type
        raise CorpusError(
            f"{path}, column {name} holds {kind}, in the files before it {kinds[name]}.",
            hint="All files of one corpus need the same columns of the same types.",
        )
    raise CorpusError(
        f"{path} has other columns than the files before it.",
        hint="All files of one corpus need the same columns of the same types.",
    )
