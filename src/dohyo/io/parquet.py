"""One Parquet file, or all those of a folder, as one table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dohyo.errors import CorpusError
from dohyo.io.ahead import ahead
from dohyo.io.atomic import new_file
from dohyo.io.column_roles import is_string
from dohyo.io.table import Table, check_exists, joined, readable
from dohyo.io.vector_column import is_list, vector_columns
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
    with (
        new_file(path, overwrite=overwrite) as draft,
        pq.ParquetWriter(draft, schema, **_encoded(schema)) as out,
    ):
        for batch in ahead(batches):
            out.write_batch(batch)


def _encoded(schema: Any) -> dict[str, Any]:
    """Return how columns are written: floats of vectors as they are, which is fastest to read.

    They hardly repeat: a dictionary is larger than they are, compression saves next to nothing,
    and nobody asks for their least and largest.
    """
    vectors = {name for name, held in vector_columns(schema).items() if not held.numbered}
    plain = [leaf for name in vectors for leaf in _leaves(name, schema.field(name).type)]
    others = [leaf for f in schema if f.name not in vectors for leaf in _leaves(f.name, f.type)]
    return {
        "use_dictionary": [field.name for field in schema if is_string(field.type)],
        "compression": dict.fromkeys(others, "snappy") | dict.fromkeys(plain, "none"),
        "write_statistics": others,
    }


def _leaves(name: str, kind: Any) -> list[str]:
    """Return by what names Parquet knows a column, which has several where it is nested."""
    kind = getattr(kind, "storage_type", kind)
    if is_list(kind):
        return _leaves(f"{name}.list.element", kind.value_type)
    if pa.types.is_map(kind):
        inside = f"{name}.key_value"
        return _leaves(f"{inside}.key", kind.key_type) + _leaves(f"{inside}.value", kind.item_type)
    if pa.types.is_struct(kind):
        return [leaf for part in kind for leaf in _leaves(f"{name}.{part.name}", part.type)]
    return [name]
