"""How far the mass of one cloud must be carried to become the other, seen along lines."""

import math

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.stats.exchange import exchange
from dohyo.stats.jackknife import jackknife
from dohyo.stats.permutation import permutation_p

F64 = NDArray[np.float64]
ROWS = 2_000  # of a side
FEWEST, MOST = 64, 512
TESTED = 64
DRAWS = 199


def sliced_wasserstein(view: View) -> Estimate:
    """Sliced 2-Wasserstein distance between the modalities.

    Parameters
    ----------
    view : no pairs needed; above 2,000 rows of a side a seeded draw of whole groups is used

    Returns
    -------
    Estimate in [0, 2] with p, in length of unit vectors per direction: a gap that is a pure shift
    by Δ reads ‖Δ‖/√d. Lower is a smaller gap; 0 only if the distributions agree.

    Raises
    ------
    CorpusError
        With images or texts in fewer than two groups.

    Notes
    -----
    The root of the mean of W₂² over directions (Bonneel et al. 2015), on whole orthonormal bases
    drawn by the seed, at least 64 directions and at most 512: over a whole basis the part of the
    mean that is due to the shift is exact. The value is the plain figure, which is biased upwards.
    The interval is the block jackknife's of the squared distance, whose bias is of order 1/n,
    widened by what other directions would have given; the root is taken afterwards. A bootstrap
    would add to the bias instead. p: 199 exchanges of the modality on 64 of the directions,
    within pairs where pairs exist, of one text for each image.
    """
    for number, name in ((1, "images"), (2, "texts")):
        if int((view.held & number > 0).sum()) < 2:
            raise CorpusError(
                f"Sliced Wasserstein needs {name} in two groups.", hint="Give more items."
            )
    part = subsample(view, ROWS)
    along = directions(part.image.shape[1], part.seed)
    lines = (along @ part.union.T).astype(np.float64)
    images = len(part.image)
    order = [np.argsort(side, axis=1) for side in (lines[:, :images], lines[:, images:])]
    sides = [lines[:, :images], lines[:, images:]]
    ranked = [np.take_along_axis(*each, axis=1) for each in zip(sides, order, strict=True)]
    kept_rows = (part.group[:images], part.group[images:])

    def squared(keep: NDArray[np.bool_]) -> float:
        x, y = (
            values[keep[group][place]].reshape(len(values), -1)
            for values, place, group in zip(ranked, order, kept_rows, strict=True)
        )
        return float(wasserstein_squared(x, y).mean())

    square = jackknife(squared, part.groups, stratum=part.held, seed=part.seed)
    centre, reach = (square.low + square.high) / 2, (square.high - square.low) / 2
    reach = math.hypot(reach, 1.96 * _error_of_directions(part, ranked, lines))
    return Estimate(
        value=math.sqrt(square.value),
        low=math.sqrt(max(centre - reach, 0.0)),
        high=math.sqrt(max(centre + reach, 0.0)),
        n=part.groups,
        seed=part.seed,
        p=_p(part, lines[:TESTED]),
    )


def directions(dim: int, seed: int = 0) -> NDArray[np.float32]:
    """Return (k, d) float32 unit rows: random orthonormal bases until there are 64, 512 at most."""
    if dim == 1:
        return np.ones((1, 1), dtype=np.float32)
    rng = np.random.default_rng(seed)
    bases = []
    for _ in range(max(1, math.ceil(FEWEST / dim))):
        drawn = rng.normal(size=(dim, min(dim, MOST)))
        bases.append(np.linalg.qr(drawn)[0].T)
    return np.concatenate(bases).astype(np.float32)


def wasserstein_squared(x: F64, y: F64) -> F64:
    """Return W₂² between sorted samples on each line.

    Parameters
    ----------
    x : (k, n) sorted along each row; y : (k, m) likewise

    Returns
    -------
    (k,) float64: the integral of the squared difference of the two quantile functions
    """
    n, m = x.shape[1], y.shape[1]
    if n == m:
        step = x - y
        equal: F64 = np.einsum("ij,ij->i", step, step) / n
        return equal
    # In units of 1/(n·m) the quantiles jump at whole numbers, so none is lost to rounding.
    jumps = np.union1d(np.arange(n) * m, np.arange(m) * n)
    width = np.diff(jumps, append=n * m) / (n * m)
    step = x[:, jumps // m] - y[:, jumps // n]
    squared: F64 = (step * step) @ width
    return squared


def _error_of_directions(view: View, ranked: list[F64], lines: F64) -> float:
    """Return the standard error of the mean over directions.

    The shift's part of each W₂² is known: its mean over all directions is ‖Δ‖²/d, and over k < d
    orthonormal ones it spreads by 2‖Δ‖⁴/d²·(1/k − 1/d). The rest is taken as k free draws.
    """
    count, dim = len(lines), view.image.shape[1]
    if count < 2:
        return 0.0
    images = len(view.image)
    shift = (lines[:, :images].mean(1) - lines[:, images:].mean(1)) ** 2
    rest = (wasserstein_squared(ranked[0], ranked[1]) - shift).var(ddof=1) / count
    gap = view.image.mean(0, dtype=np.float64) - view.text.mean(0, dtype=np.float64)
    mean = float(gap @ gap) / dim
    return math.sqrt(float(rest) + 2 * mean**2 * max(1 / count - 1 / dim, 0.0))


def _p(view: View, lines: F64) -> float:
    sides = exchange(view.text_to_image, len(view.image), len(view.text), view.seed)
    rows = np.concatenate([sides.first, sides.second])
    order = np.argsort(lines[:, rows], axis=1)
    ranked = np.take_along_axis(lines[:, rows], order, axis=1)
    own = np.arange(len(rows)) < len(sides.first)
    called = sides.labels(np.random.default_rng(view.seed), DRAWS)
    figures = np.empty(DRAWS + 1)
    for draw, image in enumerate([own, *called]):
        first = image[order]
        x, y = (ranked[each].reshape(len(ranked), -1) for each in (first, ~first))
        figures[draw] = wasserstein_squared(x, y).mean()
    return permutation_p(float(figures[0]), figures[1:])
