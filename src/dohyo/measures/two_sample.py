"""The unbiased distance of two samples under a kernel: what MMD² and energy distance share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.exchange import Exchange, exchange
from dohyo.stats.permutation import permutation_p

F64 = NDArray[np.float64]
DRAWS = 999


def kernel_distance(kernel: F64, view: View, *, name: str) -> Estimate:
    """Return mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y) with interval and p.

    Parameters
    ----------
    kernel : (n + m, n + m) symmetric, of the rows of `view.union`; overwritten
    view : tells the images from the texts, and which rows form a group
    name : for the reason when there are too few rows

    Raises
    ------
    CorpusError
        With images or texts in fewer than three groups.

    Notes
    -----
    Each mean runs over pairs of rows of *different* groups, for an item and its caption are not
    two draws: a U-statistic over groups, unbiased. (For row by row pairs it is Gretton et al.'s
    sum of h(z_i, z_j) over i ≠ j; without pairs, their two-sample form.) The interval is the
    delete-one-group jackknife, in closed form from the kernel's row sums, within each kind of
    group; the quantile is t's. Without a gap the U-statistic is degenerate and the jackknife's
    variance twice too large: the interval is then too wide, never too narrow. It is cut at 0,
    below which no true distance lies, though the unbiased figure may.
    """
    for side in ("image", "text"):
        held = int((view.held & (1 if side == "image" else 2) > 0).sum())
        if held < 3:
            raise CorpusError(
                f"{name} needs {side}s in three groups, there are {held}.", hint="Give more items."
            )
    kernel[view.group[:, None] == view.group] = 0.0
    sums = _GroupSums.of(kernel, view)
    value, without = sums.distance(), sums.distance_without_each()
    reach = _t_quantile(view) * float(np.sqrt(_jackknife_variance(without, view.held)))
    return Estimate(
        value=value,
        low=max(value - reach, 0.0),
        high=max(value + reach, 0.0),
        n=view.groups,
        seed=view.seed,
        p=_p(kernel, view),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _GroupSums:
    """What each group adds to the three sums over pairs of rows of different groups, (groups,).

    `xy` is a group's images against others' texts, `yx` its texts against others' images;
    `a` and `b` count its images and texts.
    """

    xx: F64
    xy: F64
    yx: F64
    yy: F64
    a: F64
    b: F64

    @classmethod
    def of(cls, kernel: F64, view: View) -> "_GroupSums":
        images, groups = len(view.image), view.groups
        to_images, to_texts = kernel[:, :images].sum(1), kernel[:, images:].sum(1)
        own, other = view.group[:images], view.group[images:]

        def by_group(group: NDArray[np.int64], of: F64) -> F64:
            return np.bincount(group, of, groups).astype(np.float64, copy=False)

        return cls(
            xx=by_group(own, to_images[:images]),
            xy=by_group(own, to_texts[:images]),
            yx=by_group(other, to_images[images:]),
            yy=by_group(other, to_texts[images:]),
            a=by_group(own, np.ones(images)),
            b=by_group(other, np.ones(len(view.text))),
        )

    def distance(self) -> float:
        return float(self._distance(0.0, 0.0, 0.0, 0.0, 0.0))

    def distance_without_each(self) -> F64:
        return self._distance(self.xx, self.xy + self.yx, self.yy, self.a, self.b)

    def _distance(
        self, xx: F64 | float, xy: F64 | float, yy: F64 | float, a: F64 | float, b: F64 | float
    ) -> F64:
        """Return the distance with these parts taken away; rows of other groups lose theirs too."""
        n, m = self.a.sum() - a, self.b.sum() - b
        within_x = (self.xx.sum() - 2 * xx) / (n**2 - (self.a**2).sum() + a * a)
        within_y = (self.yy.sum() - 2 * yy) / (m**2 - (self.b**2).sum() + b * b)
        across = (self.xy.sum() - xy) / (n * m - (self.a * self.b).sum() + a * b)
        difference: F64 = np.asarray(within_x + within_y - 2 * across)
        return difference


def _jackknife_variance(without: F64, held: NDArray[np.int64]) -> float:
    """Return Σ (n−1)/n Σ (θ₍₋ᵢ₎ − mean)² within the kinds of groups; over all, if one is alone."""
    kind = np.unique(held, return_inverse=True)[1]
    if np.bincount(kind).min() < 2:
        kind = np.zeros_like(kind)
    size = np.bincount(kind)
    centre = np.bincount(kind, without) / size
    spread = np.bincount(kind, (without - centre[kind]) ** 2)
    return float(((size - 1) / size * spread).sum())


def _t_quantile(view: View) -> float:
    """Return the 97.5 % quantile, the side that is in fewer groups giving the freedom."""
    fewer = min(int((view.held & 1 > 0).sum()), int((view.held & 2 > 0).sum()))
    return float(stdtrit(fewer - 1, 0.975))


def _p(kernel: F64, view: View) -> float:
    """Return the one-sided permutation p-value; 999 draws and the observed one."""
    sides = exchange(view.text_to_image, len(view.image), len(view.text), view.seed)
    rng = np.random.default_rng(view.seed)
    if sides.paired:
        flips = sides.swaps(rng, DRAWS + 1)
        flips[:, 0] = 1.0
        steps = _steps(kernel, sides)
        figures = np.einsum("ij,ij->j", flips, steps @ flips, dtype=np.float64)
    else:
        called = sides.labels(rng, DRAWS + 1)
        called[0] = np.arange(len(view.union)) < len(view.image)
        figures = _relabelled(kernel, called)
    # Products in float32 leave equal sums unequal in their last bits; a tie must count as one.
    slack = 1e-5 * float(np.abs(figures).max())
    return permutation_p(float(figures[0]) - slack, figures[1:])


def _steps(kernel: F64, sides: Exchange) -> NDArray[np.float32]:
    """Return the products of the pairs' steps from text to image, (pairs, pairs)."""
    x, y = sides.first, sides.second
    across = kernel[np.ix_(x, y)]
    steps = kernel[np.ix_(x, x)] + kernel[np.ix_(y, y)] - across - across.T
    return steps.astype(np.float32)


def _relabelled(kernel: F64, called: NDArray[np.bool_]) -> F64:
    """Return the distance between the rows called images and the others, for each draw."""
    rows, n = len(kernel), int(called[0].sum())
    m = rows - n
    # A constant cancels between the means, but not from the rounding of float32.
    level = kernel.sum() / (rows * (rows - 1))
    centred = (kernel - level).astype(np.float32)
    np.fill_diagonal(centred, 0.0)
    draws = called.T.astype(np.float32)
    within = np.einsum("ij,ij->j", draws, centred @ draws, dtype=np.float64)
    reached = centred.sum(1, dtype=np.float64) @ draws
    rest = centred.sum(dtype=np.float64) - 2 * reached + within
    figures: F64 = within / (n * (n - 1)) + rest / (m * (m - 1)) - 2 * (reached - within) / (n * m)
    return figures
