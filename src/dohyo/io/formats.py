"""Formats made of columns: which one a path is, how to open it, how to write it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dohyo.io.arrow import open_arrow, write_arrow
from dohyo.io.hugging_face import is_hugging_face, open_hugging_face
from dohyo.io.lance import is_lance, open_lance, write_lance
from dohyo.io.lines import open_csv, open_jsonl
from dohyo.io.parquet import open_parquet, parquet_files, write_parquet
from dohyo.io.table import Table

OPENERS: dict[str, Callable[[Path], Table]] = {
    ".parquet": open_parquet,
    ".arrow": open_arrow,
    ".feather": open_arrow,
    ".lance": open_lance,
    ".csv": open_csv,
    ".tsv": open_csv,
    ".jsonl": open_jsonl,
    ".ndjson": open_jsonl,
}
"""By suffix. To add a format: write its file, add one line."""

FOLDERS: tuple[tuple[Callable[[Path], bool], Callable[[Path], Table]], ...] = (
    (is_hugging_face, open_hugging_face),
    (is_lance, open_lance),
    (lambda path: bool(parquet_files(path)), open_parquet),
)
"""How to know a folder of some kind, whatever it is called, and how to open it."""

WRITERS: dict[str, Callable[..., None]] = {
    ".parquet": write_parquet,
    ".arrow": write_arrow,
    ".feather": write_arrow,
    ".lance": write_lance,
}
"""By suffix: take Arrow's schema and batches, the path, and whether it may be replaced."""


def open_table(path: Path) -> Table | None:
    """Open what a path holds as a table; None if it is no table.

    Raises
    ------
    CorpusError
        If it is one that cannot be read.
    MissingExtra
        If the format's library is not installed.
    """
    opener: Any = OPENERS.get(path.suffix)
    if path.is_dir():
        opener = next((opens for knows, opens in FOLDERS if knows(path)), None)
    return None if opener is None else opener(path)
