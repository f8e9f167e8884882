"""A table of columns in files of Arrow's family, read batch by batch."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from dohyo.errors import CorpusError

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
    """

    path: Path
    schema: Any
    batches: Callable[[Sequence[str]], Iterator[Any]]

    def metadata(self) -> dict[str, Any]:
        """Return what a corpus written by dohyo says beside its columns; empty if unknown."""
        return _json(self.schema, DOHYO)

    def class_names(self, column: str) -> list[str] | None:
        """Return the names of the classes that a column of numbers stands for, if they are said.

        By dohyo's own metadata or by a `ClassLabel` of Hugging Face's.
        """
        names = self.metadata().get("class_name")
        if names is None:
            features = _json(self.schema, HUGGING_FACE).get("info", {}).get("features", {})
            feature = features.get(column)
            names = feature.get("names") if isinstance(feature, dict) else None
        return None if names is None else [str(name) for name in names]


def _json(schema: Any, key: bytes) -> dict[str, Any]:
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
        If the block meets bytes that are not of this kind, or too few of them.
    """
    try:
        yield
    except (pa.ArrowException, OSError, EOFError) as error:
        raise CorpusError(
            f"{path} is truncated or not {kind}.", hint="Copy or write it again."
        ) from error


def check_same_columns(schema: Any, other: Any, path: Path) -> None:
    """Refuse a file of several whose columns differ from those of the first.

    Raises
    ------
    CorpusError
        Naming the file.
    """
    if not schema.equals(other, check_metadata=False):
        raise CorpusError(
            f"{path} has other columns than the files before it.",
            hint="All files of one corpus need the same columns of the same types.",
        )
