"""What a map does, as far as it can be told from the map alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.diff import angles
from dohyo.corrections.maps.typical_rows import Origin, typical_rows
from dohyo.corrections.registry import method_named

ROWS = 2_000
ROUNDING = 0.01  # degrees; scaling a float32 row to length 1 twice turns it by far less
F64 = NDArray[np.float64]
PURPOSES = {
    "anchors": ("_anchor", "_place", "_potential", "_weight", "_centre", "_cell"),
    "statistics": ("_count", "_sum", "_scatter"),
    "bank": ("_bank",),
}
"""What arrays are for, by the end of their name; all others are the formula itself."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Inspection:
    """A map looked at from outside.

    Attributes
    ----------
    scaling : by modality, what the linear part multiplies its directions by, the largest first,
        relative to their geometric mean; empty where it scales nothing. A common factor is lost
        anyway, because rows come out at length 1
    degrees : by modality, how far rows move, (n,)
    origin : where those rows come from
    sizes : bytes of the arrays by what they are for
    grows : whether items can be added (`extend`, `merge`)
    """

    scaling: Mapping[Modality, F64]
    degrees: Mapping[Modality, F64]
    origin: Origin
    sizes: Mapping[str, int]
    grows: bool

    @property
    def moves(self) -> bool:
        """Whether it moves any vector, or corrects scores alone."""
        return any(each.max(initial=0.0) > ROUNDING for each in self.degrees.values())


def inspection(fitted: AlignmentMap, *, seed: int = 0) -> Inspection:
    """Look at a map: what it stretches, how far it moves vectors, what it is made of.

    Parameters
    ----------
    seed : of the choice of at most 2,000 rows of each modality, or of drawing them

    Raises
    ------
    MapError
        If its statistics do not fit together.
    """
    typical = {side: typical_rows(fitted, side, ROWS, seed) for side in MODALITIES}
    return Inspection(
        scaling={side: scaling(fitted, side) for side in MODALITIES},
        degrees={
            side: angles(rows, fitted.moved(rows, side)) for side, (rows, _) in typical.items()
        },
        origin=typical["image"][1],
        sizes=_sizes(fitted),
        grows=_grows(fitted),
    )


def scaling(fitted: AlignmentMap, modality: Modality) -> F64:
    """Return the singular values of the linear part of a map, descending, geometric mean 1."""
    scale, matrix = (fitted.arrays.get(f"{modality}_{name}") for name in ("scale", "matrix"))
    if matrix is not None:
        found = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    elif scale is not None:
        found = np.sort(np.abs(scale.astype(np.float64)))[::-1]
    else:
        return np.empty(0)
    alive = found > found.max() * np.finfo(np.float32).eps
    if not alive.any():
        return np.empty(0)
    relative: F64 = np.where(alive, found, 0.0) / np.exp(np.log(found[alive]).mean())
    return relative


def _sizes(fitted: AlignmentMap) -> dict[str, int]:
    sizes = dict.fromkeys(("formula", *PURPOSES), 0)
    for name, array in fitted.arrays.items():
        purpose = next((p for p, ends in PURPOSES.items() if name.endswith(ends)), "formula")
        sizes[purpose] += array.nbytes
    return sizes


def _grows(fitted: AlignmentMap) -> bool:
    keeps = method_named(fitted.method).keeps
    if keeps in ("nothing", "rows"):
        return True
    return keeps is not None and "image_count" in fitted.arrays
