"""Send the rows of every file of a folder through a function, into a folder of as many files."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dohyo.corpus import Modality
from dohyo.errors import CorpusError
from dohyo.io.atomic import check_folder, new_file
from dohyo.io.draft import Facts, keep, kept, open_draft, stamp
from dohyo.io.left_out import LeftOut
from dohyo.io.parquet import open_parquet, parquet_files
from dohyo.io.rows import NPY, read_matrix, refuse_for_arrays, rewrite_npy, rewrite_table
from dohyo.io.table_rows import RowFunction, vectors_of
from dohyo.progress import Progress, silent

NEW, SEALS = "new", "seals"
"""What a draft of a folder holds: finished files, and for each of them what it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    function: RowFunction
    modality: Modality | None
    column: str | None
    left_out: LeftOut | None


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
    left_out: LeftOut | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> int:
    """Send every row of a folder of files into a folder of files of the same names.

    The target appears whole or not at all. Finished files outlive an interruption, and are not
    done again unless theirs changed meanwhile. Parameters and errors: see `dohyo.io.rows.rewrite`.

    Returns
    -------
    How many rows were read.
    """
    files = files_of(source)
    names = frozenset(file.relative_to(source).parts[0] for file in files)
    check_folder(target, overwrite=overwrite, ours=names)
    work = _Work(function=function, modality=modality, column=column, left_out=left_out)
    counts = _counts(source, files, work)
    total, done = sum(counts), 0
    with open_draft(target, {"made by": dict(made_by), "column": column}) as parts:
        for file, count in zip(files, counts, strict=True):
            told = _shifted(progress, done, total)
            _one(file, parts, file.relative_to(source), work, told)
            done += count
        _only(parts / NEW, {file.relative_to(source) for file in files})
        _into_place(parts / NEW, target)
    progress(total, total, "apply")
    return total


def _counts(source: Path, files: Sequence[Path], work: _Work) -> list[int]:
    """Return the rows of each file, after a look at all of their headers."""
    if files[0].suffix != NPY:
        table = open_parquet(source)
        vectors_of(table, work.modality, work.column)
        first = table.schema.names[:1]
        return [sum(batch.num_rows for batch in file.batches(first)) for file in table.files]
    counts = []
    width = read_matrix(files[0]).shape[1]
    for file in files:
        refuse_for_arrays(file, work.column, work.left_out)
        rows = read_matrix(file)
        if rows.shape[1] != width:
            raise CorpusError(
                f"{file} has {rows.shape[1]} columns, {files[0]} has {width}.",
                hint="All files of one folder must come from the same encoder.",
            )
        counts.append(len(rows))
    return counts


def _one(file: Path, draft: Path, name: Path, work: _Work, progress: Progress) -> None:
    """Rewrite one file, unless that was done from the same bytes before."""
    finished, seal = draft / NEW / name, draft / SEALS / f"{name}.json"
    try:
        made_from = stamp(file)
    except FileNotFoundError as error:
        raise CorpusError(f"{file} has gone.", hint="Put it back, and try again.") from error
    sealed = kept(seal)
    if finished.is_file() and sealed.get("source") == made_from:
        if work.left_out is not None:
            work.left_out.add(int(sealed["left_out"]), sealed["named"])
        return
    finished.parent.mkdir(parents=True, exist_ok=True)
    own = None if work.left_out is None else LeftOut()
    if file.suffix == NPY:
        with new_file(finished, overwrite=True) as new:
            rewrite_npy(file, new, work.function, progress)
    else:
        rewrite_table(
            open_parquet(file),
            finished,
            work.function,
            progress,
            modality=work.modality,
            column=work.column,
            left_out=own,
            overwrite=True,
        )
    told = own or LeftOut()
    seal.parent.mkdir(parents=True, exist_ok=True)
    keep(seal, {"source": made_from, "left_out": told.count, "named": told.first})
    if work.left_out is not None:
        work.left_out.add(told.count, told.first)


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
