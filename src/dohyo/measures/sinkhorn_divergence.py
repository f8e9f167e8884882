"""How far one cloud must be carried to become the other, with the plan a little blurred."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.distances import squared_distances
from dohyo.measures.entropic_transport import transport, transport_to_itself
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife
from dohyo.stats.together import together

F64 = NDArray[np.float64]
ROWS = 1_000  # of a side
BLOCKS = 10
BLUR = 0.25
ALONE = 0.125


def sinkhorn_divergence(view: View, epsilon: float | None = None) -> Estimate:
    """Debiased entropic transport cost between the modalities, squared Euclidean.

    Parameters
    ----------
    view : no pairs needed; above 1,000 rows of a side a seeded draw of whole groups is used
    epsilon : the blur ε; left out, a quarter of the mean squared distance between rows of the union

    Returns
    -------
    Estimate in [0, 4], in squared length of unit vectors. A pure shift by Δ reads ‖Δ‖²; what lies
    above the squared centroid distance is a difference of shape. Lower is a smaller gap.

    Raises
    ------
    CorpusError
        With images or texts in fewer than two groups.

    Notes
    -----
    OT_ε(x, y) − ½OT_ε(x, x) − ½OT_ε(y, y) with ε·KL(plan | product of the marginals) in each
    (Feydy et al. 2019, arXiv 1810.08278; Genevay et al. 2018, arXiv 1706.00292, leave the
    entropy out of the figure). The value is the plain figure, which is biased upwards, the more
    so the smaller ε. The interval is the block jackknife's at the ε used, spanning the limits
    read off halves and quarters of the groups; a bootstrap would add to the bias. All these
    problems are solved at once, each from the whole corpus's potentials. Where on
    average more than an eighth of a row's blurred mass stays on itself, rows are too few for the
    blur and no limit can be read off: the interval then runs from the squared centroid distance,
    which the truth cannot be below (a shift by Δ adds ‖Δ‖² exactly, and what is left is not
    negative), to the plain figure, which it cannot be expected above.
    """
    for number, name in ((1, "images"), (2, "texts")):
        if int((view.held & number > 0).sum()) < 2:
            raise CorpusError(
                f"The Sinkhorn divergence needs {name} in two groups.", hint="Give more items."
            )
    part = subsample(view, ROWS)
    images = len(part.image)
    cost = squared_distances(part.union)
    blur = epsilon_of(cost) if epsilon is None else epsilon

    def divergences(masks: NDArray[np.bool_]) -> F64:
        kept = masks[:, part.group].T.astype(np.float64)
        x, y = (side / side.sum(0) for side in (kept[:images], kept[images:]))
        return divergence(cost, x, y, blur)

    whole = together(
        divergences,
        partial(
            jackknife,
            groups=part.groups,
            stratum=part.held,
            seed=part.seed,
            blocks=BLOCKS,
            floor=0.0,
            bent=True,
        ),
    )
    sides = (cost[:images, :images], cost[images:, images:])
    if max(own_share(side, blur) for side in sides) > ALONE:
        below = centroid_distance(part).low ** 2
        return replace(whole, low=min(below, whole.low), high=max(whole.value, whole.high))
    return whole


def own_share(cost: F64, epsilon: float) -> float:
    """Return how much of the blurred mass of a row stays on itself, in (0, 1], averaged over rows.

    Near 1 every row is alone within the blur, and what is measured is the sample, not the cloud.
    """
    return float((1.0 / np.exp(-cost / epsilon).sum(1)).mean())


def epsilon_of(cost: F64) -> float:
    """Return a quarter of the mean squared distance between rows; 1 where all rows are equal."""
    mean = float(cost.sum()) / (len(cost) * max(len(cost) - 1, 1))
    return BLUR * mean if mean > 0 else 1.0


def divergence(cost: F64, x: F64, y: F64, epsilon: float) -> F64:
    """Return the divergence for several weightings of the rows at once.

    Parameters
    ----------
    cost : (n + m, n + m) squared distances within the union
    x : (n, k) weights of the first n rows, each column summing to 1; y : (m, k) of the others
    epsilon : ε > 0

    Returns
    -------
    (k,) float64
    """
    n = len(x)
    across = transport(cost[:n, n:], x, y, epsilon)
    within_x = transport_to_itself(cost[:n, :n], x, epsilon)
    within_y = transport_to_itself(cost[n:, n:], y, epsilon)
    between: F64 = across - within_x / 2 - within_y / 2
    return between
