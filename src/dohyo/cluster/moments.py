"""Means and covariances of a lake of vectors, summed where its files lie."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dohyo.cluster.ray import as_given, cluster
from dohyo.corpus import Modality
from dohyo.engine.moments import Moments, moments_of
from dohyo.errors import CorpusError, DohyoError
from dohyo.io.parquet import open_parquet
from dohyo.io.rows import NPY, read_matrix
from dohyo.io.table_rows import vectors_of
from dohyo.io.vector_column import list_rows
from dohyo.progress import Progress, silent
from dohyo.rows import read_blocks, unit_rows
from dohyo.validation import check_rows


def ray_moments(
    files: Sequence[Path],
    *,
    modality: Modality | None = None,
    column: str | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Moments:
    """Return the moments of the unit rows of many files, each summed by one worker.

    They are merged in the order of the files: the same bits however many workers there are. From
    those of one pass over all rows they differ by rounding alone, below 1e-12 of the largest.

    Raises
    ------
    CorpusError
        If a file is unusable, naming the row.
    MissingExtra
        If Ray is not installed.
    """
    with cluster(workers) as ray:
        named = {str(file.resolve()): file for file in files}
        asked, found = list(named), dict[str, Moments]()

        def summed(row: dict[str, Any]) -> dict[str, Any]:
            return _summed(Path(str(row["item"])), modality, column)

        for row in (
            ray.data.from_items(asked, override_num_blocks=len(asked)).map(summed).iter_rows()
        ):
            if row["what"]:
                what = as_given(row["what"], row["file"], named[row["file"]])
                raise CorpusError(what, hint=row["hint"])
            found[row["file"]] = Moments(int(row["n"]), row["mean"], row["scatter"])
            progress(len(found), len(asked), "files")
    total = found[asked[0]]
    for file in asked[1:]:
        if len(found[file].mean) != len(total.mean):
            raise CorpusError(
                f"{named[file]} has {len(found[file].mean)} columns, {named[asked[0]]} has "
                f"{len(total.mean)}.",
                hint="All files of one folder must come from the same encoder.",
            )
        total = total.merge(found[file])
    return total


def _summed(file: Path, modality: Modality | None, column: str | None) -> dict[str, Any]:
    try:
        held = moments_of(_unit_blocks(file, modality, column))
    except DohyoError as error:
        nothing = np.zeros(0)
        return {"file": str(file), "what": error.what, "hint": error.hint, "n": 0} | {
            "mean": nothing,
            "scatter": nothing.reshape(0, 0),
        }
    return {"file": str(file), "what": "", "hint": "", "n": held.n} | {
        "mean": held.mean,
        "scatter": held.scatter,
    }


def _unit_blocks(file: Path, modality: Modality | None, column: str | None) -> Any:
    if file.suffix == NPY:
        for start, block in read_blocks(read_matrix(file)):
            check_rows(block, str(file), start)
            yield unit_rows(block)
        return
    table = open_parquet(file)
    name, start = vectors_of(table, modality, column), 0
    for batch in table.batches([name]):
        if batch.num_rows:
            yield unit_rows(list_rows(batch.column(name), name, file, start))
            start += batch.num_rows
