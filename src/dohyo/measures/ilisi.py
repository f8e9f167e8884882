"""How mixed the kinds are around an item, near neighbours counting more."""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.search import Search
from dohyo.measures.view import View
from dohyo.stats.median import median

F64 = NDArray[np.float64]
SMALLEST = 6
STEPS = 50
TOLERANCE = 1e-5
DEALS = 5


def ilisi(view: View) -> Estimate:
    """Integration local inverse Simpson index with the modality as the batch, scaled.

    Returns
    -------
    Estimate in [0, 1], the median over the items. 0: among the neighbours of half of all items
    there is nothing of the other kind; 1: both kinds are there in equal parts. Compare with
    `well_mixed`: with unequally many images and texts even perfect mixing stays below 1.

    Raises
    ------
    CorpusError
        With fewer than six neighbours.

    Notes
    -----
    Korsunsky et al. 2019 (LISI) in the scaled form of Luecken et al. 2022: 1/Σp² − 1, p the share
    of each kind among the nearest (90, perplexity a third of that), weighted exp(−β·distance)
    with β set for each item by the perplexity; median over items. The interval is Woodruff's for
    a median, clustered by group, the neighbours held fixed: redrawing rows would put copies of
    an item next to itself. It speaks of corpora of this size.
    """
    search = _enough(view.search)
    spread = inverse_simpson(search, search.index >= search.images) - 1.0
    return median(spread, search.group, weight=standing_for(search), seed=view.seed)


def well_mixed(view: View) -> float:
    """Return iLISI with the kinds dealt at random to the same items, averaged over five deals."""
    search = _enough(view.search)
    rng = np.random.default_rng(view.seed)
    kind = np.arange(search.images + search.texts) >= search.images
    figures = [
        median(
            inverse_simpson(search, rng.permutation(kind)[search.index]) - 1.0,
            search.group,
            weight=standing_for(search),
        ).value
        for _ in range(DEALS)
    ]
    return float(np.mean(figures))


def standing_for(search: Search) -> F64:
    """Return how many rows of the corpus each query stands for, (q,)."""
    sizes = np.array([search.images, search.texts], dtype=np.float64)
    asked = np.maximum(np.bincount(search.modality, minlength=2), 1)
    weight: F64 = (sizes / asked)[search.modality]
    return weight


def inverse_simpson(search: Search, text: NDArray[np.bool_]) -> F64:
    """Return 1/Σp² of each query, in [1, 2]; `text` says which neighbours are texts, (q, K)."""
    distance = np.sqrt(np.maximum(2.0 - 2.0 * search.similarity.astype(np.float64), 0.0))
    share = (neighbour_weights(distance, distance.shape[1] // 3) * text).sum(1)
    value: F64 = 1.0 / (share**2 + (1.0 - share) ** 2)
    return value


def neighbour_weights(distance: F64, perplexity: float) -> F64:
    """Return weights exp(−β·distance) of rows that sum to 1 and have this perplexity, (q, K).

    β is found by doubling and bisection, at most 50 steps, to 1e-5 of the logarithm, as scib does.
    Where more neighbours coincide than the perplexity, they share the weight alike.
    """
    away = distance - distance.min(axis=1, keepdims=True)  # the weights do not see a shift
    wanted = np.log(perplexity)
    beta, low, high = np.ones(len(away)), np.zeros(len(away)), np.full(len(away), np.inf)
    active = np.arange(len(away))
    for _ in range(STEPS):
        weight = np.exp(-away[active] * beta[active, None])
        total = weight.sum(1)
        entropy = np.log(total) + beta[active] * (away[active] * weight).sum(1) / total
        over = entropy > wanted
        open_ = np.abs(entropy - wanted) >= TOLERANCE
        active, over = active[open_], over[open_]
        if not len(active):
            break
        low[active] = np.where(over, beta[active], low[active])
        high[active] = np.where(over, high[active], beta[active])
        unbounded = np.isinf(high[active])
        middle = (low[active] + np.where(unbounded, 0.0, high[active])) / 2
        beta[active] = np.where(unbounded, 2.0 * beta[active], middle)
    weight = np.exp(-away * beta[:, None])
    result: F64 = weight / weight.sum(1, keepdims=True)
    return result


def _enough(search: Search) -> Search:
    if search.index.shape[1] < SMALLEST:
        raise CorpusError(
            f"iLISI needs {SMALLEST + 1} items, there are {search.index.shape[1] + 1}.",
            hint="Give more items.",
        )
    return search
