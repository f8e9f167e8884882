"""The distance between the two clouds as Gaussians: shift and shape together."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.moments import Moments, root
from dohyo.estimate import Estimate
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.sums import Part
from dohyo.measures.view import View
from dohyo.stats.extrapolate import SMALLEST
from dohyo.stats.jackknife import jackknife

SHRINKAGE = 0.1
ROWS_PER_DIMENSION = 1.5


def frechet_distance(view: View) -> Estimate:
    """Squared Fréchet distance between Gaussians fitted to the two modalities.

    Returns
    -------
    Estimate ≥ 0, in squared length of unit vectors. 0 says that mean and covariance agree; the
    part above the squared centroid distance is a difference of shape.

    Notes
    -----
    ‖μx−μy‖² + tr(Cx + Cy − 2(Cx^½ Cy Cx^½)^½) (Dowson & Landau 1982; FID, Heusel et al. 2017),
    each covariance shrunk by λ = 0.1 towards tr(C)/d·I, because with fewer rows than dimensions
    the plain one is singular. The value is the plain figure, which is biased upwards by the
    sample; the interval spans the limits read off halves and quarters of the groups, widened by
    the jackknife's error. With fewer than 1.5 rows for each effective dimension no limit can be
    read off, and the interval runs from the squared centroid distance, which the truth cannot
    be below, to the plain figure, which it cannot be expected above. No pairs needed.
    """

    sums = view.sums

    def distance(keep: NDArray[np.bool_]) -> float:
        part = sums.part(keep)
        return frechet(part.image, part.text)

    whole = jackknife(
        distance,
        sums.blocks,
        seed=view.seed,
        floor=0.0,
        bent=min(len(view.whole.image), len(view.whole.text)) >= SMALLEST,
    )
    whole = replace(whole, n=view.whole_groups)
    if not _too_few_rows(sums.part(np.ones(sums.blocks, dtype=np.bool_))):
        return whole
    below = centroid_distance(view).low ** 2
    return replace(whole, low=min(below, whole.low), high=max(whole.value, whole.high))


def _too_few_rows(part: Part) -> bool:
    return any(
        side.n < ROWS_PER_DIMENSION * side.effective_rank for side in (part.image, part.text)
    )


def frechet(x: Moments, y: Moments, shrinkage: float = SHRINKAGE) -> float:
    """Return the squared Fréchet distance between two sets of moments."""
    step = x.mean - y.mean
    half = x.shrunk(shrinkage, root)
    middle = half @ y.regular(shrinkage) @ half
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(middle), 0.0)).sum()
    spread = np.trace(x.covariance) + np.trace(y.covariance) - 2.0 * cross
    return float(step @ step + max(spread, 0.0))
