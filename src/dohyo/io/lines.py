"""Vectors in text: CSV, TSV and JSON Lines, one row a line, as tables."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as pajson

from dohyo.errors import CorpusError, DohyoError
from dohyo.io.column_roles import is_string
from dohyo.io.table import Table, check_exists
from dohyo.io.vector_column import LEAST_WIDTH, NUMBERED, is_list

BLOCK = 4 << 20
"""Bytes of text that are read at once."""
VECTORS = pa.list_(pa.float32())


def open_csv(path: Path) -> Table:
    """Open a CSV file, or a TSV one, with names in its first line.

    Vectors are one column for each dimension, or lists in brackets; they become float32. All
    other columns are strings, and an empty cell is a null.

    Raises
    ------
    CorpusError
        If it is missing, empty, no UTF-8 or no table.
    """
    check_exists(path)
    with _told(path, "CSV"), _csv(path) as reader:
        guessed, first = reader.schema, next(iter(reader), None)
    numbers = _numbered(guessed)
    bracketed = {
        name for name in guessed.names if first is not None and _is_bracketed(first.column(name))
    }
    kinds = {
        name: pa.float32() if name in numbers else pa.string()
        for name in dict.fromkeys(guessed.names)
    }
    schema = pa.schema(
        [(name, VECTORS if name in bracketed else kinds[name]) for name in guessed.names]
    )

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        with _told(path, "CSV"), _csv(path, kinds, columns) as reader:
            start = 0
            for batch in reader:
                for name in bracketed.intersection(columns):
                    place = batch.schema.get_field_index(name)
                    lists = _lists(batch.column(place), f"{path}, column {name}:", start)
                    batch = batch.set_column(place, name, lists)
                start += batch.num_rows
                yield batch

    return Table(path, schema, batches)


def open_jsonl(path: Path) -> Table:
    """Open a file of JSON Lines, one object a line; lists of numbers become float32.

    What the columns are, the first 4 MiB say.

    Raises
    ------
    CorpusError
        If it is missing, empty or no JSON Lines.
    """
    check_exists(path)
    with _told(path, "JSON Lines"), path.open("rb") as file:
        guessed = _json(next(_blocks(file)), None).schema
    schema = pa.schema([(field.name, _json_kind(field.type)) for field in guessed])

    def batches(columns: Sequence[str]) -> Iterator[Any]:
        chosen = pa.schema([schema.field(name) for name in columns])
        with _told(path, "JSON Lines"), path.open("rb") as file:
            for block in _blocks(file):
                yield from _json(block, chosen).to_batches()

    return Table(path, schema, batches)


@contextmanager
def _csv(
    path: Path, kinds: dict[str, Any] | None = None, columns: Sequence[str] | None = None
) -> Iterator[Any]:
    given = {
        "column_types": kinds,
        "include_columns": columns,
        "null_values": None if kinds is None else [""],
        "strings_can_be_null": kinds is not None,
    }
    reader = pacsv.open_csv(
        path,
        pacsv.ReadOptions(use_threads=False, block_size=BLOCK),
        pacsv.ParseOptions(
            delimiter="\t" if path.suffix == ".tsv" else ",", newlines_in_values=True
        ),
        pacsv.ConvertOptions(**{key: value for key, value in given.items() if value is not None}),
    )
    with reader:
        yield reader


def _numbered(schema: Any) -> set[str]:
    """Return the columns that are one dimension each, as the names and the first rows say."""
    found: dict[str, list[str]] = {}
    for field in schema:
        match = NUMBERED.fullmatch(field.name)
        kind = field.type
        if match and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            found.setdefault(match[1], []).append(field.name)
    return {name for names in found.values() if len(names) >= LEAST_WIDTH for name in names}


def _is_bracketed(column: Any) -> bool:
    if not is_string(column.type):
        return False
    first = next((cell for cell in column.to_pylist() if cell), "")
    return first.lstrip().startswith("[")


def _lists(cells: Any, where: str, start: int) -> Any:
    """Return the lists that cells of text spell."""
    lines = [f'{{"v":{" ".join((cell or "null").split())}}}' for cell in cells.to_pylist()]
    try:
        text = "\n".join(lines).encode()
        return _json(text, pa.schema([("v", VECTORS)])).column("v").combine_chunks()
    except pa.ArrowException:
        for row, line in enumerate(lines):
            if not _is_row(line):
                raise CorpusError(
                    f"{where} row {start + row} is no list of numbers.",
                    hint="Write [0.1, 0.2, …], with commas.",
                ) from None
        raise


def _is_row(line: str) -> bool:
    try:
        listed = json.loads(line)["v"]
    except ValueError:
        return False
    numbers = listed if isinstance(listed, list) else [] if listed is None else [""]
    return all(isinstance(number, int | float) for number in numbers)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, a few MiB of them at a time."""
    while lines := file.readlines(BLOCK):
        yield b"".join(lines)


def _json(text: bytes, schema: Any) -> Any:
    return pajson.read_json(
        pa.BufferReader(text),
        pajson.ReadOptions(use_threads=False, block_size=len(text) + 1),
        pajson.ParseOptions(
            explicit_schema=schema,
            unexpected_field_behavior="infer" if schema is None else "ignore",
        ),
    )


def _json_kind(kind: Any) -> Any:
    """Return the type to read a column as: vectors as float32, what looks like a date as text."""
    if is_list(kind) and (pa.types.is_floating(kind.value_type) or _is_whole(kind.value_type)):
        return VECTORS
    if pa.types.is_temporal(kind) or pa.types.is_null(kind):
        return pa.string()
    return pa.float32() if pa.types.is_floating(kind) else kind


def _is_whole(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind))


@contextmanager
def _told(path: Path, kind: str) -> Iterator[None]:
    """Turn what Arrow says of a text that it cannot read into one sentence."""
    try:
        yield
    except DohyoError:
        raise
    except FileNotFoundError as error:
        raise CorpusError(f"{path} has gone.", hint="Put it back, and try again.") from error
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:200].rstrip(".")
        hint = "Save it as UTF-8." if "UTF8" in said else "Correct it, or write it again."
        raise CorpusError(f"{path} is not readable as {kind}: {said}.", hint=hint) from error
