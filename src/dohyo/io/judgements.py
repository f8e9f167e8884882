"""Judgements in a file of TREC or a table, and queries in an `.npz`."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from dohyo.errors import CorpusError
from dohyo.io.npz import read_arrays, strings
from dohyo.judgements import Judgements, QuerySet

COLUMNS = ("query", "item", "grade")
TABLES = {".csv": ",", ".tsv": "\t"}
QUERY_KEYS = ("image", "text", "image_id", "text_id", "encoder")

Line = tuple[int, str, str, str]
"""Its number from 1, and what it says of query, item and grade."""


def read_judgements(path: Path | str, *, queries: Path | str | None = None) -> Judgements:
    """Read graded judgements.

    Parameters
    ----------
    path : `.csv` or `.tsv` with a header that names query, item and grade; else TREC qrels, four
        columns set apart by blanks: query, an iteration that nobody reads, item, grade
    queries : `.npz` with `image`, `text` or both, and their `image_id` and `text_id`: queries that
        are not in the index

    Raises
    ------
    CorpusError
        Naming file and line: not there, not UTF-8, a line that cannot be read, a grade below 0 or
        not whole, a pair with two grades, or nothing in it.
    """
    path = Path(path)
    text = _text(path)
    separator = TABLES.get(path.suffix.lower())
    lines = list(_trec(path, text) if separator is None else _table(path, text, separator))
    return Judgements.from_lists(
        [query for _, query, _, _ in lines],
        [item for _, _, item, _ in lines],
        [grade for _, _, _, grade in lines],
        queries=None if queries is None else read_queries(queries),
        origin=str(path),
        line=[number for number, _, _, _ in lines],
    )


def read_queries(path: Path | str) -> QuerySet:
    """Read the vectors of queries that are not in the index.

    Raises
    ------
    CorpusError
        If the file or its arrays cannot be used.
    """
    path = Path(path)
    arrays = read_arrays(path, QUERY_KEYS)
    if not {"image", "text"} & set(arrays):
        raise CorpusError(
            f"{path} has neither `image` nor `text`.",
            hint="Save the vectors of the queries under one of them, or both.",
        )
    encoder = arrays.get("encoder")
    return QuerySet.from_arrays(
        arrays.get("image"),
        arrays.get("text"),
        image_ids=strings(arrays.get("image_id"), "image_id"),
        text_ids=strings(arrays.get("text_id"), "text_id"),
        encoder=None if encoder is None else str(encoder),
    )


def _text(path: Path) -> str:
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    try:
        # A spreadsheet's mark of the byte order is no part of the first name.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"{path} line {line} is not UTF-8.", hint="Save the file again as UTF-8."
        ) from error
    except OSError as error:
        raise CorpusError(f"{path} cannot be read.", hint="Check who may read it.") from error
    if not text.strip():
        raise CorpusError(f"{path} is empty.", hint="Give at least one judgement.")
    return text


def _trec(path: Path, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4:
            raise CorpusError(
                f"{path} line {number} has {len(parts)} columns.",
                hint="A line of qrels has four: query 0 item grade. Call a table .csv.",
            )
        yield number, parts[0], parts[2], parts[3]


def _table(path: Path, text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        yield from _rows(path, reader, next(reader))
    except (csv.Error, StopIteration) as error:
        raise CorpusError(
            f"{path} line {reader.line_num} is no line of a table.", hint="Check its quotes."
        ) from error


def _rows(path: Path, reader: Iterable[list[str]], head: list[str]) -> Iterator[Line]:
    names = [name.strip().lower() for name in head]
    for column in COLUMNS:
        if names.count(column) != 1:
            raise CorpusError(
                f"{path} has {names.count(column) or 'no'} columns named {column}.",
                hint=f"Its first line must name {', '.join(COLUMNS)}, each once.",
            )
    places = [names.index(column) for column in COLUMNS]
    for row in reader:
        number = reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise CorpusError(
                f"{path} line {number} has {len(row)} columns, its first line {len(names)}.",
                hint="Put a name that holds the separator in double quotes.",
            )
        query, item, grade = (row[place].strip() for place in places)
        if not (query and item):
            raise CorpusError(
                f"{path} line {number} names no {'item' if query else 'query'}.", hint="Fill it in."
            )
        yield number, query, item, grade
