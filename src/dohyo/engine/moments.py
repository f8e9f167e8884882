"""Mean and covariance of unit rows in one pass, and functions of the covariance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from dohyo.engine.backend import to_numpy
from dohyo.rows import blocks, unit_rows

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sufficient statistics of one modality: what every linear correction needs.

    Attributes
    ----------
    n : number of rows
    mean : (d,) float64
    scatter : (d, d) float64, the sum of (x − mean)(x − mean)ᵀ
    """

    n: int
    mean: F64
    scatter: F64

    @property
    def covariance(self) -> F64:
        """The (d, d) covariance with denominator n."""
        return self.scatter / self.n

    def merge(self, other: "Moments") -> "Moments":
        """Return the moments of both sets of rows together (Chan, Golub & LeVeque 1983)."""
        n = self.n + other.n
        step = other.mean - self.mean
        return Moments(
            n,
            self.mean + step * (other.n / n),
            self.scatter + other.scatter + np.outer(step, step) * (self.n * other.n / n),
        )

    @cached_property
    def eigen(self) -> tuple[F64, F64]:
        """Eigenvalues (d,) and eigenvectors (d, d) of the covariance, taken once."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.maximum(values, 0.0), vectors

    @property
    def effective_rank(self) -> float:
        """How many directions the variance is spread over, in [1, d]: exp of its entropy.

        Roy & Vetterli 2007. With fewer rows than that, a covariance is mostly noise.
        """
        share = self.eigen[0] / max(float(self.eigen[0].sum()), np.finfo(np.float64).tiny)
        alive = share[share > 0]
        return float(np.exp(-(alive * np.log(alive)).sum()))

    @property
    def ledoit_wolf(self) -> float:
        """Share λ in [0, 1] by which shrinking a covariance of unit rows errs least.

        Ledoit & Wolf 2004, lemma 3.4. The mean of ‖x − μ‖⁴ that it asks for needs no further pass,
        because ‖x − μ‖² = 1 + ‖μ‖² − 2x·μ for a unit row x.
        """
        covariance, mean = self.covariance, self.mean
        away = float(mean @ mean)
        fourth = (1 + away) ** 2 - 4 * (1 + away) * away
        fourth += 4 * (float(mean @ covariance @ mean) + away**2)
        square = float((covariance**2).sum())
        spread = square - float(np.trace(covariance)) ** 2 / len(mean)
        error = max(fourth - square, 0.0) / self.n
        return min(1.0, error / spread) if spread > error else 1.0

    def regular(self, share: float) -> F64:
        """Return the shrunk covariance (1−λ)C + λ·tr(C)/d·I itself, (d, d), without eigenvalues."""
        covariance = (1 - share) * self.covariance
        d = len(covariance)
        covariance[np.diag_indices(d)] += share * float(np.trace(self.scatter)) / (self.n * d)
        return covariance

    def shrunk(self, share: float, function: Callable[[F64], F64]) -> F64:
        """Apply a function to the shrunk covariance (1−λ)C + λ·tr(C)/d·I.

        Parameters
        ----------
        share : λ in [0, 1]
        function : maps the (d,) eigenvalues to new ones, e.g. `inverse_root`

        Returns
        -------
        (d, d) float64, symmetric
        """
        values, vectors = self.eigen
        return (vectors * function((1 - share) * values + share * values.mean())) @ vectors.T


def moments(x: NDArray[Any]) -> Moments:
    """Return the moments of the unit-normalised rows of x, (n, d) floats or a tensor."""
    return moments_of(unit_rows(x[block]) for block in blocks(len(x)))


def moments_of(parts: Iterable[NDArray[Any]]) -> Moments:
    """Return the moments of unit rows that come block by block, each (n, d); float64.

    The rows may be tensors: the pass runs where they lie, the outcome is NumPy's.
    """
    total: Moments | None = None
    for part_rows in parts:
        xp = array_namespace(part_rows)
        rows = xp.astype(part_rows, xp.float64)
        mean = xp.mean(rows, axis=0)
        rows -= mean
        part = Moments(len(rows), to_numpy(mean), to_numpy(rows.T @ rows))
        total = part if total is None else total.merge(part)
    if total is None:
        raise ValueError("no rows")
    return total


def root(values: F64) -> F64:
    """Return square roots."""
    return np.sqrt(values)


def inverse_root(values: F64) -> F64:
    """Return 1/√λ, and 0 for directions in which nothing varies (the pseudo-inverse)."""
    alive = values > 1e-12 * values.max(initial=0.0)
    return np.where(alive, 1.0 / np.sqrt(np.where(alive, values, 1.0)), 0.0)
