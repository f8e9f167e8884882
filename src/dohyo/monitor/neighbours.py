"""Who is next to whom in a batch: on a few hundred of its rows, in a few milliseconds."""

import numpy as np

from dohyo.engine.topk import topk
from dohyo.measures.hubness_within import skewness
from dohyo.rows import F32

NEIGHBOURS = 10
ROWS = 250
"""Of each modality: neighbourhoods depend on how many there are, so as a rule they are as many."""
LEAST = 2 * NEIGHBOURS + 1


def neighbourhood(image: F32, text: F32) -> dict[str, float]:
    """Return how modalities mix, and how unequally items are found; nothing where rows are few.

    Parameters
    ----------
    image, text : (n, d) and (m, d) unit rows

    Returns
    -------
    "mixing" : share of the own modality among the ten nearest, the mean over both, less that
        among all others: 0 where they mix, as in `measures.same_modality_share`
    "hubness" : skewness of how often each item is among the ten nearest of others (Radovanović,
        Nanopoulos & Ivanović 2010), over both modalities together
    """
    image, text = _spread_out(image), _spread_out(text)
    n, m = len(image), len(text)
    if min(n, m) < LEAST:
        return {}
    rows = np.concatenate([image, text])
    scores = rows @ rows.T
    np.fill_diagonal(scores, -2.0)
    nearest = topk(scores, NEIGHBOURS)
    own = ((nearest < n) == (np.arange(n + m) < n)[:, None]).mean(1)
    chance = (n + m - 2) / (n + m - 1) / 2  # the mean of (n − 1) and (m − 1) among n + m − 1
    return {
        "mixing": float((own[:n].mean() + own[n:].mean()) / 2 - chance),
        "hubness": skewness(np.bincount(nearest.ravel(), minlength=n + m)),
    }


def _spread_out(rows: F32) -> F32:
    if len(rows) <= ROWS:
        return rows
    return rows[np.arange(ROWS) * len(rows) // ROWS]
