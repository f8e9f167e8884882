"""A folder that Hugging Face's `datasets` wrote with `save_to_disk`, read without that library."""

import json
from pathlib import Path
from typing import Any

from dohyo.errors import CorpusError
from dohyo.io.arrow import open_arrow
from dohyo.io.table import Table, joined

STATE, SPLITS = "state.json", "dataset_dict.json"


def is_hugging_face(path: Path) -> bool:
    """Return whether a folder is one that `save_to_disk` wrote, with splits or without."""
    return (path / STATE).is_file() or (path / SPLITS).is_file()


def open_hugging_face(path: Path) -> Table:
    """Open a dataset, or all splits of one in their order, as one table.

    Raises
    ------
    CorpusError
        If a file is missing or unreadable, or rows were chosen that were never written out.
    """
    if (path / SPLITS).is_file():
        splits = [path / name for name in _names(_read(path / SPLITS), "splits", path / SPLITS)]
    else:
        splits = [path]
    files = [file for split in splits for file in _files(split)]
    if not files:
        raise CorpusError(f"{path} holds no data.", hint="Save the dataset again.")
    return joined(path, [open_arrow(file) for file in files])


def _files(split: Path) -> list[Path]:
    state = _read(split / STATE)
    if state.get("_indices_data_files"):
        raise CorpusError(
            f"{split} is a choice of rows that was never written out.",
            hint="Call flatten_indices() and save it again.",
        )
    listed = state.get("_data_files")
    named = [each.get("filename") for each in listed if isinstance(each, dict)] if listed else []
    return [split / name for name in _names({"_data_files": named}, "_data_files", split / STATE)]


def _names(held: dict[str, Any], key: str, file: Path) -> list[str]:
    """Return names of files or folders that stay within their own folder."""
    names = held.get(key)
    if not isinstance(names, list) or any(
        not isinstance(name, str) or Path(name).name != name for name in names
    ):
        raise CorpusError(
            f"{file} has no list of names under `{key}`.", hint="Save the dataset again."
        )
    return names


def _read(file: Path) -> dict[str, Any]:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorpusError(f"{file} is missing.", hint="Copy the whole folder.") from error
    except ValueError as error:
        raise CorpusError(f"{file} is not JSON.", hint="Save the dataset again.") from error
    if not isinstance(held, dict):
        raise CorpusError(f"{file} is not a table of JSON.", hint="Save the dataset again.")
    return held
