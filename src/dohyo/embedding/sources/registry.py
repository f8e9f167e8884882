"""What kind of source a path is: `open_source`."""

from collections.abc import Callable
from pathlib import Path

from dohyo.embedding.listing import Asked, Listing
from dohyo.embedding.sources.dataset import is_dataset, open_dataset
from dohyo.embedding.sources.folder import open_folder
from dohyo.embedding.sources.tables import READERS, open_table
from dohyo.embedding.sources.webdataset import is_tar, open_webdataset
from dohyo.errors import CorpusError, UsageError

SOURCES: tuple[tuple[Callable[[Path], bool], Callable[[Path, Asked], Listing]], ...] = (
    (is_tar, open_webdataset),
    (lambda path: path.is_dir() and any(map(is_tar, path.iterdir())), open_webdataset),
    (is_dataset, open_dataset),
    (lambda path: path.suffix.lower() in READERS, open_table),
    (Path.is_dir, open_folder),
)
"""How to know a kind of source, how to list it. To add one: write its file, add one line."""


def open_source(path: Path, asked: Asked) -> Listing:
    """List the pictures and captions of a source, without reading a picture.

    Raises
    ------
    CorpusError
        If there is no such path, it is of no known kind, or it holds nothing to embed.
    UsageError
        If what is asked does not fit its kind.
    """
    for knows, opener in SOURCES:
        if knows(path):
            if asked.labels and opener is not open_folder:
                raise UsageError(
                    f"--labels: {path} is no folder of pictures.",
                    hint="Classes of a table come from a column: --columns label=NAME.",
                )
            return opener(path, asked)
    if not path.exists():
        raise CorpusError(f"There is no {path}.", hint="Check the name.")
    raise CorpusError(
        f"{path} is of no kind that dohyo embeds.",
        hint="Give a folder of pictures, a .csv, .tsv or .jsonl with paths, a .tar, a dataset's "
        "folder, .parquet or .arrow with pictures, or a .txt of sentences.",
    )
