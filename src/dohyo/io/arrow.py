"""Arrow files, of random access (also called Feather) or streams, as one table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from dohyo.io.atomic import new_file
from dohyo.io.table import Table, check_exists, readable
from dohyo.rows import ROWS_PER_BLOCK

KIND = "an Arrow file"
MAGIC = b"ARROW1"


def open_arrow(path: Path) -> Table:
    """Open one Arrow file or stream.

    Raises
    ------
    CorpusError
        If it is missing, empty, truncated or neither.
    """
    check_exists(path)
    with readable(path, KIND), pa.OSFile(str(path)) as handle:
        schema = _reader(handle).schema
    return Table(path, schema, lambda columns: _batches(path, columns))


def _reader(handle: Any, columns: Sequence[str] | None = None) -> Any:
    """Return a reader of the file or of the stream that the handle holds."""
    whole = handle.read(len(MAGIC)) == MAGIC
    handle.seek(0)
    options = pa.ipc.IpcReadOptions(use_threads=False)
    if columns is not None:
        schema = _reader(handle).schema
        handle.seek(0)
        options.included_fields = [schema.get_field_index(column) for column in columns]
    opened = pa.ipc.open_file if whole else pa.ipc.open_stream
    return opened(handle, options=options)


def _batches(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    with readable(path, KIND), pa.OSFile(str(path)) as handle:
        reader = _reader(handle, columns)
        whole = hasattr(reader, "num_record_batches")
        numbers = range(reader.num_record_batches) if whole else iter(int, 1)
        for number in numbers:
            try:
                batch = reader.get_batch(number) if whole else reader.read_next_batch()
            except StopIteration:
                return
            batch.validate(full=True)
            for start in range(0, batch.num_rows, ROWS_PER_BLOCK):
                yield batch.slice(start, ROWS_PER_BLOCK)


def write_arrow(
    schema: Any, batches: Iterator[Any], path: Path, *, overwrite: bool = False
) -> None:
    """Write Arrow batches as an Arrow file, whole or not at all.

    Raises
    ------
    UsageError
        If the file is in the way, or the disk refuses.
    """
    with new_file(path, overwrite=overwrite) as draft, pa.ipc.new_file(str(draft), schema) as out:
        for batch in batches:
            out.write_batch(batch)
