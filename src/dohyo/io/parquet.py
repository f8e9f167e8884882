"""One Parquet file, or all those of a folder, as one table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from dohyo.errors import CorpusError
from dohyo.io.ahead import ahead
from dohyo.io.atomic import new_file
from dohyo.io.column_roles import is_string
from dohyo.io.table import Table, check_exists, joined, readable
from dohyo.rows import ROWS_PER_BLOCK

KIND = "a Parquet file"
BUFFER = 1 << 20
"""Bytes read at once, in place of a whole column of a row group."""


def parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder and of those in it, in the order of their names.

    What begins with a dot or an underscore belongs to the program that wrote the lake.
    """
    found = (file.relative_to(folder) for file in folder.rglob("*.parquet"))
    return [folder / file for file in sorted(found) if not any(p[0] in "._" for p in file.parts)]


def open_parquet(path: Path) -> Table:
    """Open a Parquet file, or all of a folder, as one table.

    Raises
    ------
    CorpusError
        If one is missing, empty, truncated or no Parquet, or their columns differ.
    """
    if not path.is_dir():
        return _open(path)
    files = parquet_files(path)
    if not files:
        raise CorpusError(f"{path} holds no .parquet file.", hint="Check the name.")
    return joined(path, [_open(file) for file in files])


def _open(file: Path) -> Table:
    check_exists(file)
    with readable(file, KIND):
        schema = pq.read_schema(file)
    return Table(file, schema, lambda columns: _batches(file, columns))


def _batches(file: Path, columns: Sequence[str]) -> Iterator[Any]:
    # Arrow otherwise holds every row group it has passed until the last is read.
    with (
        readable(file, KIND),
        pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False) as opened,
    ):
        yield from opened.iter_batches(ROWS_PER_BLOCK, columns=list(columns))


def write_parquet(
    schema: Any, batches: Iterator[Any], path: Path, *, overwrite: bool = False
) -> None:
    """Write Arrow batches as a Parquet file, whole or not at all; a row group for each batch.

    Raises
    ------
    UsageError
        If the file is in the way, or the disk refuses.
    """
    # Floats of vectors hardly repeat: a dictionary of them is larger than they are.
    strings = [field.name for field in schema if is_string(field.type)]
    with (
        new_file(path, overwrite=overwrite) as draft,
        pq.ParquetWriter(draft, schema, use_dictionary=strings) as out,
    ):
        for batch in ahead(batches):
            out.write_batch(batch)
