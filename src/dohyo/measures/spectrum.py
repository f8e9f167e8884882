"""Eigenvalues and principal directions of one side's rows: what several measures share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from dohyo.measures.view import View
from dohyo.rows import F32

F64 = NDArray[np.float64]
MOST = 32
HELD = 0.9
NOTHING = 1e-12  # variance of unit rows below which they are one row, rounded


def centred(x: F32) -> F64:
    """Return the rows of x less their mean, (n, d) float64."""
    rows: F64 = x - x.mean(0, dtype=np.float64)
    return rows


def eigenvalues(x: F32) -> F64:
    """Return the covariance's eigenvalues, largest first, (min(n, d),); all 0 for equal rows."""
    rows = centred(x)
    product = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    values: F64 = np.maximum(np.linalg.eigvalsh(product)[::-1] / len(rows), 0.0)
    return values if values.sum() > NOTHING else np.zeros_like(values)


def effective_rank_of(x: F32) -> float:
    """Return exp of the entropy of the eigenvalues' shares, 1 for equal rows."""
    values = eigenvalues(x)
    alive = values[values > 0] / max(float(values.sum()), NOTHING)
    return float(np.exp(-(alive * np.log(alive)).sum()))


def directions(covariance: F64, count: int) -> tuple[F64, F64]:
    """Return the `count` largest eigenvalues, largest first, and their vectors, (d, count)."""
    d = len(covariance)
    values, vectors = eigh(covariance, subset_by_index=[d - count, d - 1], driver="evr")
    return np.maximum(values[::-1], 0.0), vectors[:, ::-1]


def covariance_of(x: F32) -> F64:
    """Return the (d, d) covariance with denominator n."""
    rows = centred(x)
    covariance: F64 = rows.T @ rows / len(rows)
    return covariance


def principal_angles(first: F64, second: F64) -> F64:
    """Return the angles between two subspaces in degrees, smallest first.

    Parameters
    ----------
    first, second : (d, r) orthonormal columns

    Notes
    -----
    From the sines where an angle is small and from the cosines elsewhere, because each loses
    its digits at one end (Björck & Golub 1973; Knyazev & Argentati 2002).
    """
    cosine = first.T @ second
    left = np.clip(np.linalg.svd(cosine, compute_uv=False), 0.0, 1.0)
    sine = np.clip(np.linalg.svd(second - first @ cosine, compute_uv=False), 0.0, 1.0)[::-1]
    angles: F64 = np.degrees(np.where(left**2 >= 0.5, np.arcsin(sine), np.arccos(left)))
    return angles


def common_rank(image: F64, text: F64) -> int:
    """Return how many directions hold 90 % of the variance of both sides, at most 32.

    Parameters
    ----------
    image, text : eigenvalues of either side, largest first
    """
    wanted = max(
        int(np.searchsorted(np.cumsum(side), HELD * side.sum() * (1 - 1e-12))) + 1
        for side in (image, text)
    )
    return min(wanted, MOST, len(image), len(text))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spectrum:
    """How the variance of each side is spread, and how the two spreads lie to each other.

    Attributes
    ----------
    image, text : (≤ d,) share of the side's variance along each of its own principal directions,
        largest first; all 0 where rows are equal
    angles : (r,) principal angles in degrees between the leading r directions, smallest first
    rank : r, as `subspace_angle` takes it; 0 where a side does not vary
    """

    image: F64
    text: F64
    angles: F64
    rank: int

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        lists = {name: getattr(self, name).tolist() for name in ("image", "text", "angles")}
        return lists | {"rank": self.rank}


def spectrum(view: View) -> Spectrum:
    """Return the eigenvalue spectra of both sides and the principal angles between them.

    The plain figures of the sample, for charts: the measures `effective_rank` and
    `subspace_angle` give intervals.
    """
    sides = view.image, view.text
    spectra = [eigenvalues(side) for side in sides]
    r = common_rank(*spectra) if min(side.sum() for side in spectra) > NOTHING else 0
    angles = np.empty(0)
    if r:
        angles = principal_angles(*(directions(covariance_of(side), r)[1] for side in sides))
    image, text = (side / max(float(side.sum()), NOTHING) for side in spectra)
    return Spectrum(image=image, text=text, angles=angles, rank=r)
