"""A folder of pictures, with captions beside each picture or in one table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dohyo.embedding.listing import Asked, Listing, Note
from dohyo.embedding.pictures import SUFFIXES
from dohyo.embedding.sources.files import readers, stamp
from dohyo.embedding.sources.records import Gathered, Record, listing_of
from dohyo.embedding.sources.tables import READERS, open_table
from dohyo.errors import CorpusError, UsageError

TABLES = ("metadata", "captions")
"""Names of a table of captions inside the folder, before its suffix; the first counts."""

SPLITS = frozenset({"train", "training", "test", "val", "valid", "validation", "dev", "images"})
"""Sub-folders named like these are no classes."""


def open_folder(path: Path, asked: Asked) -> Listing:
    """List the pictures of a folder and of all below it, in the order of their names.

    Captions come from `metadata.*` or `captions.*` (CSV, TSV, JSON lines) in the folder, else from
    a `NAME.txt` beside each picture, one a line. Hidden files are passed over.

    Raises
    ------
    CorpusError
        If there is no picture, or the table cannot be read.
    UsageError
        If columns are chosen where there is no table, or classes asked for where there are none.
    """
    table = _table(path)
    if table is not None:
        root = path if asked.root is None else asked.root
        listing = open_table(table, replace(asked, root=root))
        return _with_count(listing, path, table)
    if asked.columns:
        raise UsageError(
            f"--columns: {path} holds no table of captions.",
            hint="Put captions.csv or metadata.jsonl in it.",
        )
    files = [file for file in _walk(path, set()) if file.suffix.lower() in SUFFIXES]
    if not files:
        raise CorpusError(
            f"{path} holds no picture.", hint="Check the name; .jpg, .png, .webp and others count."
        )
    names = [file.relative_to(path).as_posix() for file in files]
    notes: list[Note] = []
    labels = _labels(path, names, asked.labels, notes)
    gathered = Gathered(path)
    for file, name, label in zip(files, names, labels, strict=True):
        captions = _beside(file)
        gathered.add(Record(where=name, picture=name, captions=captions, label=label))
    if gathered.captions:
        notes.append(Note("captions_beside", {"count": len(gathered.captions)}))
    stamps = [stamp(file) for file in files]
    return listing_of(gathered, stamps=stamps, read=readers(files), notes=notes)


def is_table_of(path: Path) -> bool:
    """Return whether a file is a table of captions such as a folder may hold."""
    return path.suffix.lower() in READERS and path.stem.lower() in TABLES


def _table(path: Path) -> Path | None:
    tables = [entry for entry in sorted(path.iterdir()) if is_table_of(entry) and entry.is_file()]
    return min(tables, key=lambda table: TABLES.index(table.stem.lower()), default=None)


def _with_count(listing: Listing, path: Path, table: Path) -> Listing:
    """Return the listing with a note on pictures of the folder that its table does not name."""
    there = sum(file.suffix.lower() in SUFFIXES for file in _walk(path, set()))
    notes = [Note("table", {"table": table.name}), *listing.notes]
    if there > len(listing.pictures):
        notes.append(Note("not_in_table", {"count": there - len(listing.pictures)}))
    return replace(listing, path=path, notes=tuple(notes))


def _walk(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield every file below a folder, in the order of names; no folder twice, links or not."""
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise CorpusError(
            f"{folder} cannot be read ({error.strerror or error}).", hint="Check its permissions."
        ) from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, seen)
        else:
            yield entry


def _beside(picture: Path) -> list[str]:
    sidecar = picture.with_suffix(".txt")
    if not sidecar.is_file():
        return []
    try:
        text = sidecar.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{sidecar} is not UTF-8.", hint="Save it as UTF-8.") from error
    return [line for line in text.splitlines() if line.strip()]


def _labels(
    path: Path, names: Sequence[str], asked: bool | None, notes: list[Note]
) -> list[str | None]:
    """Return the sub-folder of each picture where those are classes, else None for each."""
    first = [name.partition("/")[0] if "/" in name else None for name in names]
    counts = Counter(label for label in first if label is not None)
    if asked is True and None in first:
        raise UsageError(
            f"--labels: {names[first.index(None)]} lies in no sub-folder of {path}.",
            hint="Put every picture in the folder of its class.",
        )
    obvious = (
        len(counts) >= 2
        and None not in first
        and all(name.count("/") == 1 for name in names)
        and min(counts.values()) >= 2
        and not any(label.casefold() in SPLITS or label.isdigit() for label in counts)
    )
    if asked is False or (asked is None and not obvious):
        return [None] * len(names)
    shown = ", ".join(sorted(counts)[:3]) + (" …" if len(counts) > 3 else "")
    notes.append(Note("labels_assumed", {"count": len(counts), "names": shown}))
    return list(first)
