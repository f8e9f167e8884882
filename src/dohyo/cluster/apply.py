"""Correct the files of a folder on the workers of a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dohyo.cluster.ray import as_given, cluster
from dohyo.corpus import Modality, Role
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.errors import CorpusError, DohyoError
from dohyo.io.many_files import Spread, rewrite_one
from dohyo.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """How the rows of one modality are corrected, wherever that is done.

    Attributes
    ----------
    folder : of the map, where every worker can read it
    column, skip_bad : of tables, see `dohyo.io.rows.rewrite`
    """

    folder: Path
    modality: Modality
    role: Role = "item"
    strength: float = 1.0
    column: str | None = None
    skip_bad: bool = False


class Corrector:
    """One worker: it loads the map once, and then corrects file after file."""

    def __init__(self, correction: Correction, source: str, draft: str) -> None:
        self._correction, self._map = correction, load_map(correction.folder)
        self._source, self._draft = Path(source), Path(draft)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Correct one file; return its name and, where it is unusable, why."""
        told = self._correction
        file = Path(str(row["item"]))
        try:
            rewrite_one(
                file,
                self._draft,
                file.relative_to(self._source),
                lambda block: self._map.apply(block, told.modality, told.role, told.strength),
                modality=told.modality,
                column=told.column,
                width=self._map.dimension,
                skip_bad=told.skip_bad,
            )
        except DohyoError as error:
            # An exception would be tried again on other workers, and told with their whole stack.
            return {"file": str(file), "what": error.what, "hint": error.hint}
        return {"file": str(file), "what": "", "hint": ""}


def spread_by_ray(correction: Correction, workers: int | None = None) -> Spread:
    """Return what corrects files on a cluster, for `dohyo.io.many_files.rewrite_folder`.

    Each file is done whole by one worker, by the same blocks as on one machine, so the bytes are
    the same. A worker that dies is replaced, and its file done again. Source, map and output must
    lie where every machine of the cluster finds them.

    Parameters
    ----------
    workers : how many; None for as many as the cluster has cores
    """

    def spread(files: Sequence[Path], source: Path, draft: Path, progress: Progress) -> None:
        if not files:
            return
        named = {str(file.resolve()): file for file in files}
        with cluster(workers) as ray:
            most = max(1, min(len(files), workers or int(ray.cluster_resources().get("CPU", 1))))
            told = ray.data.from_items(list(named), override_num_blocks=len(files)).map(
                Corrector,
                fn_constructor_args=(
                    _anywhere(correction),
                    str(source.resolve()),
                    str(draft.resolve()),
                ),
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most),
                num_cpus=1,
            )
            for done, row in enumerate(told.iter_rows(), 1):
                if row["what"]:
                    what = as_given(row["what"], row["file"], named[row["file"]])
                    raise CorpusError(what, hint=row["hint"])
                progress(done, len(files), "files")

    return spread


def _anywhere(correction: Correction) -> Correction:
    return replace(correction, folder=correction.folder.resolve())


class CorrectedColumn:
    """A step of a pipeline of one's own: corrects the vectors of Arrow batches.

    `ray.data.read_parquet("s3://…").map_batches(CorrectedColumn, batch_format="pyarrow",
    fn_constructor_args=("map", "image"), compute=ray.data.ActorPoolStrategy(size=8)).write_parquet("s3://…")`
    """

    def __init__(
        self, folder: str, modality: Modality, column: str = "vector", role: Role = "item"
    ) -> None:
        self._map: AlignmentMap = load_map(folder)
        self._modality, self._column, self._role = modality, column, role

    def __call__(self, batch: Any) -> Any:
        """Return the table with its column of vectors corrected."""
        import pyarrow as pa

        from dohyo.io.vector_column import list_rows

        place = batch.schema.get_field_index(self._column)
        held = batch.column(place).combine_chunks()
        rows = list_rows(held, self._column, Path("batch"), 0)
        moved = self._map.apply(rows, self._modality, self._role)
        flat = pa.array(moved.ravel())
        return batch.set_column(
            place, self._column, pa.FixedSizeListArray.from_arrays(flat, moved.shape[1])
        )
