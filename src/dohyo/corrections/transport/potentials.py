"""The weights that scale a kernel to a transport plan (Sinkhorn 1967; Cuturi 2013)."""

from typing import Any, NamedTuple

from array_api_compat import array_namespace

from dohyo.corrections.transport.kernel import Kernel

TOLERANCE = 1e-6
STEPS = 1_000
STEPS_BETWEEN_LOOKS = 10


class Potentials(NamedTuple):
    """Logarithms of the weights u, v for which u_i K_ij v_j is a plan, and how exact it is.

    Attributes
    ----------
    image, text : (n,) and (m,) float64; the largest is 0, as only differences matter
    error : share by which another round would change the weight of an image, the largest; of an
        exact plan that is |n·Σ_j u_i K_ij v_j − 1|, and the texts' marginals are exact
    steps : rounds made
    """

    image: Any
    text: Any
    error: float
    steps: int


def potentials(kernel: Kernel, unbalanced: float = 0.0) -> Potentials:
    """Scale a positive kernel to uniform marginals, or near them.

    Parameters
    ----------
    unbalanced : r in [0, 1]. 0 asks for uniform marginals. Else a departure costs ρ times its
        Kullback–Leibler divergence, ρ = ε(1 − r)/r, so that what has no counterpart need not be
        coupled as much as the rest; 1 takes the kernel as it is

    Returns
    -------
    Potentials, at an error of 1e-6 or after 1,000 rounds, whichever comes first; `error` says
    what was reached.

    Notes
    -----
    u = (1/(n·Kv))^(1−r) and so on in turn: Sinkhorn 1967, Chizat et al. 2018 (arXiv 1607.05816).
    Plain products in float64: entries are at least e^(−512), so neither they nor the weights,
    which are at most their inverse, leave the range. O(entries) for a round.
    """
    n, m = kernel.shape
    xp = array_namespace(kernel.ones())
    power = 1.0 - unbalanced
    text, error, step = kernel.ones(), float("inf"), 0
    image = (1.0 / (n * kernel.over_texts(text))) ** power
    while error > TOLERANCE and step < STEPS:
        for _ in range(STEPS_BETWEEN_LOOKS):
            before = image
            text = (1.0 / (m * kernel.over_images(image))) ** power
            image = (1.0 / (n * kernel.over_texts(text))) ** power
        step += STEPS_BETWEEN_LOOKS
        error = float(xp.max(xp.abs(before / image - 1.0)))
    image, text = xp.log(before), xp.log(text)
    return Potentials(image - xp.max(image), text - xp.max(text), error, step)
