"""How evenly rows fill the sphere: within a modality, and of one seen from the other."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ive

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.side_groups import side_groups
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, I64, blocks
from dohyo.stats.leave_one_out import pair_means

ROWS = 4_000
ROWS_PER_BLOCK = 512
TEMPERATURE = 2.0

F64 = NDArray[np.float64]


def uniformity_image(view: View) -> Estimate:
    """Log mean Gaussian potential of two different images.

    Returns
    -------
    Estimate in [−8, 0], no unit. Lower is more even; 0 says that all images coincide. `uniform`
    is the value of an even sphere; a narrow cone lies far above it.

    Raises
    ------
    CorpusError
        With fewer than three groups.

    Notes
    -----
    log E exp(−2‖x − x′‖²), the uniformity loss with t = 2 of Wang & Isola 2020 (arXiv 2005.10242),
    over pairs of rows from different groups (two captions of one picture are no independent
    pair; with one text each this is the paper's figure). A U-statistic: unbiased before the
    logarithm, so delete-one-group jackknife about the figure itself. On at most 4,000 rows of a
    side; scores are formed 512 rows at a time.
    """
    return _within(view, 0)


def uniformity_text(view: View) -> Estimate:
    """Log mean Gaussian potential of two texts of different groups: see `uniformity_image`."""
    return _within(view, 1)


def uniformity_cross(view: View) -> Estimate:
    """Log mean Gaussian potential of an image and a text of another group.

    Returns
    -------
    Estimate in [−8, 0], no unit. Compare with `own`, the value within a modality: what lies
    below is the gap (the difference of the means before the logarithm is half the MMD²).

    Raises
    ------
    CorpusError
        If no image and text of different groups are left when a group is taken out.

    Notes
    -----
    As `uniformity_image`, over an image and a text that are no pair.
    """
    part = subsample(view, ROWS)
    images = len(part.image)
    group = part.group
    there, back = potential(part.image, part.text, group[:images], group[images:])
    touching = np.bincount(group, np.concatenate([there, back]), part.groups)
    image_rows = np.bincount(group[:images], minlength=part.groups)
    text_rows = np.bincount(group[images:], minlength=part.groups)
    pairs = image_rows * (len(part.text) - text_rows) + text_rows * (images - image_rows)
    return pair_means(
        touching[:, None].astype(np.float64),
        pairs.astype(np.float64),
        _logarithm,
        stratum=part.held,
        seed=view.seed,
        inside=(-4 * TEMPERATURE, 0.0),
    )


def uniform(view: View) -> float:
    """Return the value on an even sphere of this dimension, log E exp(4⟨x, y⟩ − 4)."""
    half, scale = view.image.shape[1] / 2, 2 * TEMPERATURE
    order = half - 1
    bessel = float(ive(order, scale))
    if bessel < 1e-280:  # so many dimensions that all scores are next to 0
        return float(scale * scale / (4 * half) - scale)
    return float(gammaln(half) - order * np.log(scale / 2) + np.log(bessel))


def own(view: View) -> float:
    """Return what the cross figure is without a gap: the mean within the modalities."""
    inside = []
    for number in (0, 1):
        try:
            inside.append(_within(view, number).value)
        except CorpusError:
            continue
    return float(np.log(np.mean(np.exp(inside)))) if inside else uniform(view)


def potential(x: F32, y: F32, group_x: I64, group_y: I64) -> tuple[F64, F64]:
    """Sum exp(−2‖x − y‖²) over the rows of the other side that are of another group.

    Parameters
    ----------
    x : (n, d) float32 unit rows; y : (m, d); group_x : (n,); group_y : (m,)

    Returns
    -------
    (n,) sums of each row of x, (m,) sums of each row of y
    """
    there, back = np.empty(len(x)), np.zeros(len(y))
    for block in blocks(len(x), ROWS_PER_BLOCK):
        near = x[block] @ y.T
        np.exp(2 * TEMPERATURE * np.minimum(near, 1) - 2 * TEMPERATURE, out=near)
        near[group_x[block, None] == group_y] = 0.0
        there[block] = near.sum(1, dtype=np.float64)
        back += near.sum(0, dtype=np.float64)
    return there, back


def _within(view: View, number: int) -> Estimate:
    part = subsample(view, ROWS)
    rows, group, groups = side_groups(part, number)
    if groups < 3:
        raise CorpusError("Uniformity needs three groups.", hint="Give more items.")
    size = np.bincount(group).astype(np.float64)
    touching = np.bincount(group, potential(rows, rows, group, group)[0])
    return pair_means(
        touching[:, None].astype(np.float64),
        size * (len(rows) - size),
        _logarithm,
        seed=view.seed,
        inside=(-4 * TEMPERATURE, 0.0),
    )


def _logarithm(mean: F64) -> F64:
    figure: F64 = np.minimum(np.log(mean[..., 0]), 0.0)
    return figure
