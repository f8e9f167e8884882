"""Send the rows of every file of a folder through a function, into a folder of as many files."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dohyo.corpus import Modality
from dohyo.errors import CorpusError
from dohyo.io.atomic import check_folder, new_file
from dohyo.io.draft import SEALS, Facts, keep, kept, open_draft, stamp
from dohyo.io.left_out import LeftOut
from dohyo.io.parquet import open_parquet, parquet_files
from dohyo.io.rows import NPY, read_matrix, refuse_for_arrays, rewrite_npy, rewrite_table
from dohyo.io.table_rows import RowFunction, vectors_of
from dohyo.progress import Progress, silent

NEW = "new"
"""What a draft of a folder holds its finished files in; a seal says what each was made from."""


Spread = Callable[[Sequence[Path], Path, Path, Progress], None]
"""Does some files of a folder, anywhere: takes them, their folder, the draft to put them into, and
whom to tell how many of the files are done."""


def files_of(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder, or else its `.npy` files, in the order of their names.

    Raises
    ------
    CorpusError
        If there are none, or some of each kind.
    """
    tables = parquet_files(folder)
    arrays = sorted(file for file in folder.glob(f"*{NPY}") if not file.name.startswith("."))
    if tables and arrays:
        raise CorpusError(
            f"{folder} holds both .parquet and {NPY} files.", hint="Name a folder of one kind."
        )
    if not tables and not arrays:
        raise CorpusError(f"{folder} holds no .parquet and no {NPY} file.", hint="Check the name.")
    return tables or arrays


def rewrite_folder(
    source: Path,
    target: Path,
    function: RowFunction,
    *,
    made_by: Facts,
    modality: Modality | None = None,
    column: str | None = None,
    width: int = 0,
    left_out: LeftOut | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    spread: Spread | None = None,
) -> int:
    """Send every row of a folder of files into a folder of files of the same names.

    The target appears whole or not at all. Finished files outlive an interruption, and are not
    done again unless theirs changed meanwhile. Parameters and errors: see `dohyo.io.rows.rewrite`.

    Parameters
    ----------
    spread : does the files in place of `function`, by calling `rewrite_one` for each; whatever it
        leaves is done here

    Returns
    -------
    How many rows were read.
    """
    files = files_of(source)
    names = frozenset(file.relative_to(source).parts[0] for file in files)
    check_folder(target, overwrite=overwrite, ours=names)
    counts = _counts(source, files, modality, column, left_out)
    total, done = sum(counts), 0
    with open_draft(target, {"made by": dict(made_by), "column": column}) as parts:
        if spread is not None:
            left = [file for file in files if not is_done(file, parts, file.relative_to(source))]
            spread(left, source, parts, progress)
        for file, count in zip(files, counts, strict=True):
            rewrite_one(
                file,
                parts,
                file.relative_to(source),
                function,
                modality=modality,
                column=column,
                width=width,
                skip_bad=left_out is not None,
                progress=_shifted(progress, done, total),
            )
            done += count
            if left_out is not None:
                seal = kept(_seal(parts, file.relative_to(source)))
                left_out.add(int(seal["left_out"]), seal["named"])
        _only(parts / NEW, {file.relative_to(source) for file in files})
        _into_place(parts / NEW, target)
    progress(total, total, "apply")
    return total


def rewrite_one(
    file: Path,
    draft: Path,
    name: Path,
    function: RowFunction,
    *,
    modality: Modality | None = None,
    column: str | None = None,
    width: int = 0,
    skip_bad: bool = False,
    progress: Progress = silent,
) -> None:
    """Rewrite one file into a draft, unless that was done from the same bytes before.

    It appears there whole or not at all: two who do the same file do no harm.

    Raises
    ------
    CorpusError
        If the file is unusable or has gone.
    """
    if is_done(file, draft, name):
        return
    made_from, finished, left_out = _stamp(file), draft / NEW / name, LeftOut()
    finished.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == NPY:
        with new_file(finished, overwrite=True) as new:
            rewrite_npy(file, new, function, progress)
    else:
        rewrite_table(
            open_parquet(file),
            finished,
            function,
            progress,
            modality=modality,
            column=column,
            width=width,
            left_out=left_out if skip_bad else None,
            overwrite=True,
        )
    seal = _seal(draft, name)
    seal.parent.mkdir(parents=True, exist_ok=True)
    keep(seal, {"source": made_from, "left_out": left_out.count, "named": left_out.first})


def is_done(file: Path, draft: Path, name: Path) -> bool:
    """Return whether a draft holds what becomes of a file as it is now.

    Raises
    ------
    CorpusError
        If the file has gone.
    """
    sealed = kept(_seal(draft, name)).get("source")
    return (draft / NEW / name).is_file() and sealed == _stamp(file)


def _seal(draft: Path, name: Path) -> Path:
    return draft / SEALS / f"{name}.json"


def _stamp(file: Path) -> dict[str, Any]:
    try:
        return stamp(file)
    except FileNotFoundError as error:
        raise CorpusError(f"{file} has gone.", hint="Put it back, and try again.") from error


def _counts(
    source: Path,
    files: Sequence[Path],
    modality: Modality | None,
    column: str | None,
    left_out: LeftOut | None,
) -> list[int]:
    """Return the rows of each file, after a look at all of their headers."""
    if files[0].suffix != NPY:
        table = open_parquet(source)
        vectors_of(table, modality, column)
        first = table.schema.names[:1]
        return [sum(batch.num_rows for batch in file.batches(first)) for file in table.files]
    counts = []
    width = read_matrix(files[0]).shape[1]
    for file in files:
        refuse_for_arrays(file, column, left_out)
        rows = read_matrix(file)
        if rows.shape[1] != width:
            raise CorpusError(
                f"{file} has {rows.shape[1]} columns, {files[0]} has {width}.",
                hint="All files of one folder must come from the same encoder.",
            )
        counts.append(len(rows))
    return counts


def _shifted(progress: Progress, before: int, total: int) -> Callable[[int, int, str], None]:
    def told(done: int, _: int, what: str) -> None:
        progress(before + done, total, what)

    return told


def _only(folder: Path, names: set[Path]) -> None:
    """Remove what an earlier run made of files that have gone since, and its scratch folders."""
    for entry in sorted(folder.rglob("*"), reverse=True):
        if entry.is_dir():
            if entry.name.startswith("."):
                shutil.rmtree(entry, ignore_errors=True)
            elif not any(entry.iterdir()):
                entry.rmdir()
        elif entry.relative_to(folder) not in names:
            entry.unlink()


def _into_place(draft: Path, target: Path) -> None:
    old = draft.with_name("old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(draft, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
