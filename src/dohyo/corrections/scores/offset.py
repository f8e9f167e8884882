"""The offset at which each kind fills its share of a mixed list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
DEPTH = 10


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Thresholds:
    """For queries of one modality against one gallery, where the list lets the other kind in.

    Attributes
    ----------
    value : (q, depth) ascending; the r-th is the offset above which r items of the other modality
        are among the first `depth`
    base_rate : share of the other modality among what can be found
    """

    value: F64
    base_rate: float


def thresholds(cross: NDArray[Any], same: NDArray[Any], base_rate: float) -> Thresholds:
    """Return the thresholds of queries whose best scores are known.

    Parameters
    ----------
    cross, same : (q, 10) best scores of the other and of the own modality, best first; −inf
        where there are fewer

    Notes
    -----
    With an offset δ, r items of the other modality are among the first ten exactly if the r-th
    of them, raised by δ, beats the (11−r)-th of the own modality.
    """
    depth = cross.shape[1]
    with np.errstate(invalid="ignore"):
        value = same[:, ::-1].astype(np.float64) - cross.astype(np.float64)
    # With fewer than ten of a kind, the other has to fill the list, or cannot.
    value = np.where(np.isneginf(same[:, ::-1]), -np.inf, value)
    value = np.where(np.isneginf(cross), np.inf, value)
    return Thresholds(value=value.reshape(len(value), depth), base_rate=base_rate)


def offset_of(parts: Sequence[Thresholds], weights: Sequence[float]) -> float:
    """Return the offset at which the cross share is, on average, the base rate.

    Parameters
    ----------
    parts : thresholds of several galleries
    weights : how much each counts, whatever its number of queries

    Notes
    -----
    The mean cross share at δ is the share of thresholds below δ, so the offset is a quantile of
    them: no search is needed.
    """
    used = [(part, weight) for part, weight in zip(parts, weights, strict=True) if weight > 0]
    value = np.concatenate([part.value.ravel() for part, _ in used])
    mass = np.concatenate([np.full(part.value.size, w / part.value.size) for part, w in used])
    level = sum(w * part.base_rate for part, w in used) / sum(w for _, w in used)
    order = np.argsort(value, kind="stable")
    value, mass = value[order], mass[order]
    finite = np.isfinite(value)
    if not finite.any():
        return 0.0
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return float(np.interp(level, middle[finite], value[finite]))
