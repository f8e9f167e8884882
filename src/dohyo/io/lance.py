"""Lance folders, also those of LanceDB's tables, as one table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from dohyo.errors import CorpusError, DohyoError, UsageError
from dohyo.extras import require
from dohyo.io.atomic import check_folder, new_folder
from dohyo.io.table import Table
from dohyo.rows import ROWS_PER_BLOCK

VERSIONS = "_versions"
BUFFER = 16 << 20
"""Bytes read ahead; the library would take 2 GiB."""
OURS = frozenset({VERSIONS, "_transactions", "_indices", "_deletions", "data"})
"""What a Lance folder holds; one with anything else in it is never replaced."""


def is_lance(path: Path) -> bool:
    """Return whether a folder is one Lance table."""
    return (path / VERSIONS).is_dir()


def open_lance(path: Path) -> Table:
    """Open a Lance folder as it is now; what is written to it later does not show.

    Raises
    ------
    CorpusError
        If it is missing, incomplete or no Lance folder.
    MissingExtra
        If pylance is not installed.
    """
    lance = _library()
    if not is_lance(path):
        raise CorpusError(f"{path} is not a Lance folder.", hint="Check the name.")
    with _read(path):
        dataset = lance.dataset(str(path))

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        with _read(path):
            yield from dataset.to_batches(
                columns=list(columns),
                batch_size=ROWS_PER_BLOCK,
                batch_readahead=1,
                fragment_readahead=1,
                io_buffer_size=BUFFER,
            )

    return Table(path, dataset.schema, batches)


def write_lance(
    schema: Any, batches: Iterator[Any], path: Path, *, overwrite: bool = False
) -> None:
    """Write Arrow batches as a Lance folder, whole or not at all.

    Raises
    ------
    UsageError
        If the folder is in the way, or the disk refuses.
    MissingExtra
        If pylance is not installed.
    """
    lance = _library()
    stopped: list[BaseException] = []

    def watched() -> Iterator[Any]:
        # What goes wrong in here would come out as an error of the library's.
        try:
            yield from batches
        except BaseException as error:
            stopped.append(error)
            raise

    with new_folder(path, overwrite=overwrite, ours=OURS) as draft:
        try:
            reader = pa.RecordBatchReader.from_batches(schema, watched())
            lance.write_dataset(reader, str(draft), mode="create")
        except (pa.ArrowException, OSError, ValueError, RuntimeError) as error:
            if stopped:
                raise stopped[0] from None
            said = " ".join(str(error).split())[:200]
            raise UsageError(
                f"Cannot write {path}: {said}.",
                hint="Check the disk's space and the folder's permissions; nothing was written.",
            ) from error


def check_lance(path: Path, *, overwrite: bool = False) -> None:
    """Refuse what `write_lance` would refuse, before any long work begins.

    Raises
    ------
    UsageError
        If the folder is in the way.
    MissingExtra
        If pylance is not installed.
    """
    _library()
    check_folder(path, overwrite=overwrite, ours=OURS)


def _library() -> Any:
    return require("lance", extra="lance", needed_by="A Lance folder")


@contextmanager
def _read(path: Path) -> Iterator[None]:
    """Turn what the library says of a broken folder into one sentence."""
    try:
        yield
    except DohyoError:
        raise
    except (pa.ArrowException, OSError, ValueError, RuntimeError) as error:
        raise CorpusError(
            f"{path} is incomplete or not a Lance folder.", hint="Copy or write it again."
        ) from error
