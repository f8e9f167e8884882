"""Is the graph between images and texts one piece, or nearly falls apart?"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife

ROWS = 1_000
BLOCKS = 10
WIDEST = 30.0
LEAST = 4

F64 = NDArray[np.float64]


def laplacian_gap(view: View) -> Estimate:
    """Spectral gap of the graph that joins images to texts by their score.

    Returns
    -------
    Estimate in [0, 1]. 1: every image is as near to every text as any other; 0: the graph falls
    into parts with their own images and texts. Well below 1 means that scores across
    the modalities tell topics apart. A shift between the centres scales all weights alike and
    does *not* show.

    Raises
    ------
    CorpusError
        With fewer than four items of a kind.

    Notes
    -----
    1 − σ₂ of D_x^−½ K D_y^−½, K = exp((x·y − mean)/sd), mean and standard deviation being those of
    all such scores, so that encoders with narrow and wide cones compare (scores beyond 30 sd are
    cut there). A pair's own edge is left out: it would outweigh the rest, the more the fewer the
    rows. It is the second smallest eigenvalue of the normalised Laplacian of the bipartite
    graph (Chung 1997; co-clustering: Dhillon 2001). σ₂ of a sample is too large, and what the
    vectors of one half reach on the other too small: the interval spans the limits of halves
    and quarters and that second figure, widened by the jackknife's error (ten blocks). On
    at most 1,000 rows of a side. No pairs needed.
    """
    part = subsample(view, ROWS)
    images = len(part.image)
    if min(images, len(part.text)) < LEAST:
        raise CorpusError(
            f"The graph of images and texts needs {LEAST} of each.", hint="Give more items."
        )
    score = (part.image @ part.text.T).astype(np.float64)
    strangers = part.group[:images, None] != part.group[images:]

    def gap(keep: NDArray[np.bool_]) -> float:
        rows = keep[part.group]
        if not rows[:images].any() or not rows[images:].any():
            raise CorpusError(
                "An interval needs images in two groups and texts in two.", hint="Give more items."
            )
        some = np.ix_(rows[:images], rows[images:])
        return spectral_gap(score[some], strangers[some])

    whole = jackknife(gap, part.groups, stratum=part.held, seed=part.seed, blocks=BLOCKS, bent=True)
    reach = (whole.high - whole.low) / 2
    found = 1.0 - held_out(score, strangers, *_halves(part))
    high = max(whole.high, found + reach)
    return replace(whole, low=min(max(whole.low, 0.0), 1.0), high=min(max(high, 0.0), 1.0))


def _halves(part: View) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which images and which texts are in the first half of the groups."""
    order = np.random.default_rng(part.seed).permutation(part.groups)
    order = order[np.argsort(part.held[order], kind="stable")]
    first = np.zeros(part.groups, dtype=np.bool_)
    first[order[::2]] = True
    rows = first[part.group]
    return rows[: len(part.image)], rows[len(part.image) :]


def held_out(
    score: F64,
    strangers: NDArray[np.bool_],
    image: NDArray[np.bool_],
    text: NDArray[np.bool_],
) -> float:
    """Return σ₂ as the vectors of one half reach it on the other, the mean of both ways.

    σ₂ is the largest correlation, over pairs drawn by their weight, of a function of the image
    with one of the text; functions found elsewhere reach less.
    """
    weight = affinity(score, strangers)
    reached = []
    for x, y in ((image, text), (~image, ~text)):
        learn = weight[np.ix_(x, y)]
        left, right = learn.sum(1), learn.sum(0)
        if not (left.any() and right.any()):
            return 0.0
        left, right = np.sqrt(np.where(left > 0, left, 1)), np.sqrt(np.where(right > 0, right, 1))
        u, _, v = np.linalg.svd(learn / left[:, None] / right, full_matrices=False)
        if u.shape[1] < 2:
            return 0.0
        f, g = weight[np.ix_(~x, y)] @ (v[1] / right), weight[np.ix_(x, ~y)].T @ (u[:, 1] / left)
        f /= np.maximum(weight[np.ix_(~x, y)].sum(1), 1e-300)
        g /= np.maximum(weight[np.ix_(x, ~y)].sum(0), 1e-300)
        reached.append(_correlation(weight[np.ix_(~x, ~y)], f, g))
    return float(np.mean(reached))


def _correlation(weight: F64, f: F64, g: F64) -> float:
    """Return the correlation of f (n,) with g (m,) over pairs drawn by their weight (n, m)."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    row, column = weight.sum(1) / total, weight.sum(0) / total
    f, g = f - row @ f, g - column @ g
    spread = float((row @ f**2) * (column @ g**2))
    return float(f @ weight @ g) / total / spread**0.5 if spread > 1e-30 else 0.0


def affinity(score: F64, strangers: NDArray[np.bool_]) -> F64:
    """Return exp of the standardised scores, 0 within pairs, (n, m).

    Where the scores are one number all weights are 1.
    """
    count = max(int(strangers.sum()), 1)
    mean = float(score.sum(where=strangers)) / count
    spread = float(np.sqrt(np.square(score - mean).sum(where=strangers) / count))
    if spread < 1e-7:  # the rounding of float32 products
        return strangers.astype(np.float64)
    weight: F64 = np.exp(np.clip((score - mean) / spread, -WIDEST, WIDEST)) * strangers
    return weight


def spectral_gap(score: F64, strangers: NDArray[np.bool_]) -> float:
    """Return 1 − σ₂ of the normalised affinity of (n, m) scores."""
    weight = affinity(score, strangers)
    left, right = np.sqrt(weight.sum(1)), np.sqrt(weight.sum(0))
    if not left.any():
        raise CorpusError("The graph has no edge between groups.", hint="Give more items.")
    # An item whose only partner is its own pair has no edge, and no say.
    weight /= np.where(left > 0, left, 1.0)[:, None]
    weight /= np.where(right > 0, right, 1.0)
    # The first singular value is 1, its vectors the roots of the degrees: taken off.
    weight -= np.outer(left / np.linalg.norm(left), right / np.linalg.norm(right))
    if weight.shape[0] > weight.shape[1]:
        weight = weight.T
    if len(weight) < 50:
        second = float(np.linalg.norm(weight, 2))
    else:
        square = LinearOperator(
            (len(weight), len(weight)), matvec=lambda v: weight @ (v @ weight), dtype=np.float64
        )
        start = np.random.default_rng(0).normal(size=len(weight))
        if float(np.linalg.norm(weight)) < 1e-9:  # nothing left: ARPACK has no start
            return 1.0
        value = eigsh(square, k=1, v0=start, tol=1e-6, return_eigenvectors=False)[0]
        second = float(np.sqrt(max(value, 0.0)))
    return float(np.clip(1.0 - second, 0.0, 1.0))


def one_piece(view: View) -> float:
    """Return the value of a graph in which all weights are equal."""
    return 1.0
