"""Write a corpus as whatever its suffix says: `dohyo.write`."""

from pathlib import Path

from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.atomic import check_file
from dohyo.io.npz import write_npz

# What writes tables is imported where it is needed, see `dohyo.io.read`.

NPZ = ".npz"


def write(corpus: Corpus, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a corpus, whole or not at all; `dohyo.read` gives back the same.

    Parameters
    ----------
    path : `.npz`, `.parquet`, `.arrow`, `.feather` or `.lance`. In a table, vectors keep their
        type, but where items have a row each, both sides take the wider of theirs
    overwrite : whether what is there may be replaced

    Raises
    ------
    UsageError
        If there is no writer for the suffix, something is in the way, or the disk refuses.
    MissingExtra
        If the format's library is not installed.
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    if path.suffix == NPZ:
        write_npz(corpus, path, overwrite=overwrite)
        return
    from dohyo.io.formats import WRITERS
    from dohyo.io.table_writer import corpus_batches, corpus_schema

    schema = corpus_schema(corpus)
    WRITERS[path.suffix](schema, corpus_batches(corpus, schema), path, overwrite=overwrite)


def check_target(path: Path | str, *, overwrite: bool = False) -> None:
    """Refuse a path that `write` would refuse, before any long work begins.

    Raises
    ------
    UsageError
        If there is no writer for the suffix, or something is in the way.
    MissingExtra
        If the format's library is not installed.
    """
    path = Path(path)
    if path.suffix not in suffixes():
        raise UsageError(
            f"{path} has no suffix that dohyo writes.", hint=f"It writes {', '.join(suffixes())}."
        )
    if path.suffix == ".lance":
        from dohyo.io.lance import check_lance

        check_lance(path, overwrite=overwrite)
    else:
        check_file(path, overwrite=overwrite)


def suffixes() -> tuple[str, ...]:
    """Return the suffixes of all formats that can be written."""
    from dohyo.io.formats import WRITERS

    return (NPZ, *WRITERS)
