"""Fit a correction from sums that the workers of a cluster take where the rows lie."""

from pathlib import Path

from dohyo.cluster.moments import ray_moments
from dohyo.cluster.ray import cluster
from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Parameters
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.maps.statistics import summed
from dohyo.corrections.registry import METHODS
from dohyo.errors import CorpusError, UsageError
from dohyo.io.many_files import files_of
from dohyo.progress import Progress, silent

SUMS = ("nothing", "mean", "variance", "scatter")


def fit_by_ray(
    method: str,
    images: Path,
    texts: Path,
    parameters: Parameters | None = None,
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> AlignmentMap:
    """Fit a method that needs means and covariances alone.

    The arrays are those of one machine but for the order of the sums: below 1e-6 of the largest.
    The map knows neither encoder nor corpus, whose fingerprints would take another pass.

    Parameters
    ----------
    images, texts : a file (`.npy` or Parquet) or a folder of them, where every worker finds it

    Raises
    ------
    UsageError
        If the method looks at single rows.
    CorpusError
        If a file is unusable, naming the row, or the files differ in width.
    MissingExtra
        If Ray is not installed.
    """
    chosen = dict(parameters or {})
    if method not in METHODS or METHODS[method].keeps not in SUMS or chosen.keys() & _SINGLE:
        able = [name for name, each in METHODS.items() if each.keeps in SUMS[1:]]
        raise UsageError(
            f"--engine ray fits from sums, which {method} with these options does not.",
            hint=f"Choose {', '.join(able)}, without --calibrate and --hubs; or fit a sample.",
        )
    given: dict[Modality, Path] = {"image": images, "text": texts}
    files = {side: files_of(path) if path.is_dir() else [path] for side, path in given.items()}
    with cluster(workers):
        known = {
            side: ray_moments(files[side], modality=side, progress=progress) for side in MODALITIES
        }
    widths = {side: len(found.mean) for side, found in known.items()}
    if widths["image"] != widths["text"]:
        raise CorpusError(
            f"{images} has {widths['image']} columns, {texts} has {widths['text']}.",
            hint="Both must come from the same encoder.",
        )
    return fit_map(method, Evidence(summed(known["image"]), summed(known["text"])), chosen)


_SINGLE = {"calibrate", "hubs"}
"""Options that are learnt from single rows."""
