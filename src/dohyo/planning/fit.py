"""Fit the cost model to measured points: non-negative least squares of relative errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from dohyo.planning.rates import Rates
from dohyo.planning.work import STAGES, Size, Work

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The coefficients of one stage.

    Attributes
    ----------
    fixed : seconds that no row causes
    products, disk : times the seconds that the operations and the bytes would take at full rate
    row : seconds for each row, whatever its length: finding, copying and checking it
    base : bytes of memory that no row causes
    held : times the bytes that lie in memory
    """

    fixed: float
    products: float
    disk: float
    row: float
    base: float
    held: float


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: what was done, at which rates, and what it took."""

    stage: str
    size: Size
    seconds: float
    peak: float
    rates: Rates


def points_of(history: Mapping[str, Any]) -> list[Point]:
    """Return the points of one JSON document that `benchmarks/scale.py` wrote."""
    rates = Rates(**history["rates"])
    return [
        Point(p["stage"], Size(**p["size"]), p["seconds"], p["peak_bytes"], rates)
        for p in history["points"]
    ]


def fit_stage(points: Sequence[Point]) -> Fitted:
    """Fit one stage; each point counts by its relative error, so that small sizes count too."""
    works = [STAGES[p.stage](p.size) for p in points]
    seconds = np.array([p.seconds for p in points])
    terms = np.array([time_terms(w, p) for w, p in zip(works, points, strict=True)])
    fixed, products, disk, row = _solved(terms, seconds)
    peaks = np.array([p.peak for p in points])
    base, held = _solved(np.array([[1.0, w.held] for w in works]), peaks)
    if not any(w.held for w in works):
        base, held = float(peaks.max()), 0.0  # flat: what was seen at most
    return Fitted(fixed, products, disk, row, base, held)


def time_terms(work: Work, point: Point) -> tuple[float, float, float, float]:
    """Return what the coefficients of time multiply: 1, seconds, seconds, rows."""
    rates = point.rates
    return (
        1.0,
        work.flops / rates.flops,
        (work.read + work.written) / rates.disk,
        float(point.size.rows),
    )


def _solved(terms: F64, wanted: F64) -> tuple[float, ...]:
    scale = np.abs(terms).max(axis=0)
    scale[scale == 0] = 1.0
    found, _ = nnls(terms / scale / wanted[:, None], np.ones(len(wanted)))
    return tuple(float(x) for x in found / scale)


def fit(points: Sequence[Point]) -> dict[str, Fitted]:
    """Return the coefficients of every stage that was measured."""
    return {
        stage: fit_stage([p for p in points if p.stage == stage])
        for stage in STAGES
        if any(p.stage == stage for p in points)
    }
