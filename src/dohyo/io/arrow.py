"""Arrow files, of random access (also called Feather) or streams, as one table."""

import mmap
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
    # Through a map: a batch may be as large as the file, and is read in slices.
    with readable(path, KIND), path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        for batch in _drawn(pa.py_buffer(mapped), columns):
            batch.validate(full=True)
            for start in range(0, batch.num_rows, ROWS_PER_BLOCK):
                yield batch.slice(start, ROWS_PER_BLOCK)
                if hasattr(mmap, "MADV_DONTNEED"):
                    mapped.madvise(mmap.MADV_DONTNEED)


def _drawn(held: Any, columns: Sequence[str]) -> Iterator[Any]:
    """Yield the batches of a file or stream as its writer made them, copying only what it must."""
    reader = _reader(pa.BufferReader(held))
    if not hasattr(reader, "num_record_batches"):
        yield from _reader(pa.BufferReader(held), columns)
        return
    # Asked for some columns, Arrow copies them, even out of a map; compressed ones it must unpack.
    if reader.num_record_batches and not _lies_in(held, reader.get_batch(0)):
        reader = _reader(pa.BufferReader(held), columns)
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _lies_in(held: Any, batch: Any) -> bool:
    """Return whether all of a batch is where it was in the file."""
    buffers = (buffer for column in batch.columns for buffer in column.buffers() if buffer)
    return all(0 <= buffer.address - held.address <= held.size for buffer in buffers)


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
