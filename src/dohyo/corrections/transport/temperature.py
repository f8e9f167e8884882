"""How sharply an item listens to the other side: β from the wanted perplexity."""

import math
from typing import Any

from array_api_compat import array_namespace

from dohyo.rows import blocks

MILDEST = 0.01  # a perplexity of half the entries or fewer takes far more
HOTTEST = 256.0  # e^(−2β), the smallest entry a kernel can have, stays a float64
TOLERANCE = 1e-7
ENTRIES_PER_BLOCK = 500_000  # 4 MB: the memory of a block is used again for the next


def temperature(scores: Any, perplexity: float, *, tolerance: float = TOLERANCE) -> float:
    """Find β at which the mean over rows of exp(entropy of softmax(β·scores)) is `perplexity`.

    Parameters
    ----------
    scores : (n, m) floats in [−1, 1], of any library that the array API covers
    perplexity : in [1, max(1, m/2)]
    tolerance : β is right to this share of itself

    Returns
    -------
    β in [0.01, 256]; the end of that range where none inside will do.

    Notes
    -----
    The perplexity falls with β; Brent's method on its logarithm, about ten looks at every entry.
    """

    def excess(log_beta: float) -> float:
        return math.log(mean_perplexity(scores, math.exp(log_beta)) / perplexity)

    low, high = math.log(MILDEST), math.log(HOTTEST)
    if excess(high) >= 0:
        return HOTTEST
    if excess(low) <= 0:
        return MILDEST
    # A quarter of the time that `import dohyo` would take, for one call in a fit.
    from scipy.optimize import brentq

    return math.exp(float(brentq(excess, low, high, xtol=tolerance)))


def mean_perplexity(scores: Any, beta: float) -> float:
    """Return the mean over rows of exp(entropy of softmax(β·scores)), in [1, m]."""
    xp = array_namespace(scores)
    rows, columns = scores.shape
    total = 0.0
    for block in blocks(rows, max(1, ENTRIES_PER_BLOCK // columns)):
        logits = beta * xp.astype(scores[block, :], xp.float64)
        logits = logits - xp.max(logits, axis=1, keepdims=True)
        weight = xp.exp(logits)
        mass = xp.sum(weight, axis=1)
        entropy = xp.log(mass) - xp.vecdot(weight, logits) / mass
        total += float(xp.sum(xp.exp(entropy)))
    return float(total / rows)
