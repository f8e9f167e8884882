"""The components of the graph that joins images to texts: bias, signal and noise."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from dohyo.corrections.transport.kernel import DenseKernel
from dohyo.corrections.transport.potentials import Potentials, potentials
from dohyo.engine.moments import F64

FAINTEST = 1e-4  # of the strongest; below, a squared matrix in float64 gives no direction
CHANCE = 2.0  # standard deviations
SEED = 0


class Components(NamedTuple):
    """Singular values (r,), strongest first, and singular vectors (n, r) and (m, r)."""

    value: F64
    image: F64
    text: F64


class Decomposition(NamedTuple):
    """A graph in its components, the trivial one left out.

    Attributes
    ----------
    components : at most min(n−1, m−1, most)
    potentials : that scale the affinities to a plan
    energy : sum of all squared singular values but the trivial one's, which is 1
    """

    components: Components
    potentials: Potentials
    energy: float


def decompose(affinity: F64, most: int) -> Decomposition:
    """Find the strongest components of a graph.

    Parameters
    ----------
    affinity : (n, m), positive
    most : how many at most

    Notes
    -----
    The affinity is scaled by Sinkhorn to the plan P of uniform marginals; P√(nm) − 1/√(nm) = UΣVᵀ.
    What is subtracted is the trivial component, σ = 1 and the same for all items. In the
    graph's Laplacian it stands for two: what all items share, and the modality's sign. By the
    squared matrix of the smaller side, O(n·m·min(n, m)).
    """
    n, m = affinity.shape
    weight = potentials(DenseKernel(affinity))
    plan = np.exp(weight.image)[:, None] * affinity * np.exp(weight.text)
    plan *= np.sqrt(n * m) / plan.sum()
    plan -= 1.0 / np.sqrt(n * m)
    return Decomposition(_strongest(plan, most), weight, float((plan * plan).sum()))


def reproduced(affinity: F64, most: int) -> int:
    """Count the components of one half of the items that the other half bears out.

    Returns
    -------
    At most half of the components there are: with all items more may be signal. The halves are
    drawn by a fixed seed.

    Notes
    -----
    The components of one half are extended to the other (Nyström), and each is freed of what
    stronger ones explain. Its values f for images and g for texts have the correlation
    Σ_ij P_ij f_i g_j there, P being that half's own plan. It counts when the mean of both ways is
    beyond two standard deviations of what unrelated f and g would have, √(Σσ²/(n·m)) each way.
    """
    n, m = affinity.shape
    if min(n, m) < 4:
        return 0
    rng = np.random.default_rng(SEED)
    image, text = rng.permutation(n) < n // 2, rng.permutation(m) < m // 2
    there, there_error = _borne_out(affinity, image, text, most)
    back, back_error = _borne_out(affinity, ~image, ~text, most)
    shared = min(len(there), len(back))
    reach = there[:shared] + back[:shared]
    return int((reach > CHANCE * np.hypot(there_error, back_error)).sum())


def _strongest(plan: F64, most: int) -> Components:
    if plan.shape[0] > plan.shape[1]:
        flipped = _strongest(plan.T, most)
        return Components(flipped.value, flipped.text, flipped.image)
    n, m = plan.shape
    most = min(most, n - 1)
    if most < 1:
        return Components(np.empty(0), np.empty((n, 0)), np.empty((m, 0)))
    squared, image = eigh(plan @ plan.T, subset_by_index=[n - most, n - 1])
    value = np.sqrt(np.maximum(squared[::-1], 0.0))
    # Where all rows are alike, only rounding is left of the plan.
    clear = value > max(FAINTEST * float(value[0]), 1e-6)
    value, image = value[clear], image[:, ::-1][:, clear]
    return Components(value, image, plan.T @ image / value)


def _borne_out(
    affinity: F64, image: NDArray[np.bool_], text: NDArray[np.bool_], most: int
) -> tuple[F64, float]:
    """Return each component's correlation in the other half, and its standard error."""
    learnt = decompose(affinity[np.ix_(image, text)], most)
    other = affinity[np.ix_(~image, ~text)]
    weight = potentials(DenseKernel(other))
    plan = np.exp(weight.image)[:, None] * other * np.exp(weight.text)
    plan *= np.sqrt(plan.size) / plan.sum()
    here = affinity[np.ix_(~image, text)] * np.exp(learnt.potentials.text)
    there = affinity[np.ix_(image, ~text)].T * np.exp(learnt.potentials.image)
    f, g = _spread(here, learnt.components.text), _spread(there, learnt.components.image)
    energy = float(((plan - 1.0 / np.sqrt(plan.size)) ** 2).sum())
    shared = min(f.shape[1], g.shape[1])
    reach = np.einsum("ir,ir->r", f[:, :shared], (plan @ g)[:, :shared])
    return reach, float(np.sqrt(energy / plan.size))


def _spread(mass: F64, values: F64) -> F64:
    """Return the weighted mean of values for each row of mass, columns centred and orthonormal.

    What a column has in common with a stronger one is taken off, or faint components would live
    on what they borrow from strong ones.
    """
    mean = mass @ values / mass.sum(axis=1, keepdims=True)
    basis, triangle = np.linalg.qr(mean - mean.mean(axis=0))
    turned: F64 = basis * np.sign(np.diagonal(triangle))
    return turned
