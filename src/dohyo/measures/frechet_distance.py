"""The distance between the two clouds as Gaussians: shift and shape together."""

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.moments import Moments, moments, root
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife

SHRINKAGE = 0.1
BLOCKS = 10


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
    the plain one is singular. The bias of order 1/n, large here, is taken out of the interval
    by the jackknife; the value is the plain figure. No pairs needed.
    """

    def distance(keep: NDArray[np.bool_]) -> float:
        image, text = view.split(keep)
        return frechet(moments(image), moments(text))

    return jackknife(
        distance, view.groups, stratum=view.held, seed=view.seed, blocks=BLOCKS, floor=0.0
    )


def frechet(x: Moments, y: Moments, shrinkage: float = SHRINKAGE) -> float:
    """Return the squared Fréchet distance between two sets of moments."""
    step = x.mean - y.mean
    half = x.shrunk(shrinkage, root)
    middle = half @ y.shrunk(shrinkage, lambda values: values) @ half
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(middle), 0.0)).sum()
    spread = np.trace(x.covariance) + np.trace(y.covariance) - 2.0 * cross
    return float(step @ step + max(spread, 0.0))
