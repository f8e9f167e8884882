"""CSV, TSV and JSON lines with paths of pictures and captions."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from dohyo.embedding.listing import Asked, Listing, Note
from dohyo.embedding.pictures import SUFFIXES as PICTURES
from dohyo.embedding.sources.files import check_some_there, found, located, readers, stamp
from dohyo.embedding.sources.records import Gathered, Record, described, listing_of
from dohyo.embedding.sources.roles import Roles, guess_roles
from dohyo.errors import CorpusError

Rows = Iterator[tuple[int, Mapping[str, Any]]]
"""Line of the file, counted from 1, and what each column says there."""

_CELL = 1 << 20  # characters; Python's own limit is 128 Ki, which a long caption may pass


def open_table(path: Path, asked: Asked) -> Listing:
    """List the pictures and captions that a table names; repeated paths are one picture.

    Relative paths start from the table's folder, or from `asked.root`, and none leaves it.

    Raises
    ------
    UsageError
        If `asked.columns` names a meaning that there is not.
    CorpusError
        If the table cannot be read, has no column of paths, or names nothing that is there.
    """
    names, rows = READERS[path.suffix.lower()](path)
    roles = guess_roles(names, path, asked.columns)
    root = path.parent if asked.root is None else asked.root
    gathered = Gathered(path)
    unnamed = 0
    for line, row in rows:
        name = _string(row.get(roles.others["path"]))
        if name is None:
            unnamed += 1
            continue
        where = f"line {line}"
        gathered.add(_record(where, located(name, root, f"{path}, {where},"), row, roles))
    if not gathered.first:
        raise CorpusError(f"{path} names no picture.", hint="Give it a row for each picture.")
    pictures = list(gathered.number)
    paths = [found(root, name) for name in pictures]
    stamps = [stamp(each) for each in paths]
    check_some_there(stamps, pictures, path, root)
    notes = [described(roles)]
    if unnamed:
        notes.append(Note("rows_without_path", {"count": unnamed}))
    return listing_of(gathered, stamps=stamps, read=readers(paths), notes=notes)


def _record(where: str, picture: str, row: Mapping[str, Any], roles: Roles) -> Record:
    captions: list[str] = []
    for column in roles.captions:
        held = row.get(column)
        captions += (
            [str(each) for each in held if each is not None]
            if isinstance(held, list)
            else [_string(held) or ""]
        )
    others = {
        role: _string(row.get(roles.others[role])) if role in roles.others else None
        for role in ("label", "source", "image_id", "text_id", "id")
    }
    return Record(where=where, picture=picture, captions=captions, **others)


def _string(value: Any) -> str | None:
    told = "" if value is None else str(value).strip()
    return told or None


def _delimited(path: Path) -> tuple[Sequence[str], Rows]:
    text = read_text(path)
    csv.field_size_limit(max(csv.field_size_limit(), _CELL))
    mark = _delimiter(path, text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise _malformed(path, reader.line_num, error) from error
    if not any(names):
        raise CorpusError(f"{path} is empty.", hint="Write it again, with a line of column names.")
    if any(Path(name).suffix.lower() in PICTURES for name in names):
        raise CorpusError(
            f"{path} begins with {names[0]}, not with names of columns.",
            hint="Put a first line above it, e.g. path,caption.",
        )
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise CorpusError(f"{path} has two columns named {twice[0]}.", hint="Rename one of them.")

    def rows() -> Rows:
        try:
            for cells in reader:
                if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                    raise CorpusError(
                        f"{path}, line {reader.line_num} has {len(cells)} cells for {len(names)} "
                        "columns.",
                        hint='Put captions with a comma in them in quotes: "a dog, a cat".',
                    )
                if any(cells):
                    yield reader.line_num, dict(zip(names, cells, strict=False))
        except csv.Error as error:
            raise _malformed(path, reader.line_num, error) from error

    return names, rows()


def _malformed(path: Path, line: int, error: csv.Error) -> CorpusError:
    return CorpusError(
        f"{path}, line {line} cannot be read ({error}).", hint="Save the table again as CSV UTF-8."
    )


def _delimiter(path: Path, text: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = text.partition("\n")[0]
    # Spreadsheets of half of Europe save "CSV" with semicolons.
    return next((mark for mark in (",", ";", "\t") if mark in first), ",")


def _lines(path: Path) -> tuple[Sequence[str], Rows]:
    held: list[tuple[int, Mapping[str, Any]]] = []
    names: dict[str, None] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(
                f"{path}, line {number} is not JSON.", hint="Write one object a line."
            ) from error
        if not isinstance(row, dict):
            raise CorpusError(
                f"{path}, line {number} is no object.", hint='Write {"path": …, "caption": …}.'
            )
        held.append((number, row))
        names |= dict.fromkeys(sys.intern(name) for name in row)
    if not held:
        raise CorpusError(f"{path} is empty.", hint="Write one object a line.")
    return list(names), iter(held)


def read_text(path: Path) -> str:
    """Return what a file says; its encoding must be UTF-8, with a byte order mark or without."""
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not UTF-8 but {_encoding(data)}.",
            hint='Save it as UTF-8 (in Excel: "CSV UTF-8 (Comma delimited)").',
        ) from error


def _encoding(data: bytes) -> str:
    """Return what the bytes look like, for a message: never used to read them."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    for name, told in (("cp932", "probably Shift_JIS"), ("euc_jp", "probably EUC-JP")):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return told
    return "some other encoding"


READERS: dict[str, Callable[[Path], tuple[Sequence[str], Rows]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".jsonl": _lines,
    ".ndjson": _lines,
}
"""By suffix: names of the columns, and the rows."""
