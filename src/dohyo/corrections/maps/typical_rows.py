"""Rows like those that a map was fitted on, for whoever has the map alone."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.recovered import recovered
from dohyo.corrections.maps.statistics import kept_moments
from dohyo.corrections.registry import method_named
from dohyo.rows import F32, unit_rows

Origin = Literal["corpus", "items", "statistics", "directions"]
"""Where rows come from: a corpus at hand; items that the map holds; a cloud drawn with the mean
and the spread that it holds; or no knowledge at all, every direction alike."""


def typical_rows(
    fitted: AlignmentMap, modality: Modality, count: int, seed: int = 0
) -> tuple[F32, Origin]:
    """Return at most `count` unit rows such as the map was fitted on, and where they come from.

    Notes
    -----
    Anchors stand for the rows they were, a bank holds rows as they were. From statistics a
    Gaussian cloud is drawn; where the map holds the mean alone, it spreads alike in all
    directions, as far as unit rows of that mean must: tr(C) = 1 − ‖μ‖².
    """
    rng = np.random.default_rng(seed)
    arrays, d = fitted.arrays, fitted.dimension
    keeps = method_named(fitted.method).keeps
    if keeps == "rows":
        chosen = _some(len(arrays[f"{modality}_anchor"]), count, rng)
        # Sizes and cells of a sparse plan are of no use here, rows by their number are.
        names = (f"{modality}_anchor", f"{modality}_mean", f"{modality}_matrix")
        part = {name: arrays[name] for name in names if name in arrays}
        part[f"{modality}_anchor"] = part[f"{modality}_anchor"][chosen]
        return recovered(part, modality), "items"
    if f"{modality}_bank" in arrays:
        bank = arrays[f"{modality}_bank"]
        return unit_rows(bank[_some(len(bank), count, rng)]), "items"
    drawn = rng.standard_normal((count, d))
    if f"{modality}_sum" not in arrays or keeps is None:
        return unit_rows(drawn), "directions"
    known = kept_moments(arrays, modality, keeps)
    if keeps == "mean":
        spread = np.sqrt(max(1.0 - float(known.mean @ known.mean), 0.0) / d) * drawn
    else:
        values, vectors = known.eigen
        spread = (drawn * np.sqrt(values)) @ vectors.T
    return unit_rows(known.mean + spread), "statistics"


def _some(rows: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(rng.permutation(rows)[:count]).astype(np.int64)
