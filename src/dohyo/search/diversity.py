"""Hits that do not repeat one another: maximal marginal relevance."""

import numpy as np

from dohyo.rows import F32, unit_rows


def diverse(scores: F32, vectors: F32, k: int, diversity: float) -> list[int]:
    """Return the places of k hits, the most relevant first and then whatever adds most.

    Each step takes the hit with the largest (1−λ)·score − λ·(largest cosine with one taken):
    Carbonell & Goldstein 1998, equation 1, λ there being 1−λ here.

    Parameters
    ----------
    scores : (n,) of the hits
    vectors : (n, d) of the hits
    diversity : λ in [0, 1]; 0 keeps the order of the scores

    Returns
    -------
    min(k, n) places
    """
    unit = unit_rows(vectors)
    nearest = np.full(len(scores), -np.inf, np.float32)
    left = np.ones(len(scores), bool)
    taken: list[int] = []
    for _ in range(min(k, len(scores))):
        overlap = np.where(np.isfinite(nearest), nearest, 0.0)
        worth = np.where(left, (1 - diversity) * scores - diversity * overlap, -np.inf)
        best = int(np.argmax(worth))
        taken.append(best)
        left[best] = False
        nearest = np.maximum(nearest, unit @ unit[best])
    return taken
