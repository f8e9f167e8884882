"""Pictures that are files: where they lie, and whether they changed."""

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from dohyo.embedding.listing import Reader
from dohyo.embedding.pictures import read_bytes
from dohyo.errors import CorpusError

MISSING = "missing"
"""The stamp of a file that is not there."""


def located(name: str, root: Path, where: str) -> str:
    """Return a path of a table as one below `root`, normalised, with forward strokes.

    Raises
    ------
    CorpusError
        If it is an address of the web, or leads out of `root`.
    """
    if "://" in name:
        raise CorpusError(
            f"{where} names {name}, an address.",
            hint="dohyo reads files alone: download the pictures and give their paths.",
        )
    if "\\" in name and not (root / name).exists():
        name = name.replace("\\", "/")  # written on Windows
    inside = os.path.relpath(os.path.normpath(root / name), root)
    if inside.startswith("..") or Path(inside).is_absolute():
        raise CorpusError(
            f"{where} names {name}, which is not below {root}.",
            hint="Say with --root (root=…) below which folder all pictures lie.",
        )
    return PurePosixPath(inside).as_posix()


def found(root: Path, name: str) -> Path:
    """Return the file of a name; one whose accents are written in the other way counts too."""
    path = root / name
    if path.exists():
        return path
    # A Mac takes every accent and dakuten apart, what wrote the table perhaps did not.
    for form in ("NFC", "NFD"):
        other = root / unicodedata.normalize(form, name)
        if other.exists():
            return other
    return path


def stamp(path: Path) -> str:
    """Return what changes when a file does: bytes and time of the last change."""
    try:
        told = path.stat()
    except OSError:
        return MISSING
    return f"{told.st_size} {told.st_mtime_ns}"


def readers(paths: Sequence[Path]) -> Callable[[Sequence[int]], Iterator[Reader]]:
    """Return what reads these files by their number."""

    def read(numbers: Sequence[int]) -> Iterator[Reader]:
        return (partial(read_bytes, paths[number]) for number in numbers)

    return read


def check_some_there(stamps: Sequence[str], names: Sequence[str], table: Path, root: Path) -> None:
    """Refuse a table of which not one file is there: it is the folder that is wrong.

    Raises
    ------
    CorpusError
        Naming the first file.
    """
    if all(stamp == MISSING for stamp in stamps):
        raise CorpusError(
            f"None of the {len(names)} pictures that {table} names is there, the first is "
            f"{root / names[0]}.",
            hint="Say with --root (root=…) which folder the paths start from.",
        )
