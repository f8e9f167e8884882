"""Read a corpus from whatever its suffix says: `dohyo.read`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, UsageError
from dohyo.io.class_texts import check_further
from dohyo.io.npz import read_npz
from dohyo.io.scratch import on_disk, where_it_fits

if TYPE_CHECKING:
    from dohyo.io.column_roles import Columns

# What reads tables is imported where it is needed: it brings Arrow along, a fifth of the time that
# `import dohyo` would take.

READERS: dict[str, Callable[..., Corpus]] = {".npz": read_npz}
"""Formats of arrays, by suffix; those of columns are in `dohyo.io.formats`."""


def read(
    path: Path | str,
    *,
    unpaired: bool = False,
    texts: Path | None = None,
    columns: Mapping[str, str] | None = None,
    told: "Callable[[Columns], None] | None" = None,
    scratch: Path | None = None,
) -> Corpus:
    """Read a corpus.

    Parameters
    ----------
    path : `.npz`, `.parquet`, `.arrow`, `.feather`, `.csv`, `.tsv`, `.jsonl`, `.ndjson`; a Lance
        folder (`.lance`, also of LanceDB's), a folder of Parquet files, or one that Hugging
        Face's `datasets` saved
    unpaired : take the rows as unpaired even when the counts are equal
    texts : an `.npy` of further texts for a corpus that has class texts alone; needs `unpaired`
    columns : which column means what, e.g. `{"image": "img_emb"}`, where the guess is wrong; an
        empty name leaves a column out
    told : called with the meaning of the columns before they are read
    scratch : a folder on whose disk the vectors are laid, in files without a name, and read from
        there as they are needed; left out, that is so for matrices above 256 MiB, in the system's
        folder for temporary files (TMPDIR)

    Raises
    ------
    UsageError
        If further texts are given for a corpus with texts of its own, or without `unpaired`; or
        columns for a format that has none; or `scratch` has no room.
    CorpusError
        If there is no reader for the suffix, or the file is unusable.
    """
    from dohyo.io.column_roles import guess_columns
    from dohyo.io.formats import OPENERS, open_table
    from dohyo.io.table_corpus import corpus_of

    path = Path(path)
    room = where_it_fits if scratch is None else on_disk(scratch)
    table = open_table(path)
    if table is not None:
        if texts is not None:
            check_further(str(path), has_text=True, unpaired=unpaired)
        meaning = guess_columns(table.schema, path, columns)
        if told is not None:
            told(meaning)
        return corpus_of(table, meaning, unpaired=unpaired, room=room)
    if path.suffix not in READERS:
        raise _unknown(path)
    if columns:
        raise UsageError(f"{path} has no columns.", hint=f"{', '.join(OPENERS)} and folders do.")
    return READERS[path.suffix](path, unpaired=unpaired, texts=texts, room=room)


def is_table(path: Path) -> bool:
    """Return whether `read` would take a path for a table of columns."""
    from dohyo.io.formats import open_table

    return open_table(path) is not None


def columns_of(path: Path | str, columns: Mapping[str, str] | None = None) -> "Columns":
    """Return what `read` takes each column of a table to mean, without reading the rows.

    Raises
    ------
    UsageError
        If `columns` names a meaning that there is not.
    CorpusError
        If the path is no table, or its columns make no corpus.
    """
    from dohyo.io.column_roles import guess_columns
    from dohyo.io.formats import open_table

    path = Path(path)
    table = open_table(path)
    if table is None:
        raise _unknown(path)
    return guess_columns(table.schema, path, columns)


def _unknown(path: Path) -> CorpusError:
    from dohyo.io.formats import OPENERS

    if path.is_dir():
        return CorpusError(
            f"{path} is a folder of no kind that dohyo reads.",
            hint="It reads folders of Lance, of .parquet files and of save_to_disk; of a folder of "
            "pictures, make vectors with dohyo embed.",
        )
    return CorpusError(
        f"{path} has no suffix that dohyo reads.",
        hint=f"It reads {', '.join([*READERS, *OPENERS])}, and .npy by --images and --texts.",
    )
