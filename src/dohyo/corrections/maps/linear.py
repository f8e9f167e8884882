"""A linear map at one strength, for one modality and role: all that another program needs of it."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dohyo.corpus import Modality, Role
from dohyo.corrections.fitted import Arrays
from dohyo.corrections.maps.artifact import STATISTICS
from dohyo.errors import MapError
from dohyo.rows import F32, unit_rows

ENDS = ("_mean", "_scale", "_matrix", "offset", *STATISTICS)
"""Ends of the names of arrays that a formula is made of, or that take no part in `apply`."""
PROBES = 16
SAME = 1e-5


class Mapped(Protocol):
    """A fitted map, as far as its linear part is concerned."""

    @property
    def method(self) -> str:
        """Name of its method."""

    @property
    def dimension(self) -> int:
        """Number of columns it takes."""

    @property
    def arrays(self) -> Arrays:
        """Its arrays by name."""

    def apply(self, x: Any, modality: Modality, role: Role = ..., strength: float = ...) -> Any:
        """Correct rows of one modality."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Linear:
    """One formula: unit rows u become m = unit((u − mean)·scale·matrix), then blend and columns.

    The blend is unit((1−strength)·u + strength·m), each unit(…) keeping u where nothing is left;
    the result is share·blend with `constant` beside it. At strength 0 rows stay as they are.

    Attributes
    ----------
    mean, scale : (d,) float32, or None for none
    matrix : (d, d) float32, or None for none; rows are multiplied from the left
    strength : α in [0, 1]
    share : what a row's length is scaled to, so that with `constant` it is 1
    constant : (k,) float32, the same for every row; empty for most maps
    """

    mean: F32 | None
    scale: F32 | None
    matrix: F32 | None
    strength: float
    share: float
    constant: F32

    def of(self, x: F32) -> F32:
        """Return what the formula makes of rows x, (n, d): (n, d + k)."""
        if self.strength == 0:
            return x
        unit = unit_rows(x)
        moved = unit
        if self.mean is not None:
            moved = moved - self.mean
        if self.scale is not None:
            moved = moved * self.scale
        if self.matrix is not None:
            moved = moved @ self.matrix
        moved = _or_kept(unit_rows(moved), unit)
        alpha = np.float32(self.strength)
        if alpha < 1:
            moved = _or_kept(unit_rows((1 - alpha) * unit + alpha * moved), unit)
        wide = np.broadcast_to(self.constant, (len(x), len(self.constant)))
        return np.concatenate([np.float32(self.share) * moved, wide], axis=1)


def is_formula(arrays: Arrays) -> bool:
    """Tell whether a map with these arrays is linear: it keeps nothing to compare a row with."""
    return all(name.endswith(ENDS) for name in arrays)


def linear(fitted: Mapped, modality: Modality, role: Role, strength: float) -> Linear:
    """Return a map as one formula.

    Raises
    ------
    MapError
        If what the map does to a row cannot be said by that formula, because it compares the row
        with anchors or with a bank of queries.
    UsageError
        If modality, role or strength is not one there is.
    """
    rows = np.random.default_rng(0).standard_normal((PROBES, fitted.dimension), np.float32)
    wanted = fitted.apply(rows, modality, role, strength)
    parts = {end: fitted.arrays.get(f"{modality}_{end}") for end in ("mean", "scale", "matrix")}
    # The rest of a row has one length and the columns beside it one value, or it is not linear.
    share = 1.0 if strength == 0 else float(np.linalg.norm(wanted[0, : fitted.dimension]))
    found = Linear(
        **parts, strength=strength, share=share, constant=wanted[0, fitted.dimension :].copy()
    )
    if not np.allclose(found.of(rows), wanted, rtol=0, atol=SAME):
        raise MapError(
            f"A {fitted.method} map compares each {modality} with what it keeps of the fit, so it "
            "is no formula to export.",
            hint="Use `dohyo apply`, or fit a linear method such as whiten or gaussian_ot.",
        )
    return found


def _or_kept(moved: F32, unit: F32) -> F32:
    return np.where(moved.any(axis=1, keepdims=True), moved, unit)
