"""Pictures inside a table: Parquet, Arrow, or a folder of Hugging Face's, with their bytes."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from dohyo.embedding.listing import Asked, Listing, Reader
from dohyo.embedding.pictures import BrokenPicture, check_size, read_bytes
from dohyo.embedding.sources.files import located, stamp
from dohyo.embedding.sources.records import Gathered, Record, described, listing_of
from dohyo.embedding.sources.roles import Roles, guess_roles
from dohyo.errors import CorpusError
from dohyo.io.arrow import open_arrow
from dohyo.io.column_roles import is_string
from dohyo.io.hugging_face import is_hugging_face, open_hugging_face
from dohyo.io.parquet import BUFFER, KIND, open_parquet
from dohyo.io.table import Table, readable
from dohyo.io.vector_column import is_list

PICTURES_AT_ONCE: Final = 64
"""Rows of a Parquet file that are in memory at once."""


def open_dataset(path: Path, asked: Asked) -> Listing:
    """List the pictures and captions of a table whose pictures are in it.

    A picture is `{bytes, path}` as Hugging Face's `Image` keeps it, or plain bytes. Rows of the
    same `image_id` are one picture.

    Raises
    ------
    UsageError
        If `asked.columns` names a meaning that there is not.
    CorpusError
        If the table cannot be read, or no column holds pictures.
    """
    table = _opened(path)
    held = [field.name for field in table.schema if holds_pictures(field.type)]
    if not held:
        raise CorpusError(
            f"{path} has no column of pictures.",
            hint="Paths go into a CSV; corpora with vectors go straight into dohyo measure.",
        )
    roles = guess_roles(table.schema.names, path, asked.columns, pictures=held)
    gathered, rows = Gathered(path), []
    for row, record in enumerate(_records(table, roles)):
        if record.picture not in gathered.number:
            rows.append(row)
        gathered.add(record)
    if not rows:
        raise CorpusError(f"{path} has no rows.", hint="Write it again.")
    column = roles.others["path"]
    root = path if path.is_dir() else path.parent
    told = _stamps(path)
    label = roles.get("label")
    return listing_of(
        gathered,
        stamps=[f"{told} {column} {row}" for row in rows],
        read=partial(_read, table, column, rows, root if asked.root is None else asked.root),
        class_names=None if label is None else table.class_names(label),
        notes=[described(roles)],
    )


def is_dataset(path: Path) -> bool:
    """Return whether a path is a table, or a folder that is one."""
    if path.is_dir():
        return is_hugging_face(path) or any(_parts(path).glob("*.parquet"))
    return path.suffix.lower() in (".parquet", ".arrow", ".feather")


def holds_pictures(kind: Any) -> bool:
    """Return whether a type of Arrow is one of bytes, or a struct with bytes in it."""
    kind = getattr(kind, "storage_type", kind)
    if pa.types.is_struct(kind):
        index = kind.get_field_index("bytes")
        return index >= 0 and holds_pictures(kind.field(index).type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _opened(path: Path) -> Table:
    if path.is_dir():
        return open_hugging_face(path) if is_hugging_face(path) else open_parquet(_parts(path))
    return open_parquet(path) if path.suffix.lower() == ".parquet" else open_arrow(path)


def _parts(path: Path) -> Path:
    """Return where a folder's Parquet files are: in it, or in `data/` as on Hugging Face's hub."""
    inner = path / "data"
    return inner if inner.is_dir() and not any(path.glob("*.parquet")) else path


def _stamps(path: Path) -> str:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return " ".join(stamp(file) for file in files if file.is_file())


def _records(table: Table, roles: Roles) -> Iterator[Record]:
    """Yield what each row says, without reading a picture."""
    others = {role: name for role, name in roles.others.items() if role != "path"}
    columns = [*roles.captions, *others.values()]
    row = 0
    if not columns:
        for _ in range(_count(table, roles.others["path"])):
            yield Record(where=f"row {row}", picture=f"row/{row}", captions=())
            row += 1
        return
    for batch in table.batches(columns):
        lists = {name: _strings(batch.column(name), name, table) for name in set(columns)}
        for place in range(batch.num_rows):
            told = {role: lists[name][place] for role, name in others.items()}
            captions: list[str] = []
            for name in roles.captions:
                value = lists[name][place]
                captions += value if isinstance(value, list) else [value or ""]
            label = told.pop("label", None)
            told = {role: None if value is None else str(value) for role, value in told.items()}
            key = told.get("image_id")
            yield Record(
                where=f"row {row}",
                picture=f"row/{row}" if key is None else key,
                captions=captions,
                label=label,
                **told,
            )
            row += 1


def _strings(column: Any, name: str, table: Table) -> list[Any]:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    inner = kind.value_type if is_list(kind) else kind
    if not (is_string(inner) or pa.types.is_integer(inner) or pa.types.is_null(inner)):
        raise CorpusError(
            f"{table.path}, column {name} holds {kind}.",
            hint="It must hold strings, lists of strings or whole numbers.",
        )
    held: list[Any] = column.to_pylist()
    if is_list(kind):
        return [[str(each or "") for each in entry or ()] for entry in held]
    return held


def _count(table: Table, column: str) -> int:
    if table.path.suffix.lower() == ".parquet" or any(table.path.glob("*.parquet")):
        return sum(pq.read_metadata(file).num_rows for file in _files(table.path))
    return sum(batch.num_rows for batch in table.batches([column]))


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def _read(
    table: Table, column: str, rows: Sequence[int], root: Path, numbers: Sequence[int]
) -> Iterator[Reader]:
    """Yield a reader for each of the numbered pictures, reading the table once from its start."""
    wanted = iter(sorted(rows[number] for number in numbers))
    row = next(wanted, None)
    start = 0
    for cells in _cells(table, column, rows[numbers[0]] if numbers else 0):
        if isinstance(cells, int):
            start += cells
            continue
        while row is not None and row < start + len(cells):
            yield partial(_bytes, cells[row - start].as_py(), root)
            row = next(wanted, None)
        start += len(cells)
        if row is None:
            return


def _cells(table: Table, column: str, first: int) -> Iterator[Any]:
    """Yield the cells of a column, some at a time; a number stands for as many skipped rows."""
    if table.path.suffix.lower() != ".parquet" and not any(table.path.glob("*.parquet")):
        yield from (batch.column(column) for batch in table.batches([column]))
        return
    passed = 0
    for file in _files(table.path):
        with readable(file, KIND), pq.ParquetFile(file, buffer_size=BUFFER) as opened:
            for group in range(opened.num_row_groups):
                size = opened.metadata.row_group(group).num_rows
                passed += size
                if passed <= first:
                    yield size
                    continue
                batches = opened.iter_batches(
                    PICTURES_AT_ONCE, row_groups=[group], columns=[column], use_threads=False
                )
                yield from (batch.column(column) for batch in batches)


def _bytes(cell: Any, root: Path) -> bytes:
    """Return the bytes of one cell; a path alone is read if it stays within the folder."""
    if isinstance(cell, dict):
        path = cell.get("path")
        cell = cell.get("bytes")
        if cell is None and path:
            try:
                return read_bytes(root / located(path, root, "the row"))
            except CorpusError as error:
                raise BrokenPicture(error.what.rstrip(".")) from error
    if cell is None:
        raise BrokenPicture("there is no picture in the row")
    check_size(len(cell))
    return bytes(cell)
