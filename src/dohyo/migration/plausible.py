"""Do these vectors lie where those lay that the map was fitted on?

A fingerprint is what somebody states; the vectors themselves are what will be moved. The mean of
a modality hardly moves from one collection of an encoder to the next (that the modalities have
different means is the gap itself), and has nothing to do with that of another encoder.
"""

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.engine.moments import F64
from dohyo.errors import MapError
from dohyo.migration.kinds import Kinds
from dohyo.rows import F32, has_direction, unit_rows
from dohyo.stores.protocol import Rows

ENOUGH = 50
"""Rows of one kind below which nothing is said."""
LONG = 0.3
"""A mean of unit vectors that is shorter than this points nowhere in particular."""
NEAR = 0.5
"""Cosine between two means below which they are not of one encoder. On five sets of real vectors:
halves of one set 0.98 and more, two sets of one encoder 0.80, different encoders at most 0.06."""


def check_means(fitted: AlignmentMap, rows: Rows, kinds: Kinds) -> None:
    """Refuse rows whose mean lies elsewhere than that of the map's own.

    Parameters
    ----------
    rows : raw rows of the collection; a few hundred will do

    Raises
    ------
    MapError
        If the mean of one modality points elsewhere, or to where the other one's was.
    """
    unit = unit_rows(rows.vectors)
    good = has_direction(unit)
    of = np.array(kinds.of(rows))
    for modality in MODALITIES:
        mine = unit[good & (of == modality)]
        there = fitted_mean(fitted, modality)
        if len(mine) < ENOUGH or there is None:
            continue
        near = _cosine(mine, there)
        if near is None or near >= NEAR:
            continue
        other = fitted_mean(fitted, "text" if modality == "image" else "image")
        swapped = None if other is None else _cosine(mine, other)
        if swapped is not None and swapped >= NEAR:
            raise MapError(
                f"Rows of {kinds.collection} that are said to be of {modality} lie where the map "
                f"knows the other modality (cosine of the means {swapped:.2f} against {near:.2f}).",
                hint="Check the field of the modality; if it is right, add --force.",
            )
        raise MapError(
            f"The {modality} rows of {kinds.collection} do not lie where those lay that the map "
            f"was fitted on (cosine of the means {near:.2f}).",
            hint="They look like vectors of another encoder; if you know better, add --force.",
        )


def fitted_mean(fitted: AlignmentMap, modality: Modality) -> F64 | None:
    """Return the mean of the unit rows that a map was fitted on, (d,); None if it keeps none."""
    total, count = (fitted.arrays.get(f"{modality}_{name}") for name in ("sum", "count"))
    if total is not None and count is not None:
        return np.asarray(total, np.float64) / float(count[0])
    for name in ("anchor", "bank"):
        held = fitted.arrays.get(f"{modality}_{name}")
        if held is not None and held.ndim == 2 and held.shape[1] == fitted.dimension:
            return np.asarray(unit_rows(held).mean(axis=0, dtype=np.float64))
    return None


def _cosine(rows: F32, mean: F64) -> float | None:
    """Return the cosine between two means; None if one points nowhere in particular."""
    own = rows.mean(axis=0, dtype=np.float64)
    long, wide = float(np.linalg.norm(own)), float(np.linalg.norm(mean))
    return None if min(long, wide) < LONG else float(own @ mean) / (long * wide)
