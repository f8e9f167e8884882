"""What a map keeps of its items, so that more of them can be added without the old ones."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import Evidence, Side
from dohyo.corrections.fitted import Arrays
from dohyo.engine.moments import F64, Moments
from dohyo.errors import MapError

Keeps = Literal["nothing", "mean", "variance", "scatter", "rows"]
"""What a method's fit reads of a side: nothing; its mean; also how much each dimension varies;
also how dimensions vary together; or every row, which the map then holds as anchors."""


@dataclass(frozen=True, eq=False)
class Summed(Side):
    """A side of which only the moments are left; it has no rows."""

    known: Moments = field(kw_only=True)

    @property
    def count(self) -> int:
        """Number of rows that there were."""
        return self.known.n

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance of rows that are gone."""
        return self.known


def summed(known: Moments) -> Summed:
    """Return the side whose rows had these moments."""
    return Summed(np.empty((0, len(known.mean)), np.float32), known=known)


def statistics(evidence: Evidence, keeps: Keeps | None) -> dict[str, NDArray[Any]]:
    """Return what a map must hold so that its fit can be repeated on more items.

    Returns
    -------
    For each modality, in float64: `_count` (1,) and `_sum` (d,), the number and the sum of the
    unit rows, and of their scatter about the mean, `_scatter`, the diagonal (d,) for "variance"
    or the upper triangle (d(d+1)/2,) for "scatter". Nothing where the map needs none, or holds
    the rows themselves. At d = 512 a triangle takes 1.05 MB.
    """
    if keeps not in ("mean", "variance", "scatter"):
        return {}
    arrays: dict[str, NDArray[Any]] = {}
    for modality in MODALITIES:
        side = (evidence.image if modality == "image" else evidence.text).moments
        arrays[f"{modality}_count"] = np.array([side.n], np.float64)
        arrays[f"{modality}_sum"] = side.n * side.mean
        if keeps == "variance":
            arrays[f"{modality}_scatter"] = np.diagonal(side.scatter).copy()
        if keeps == "scatter":
            arrays[f"{modality}_scatter"] = side.scatter[np.triu_indices(len(side.mean))]
    return arrays


def kept_moments(arrays: Arrays, modality: Modality, keeps: Keeps) -> Moments:
    """Return the moments of the items that a map was fitted on; what it does not keep is 0.

    Raises
    ------
    MapError
        If the map holds no statistics, as those of earlier versions.
    """
    count, total, scatter = (
        arrays.get(f"{modality}_{name}") for name in ("count", "sum", "scatter")
    )
    if count is None or total is None or (scatter is None and keeps != "mean"):
        raise MapError(
            "This map does not hold the statistics of its items, so nothing can be added to it.",
            hint="Fit it again with this dohyo.",
        )
    d = len(total)
    size = {"mean": 0, "variance": d, "scatter": d * (d + 1) // 2}.get(keeps, 0)
    held = 0 if scatter is None or keeps == "mean" else scatter.size
    if (count.size, total.ndim, held) != (1, 1, size) or count[0] < 1:
        raise MapError("The statistics in this map do not fit together.", hint="Fit it again.")
    whole: F64 = np.zeros((d, d))
    if keeps == "variance":
        np.fill_diagonal(whole, scatter)
    elif keeps == "scatter":
        whole[np.triu_indices(d)] = scatter
        whole += np.triu(whole, 1).T
    n = int(count[0])
    return Moments(n, np.asarray(total, np.float64) / n, whole)
