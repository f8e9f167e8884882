"""A corpus in one Parquet file, or in all those of a folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.atomic import new_file
from dohyo.io.column_roles import is_string
from dohyo.io.table import Table, check_exists, check_same_columns, readable
from dohyo.io.table_writer import corpus_batches, corpus_schema
from dohyo.rows import ROWS_PER_BLOCK

KIND = "a Parquet file"
BUFFER = 1 << 20
"""Bytes read at once, in place of a whole column of a row group."""


def open_parquet(path: Path) -> Table:
    """Open a Parquet file, or all of a folder in the order of their names, as one table.

    Raises
    ------
    CorpusError
        If one is missing, empty, truncated or no Parquet, or their columns differ.
    """
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise CorpusError(f"{path} holds no .parquet file.", hint="Check the name.")
    schema: Any = None
    for file in files:
        check_exists(file)
        with readable(file, KIND):
            found = pq.read_schema(file)
        if schema is not None:
            check_same_columns(schema, found, file)
        schema = found if schema is None else schema

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        for file in files:
            # Arrow otherwise holds every row group it has passed until the last is read.
            with (
                readable(file, KIND),
                pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False) as opened,
            ):
                yield from opened.iter_batches(ROWS_PER_BLOCK, columns=list(columns))

    return Table(path, schema, batches)


def write_parquet(corpus: Corpus, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a corpus as a Parquet file, whole or not at all; the vectors keep their type.

    Raises
    ------
    UsageError
        If the file is in the way, the disk refuses, or the corpus holds what has no column.
    """
    path = Path(path)
    schema = corpus_schema(corpus)
    # Floats of vectors hardly repeat: a dictionary of them is larger than they are.
    strings = [field.name for field in schema if is_string(field.type)]
    with (
        new_file(path, overwrite=overwrite) as draft,
        pq.ParquetWriter(draft, schema, use_dictionary=strings) as out,
    ):
        for batch in corpus_batches(corpus, schema):
            out.write_batch(batch)
