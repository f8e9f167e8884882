"""Find items that are near everything: they crowd the first places of every search."""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays
from dohyo.rows import blocks

BANK = 2_000
NEIGHBOURS = 5
ENTRIES_PER_BLOCK = 8_000_000


def bank(evidence: Evidence) -> dict[str, Any]:
    """Return the rows that stand for the queries to come, at most 2,000 of each modality.

    Returns
    -------
    `image_bank` and `text_bank`, float32 unit rows as the encoder gave them, evenly spread over
    the evidence.
    """
    rows = {}
    for modality in MODALITIES:
        side = evidence.image if modality == "image" else evidence.text
        some = np.linspace(0, side.count - 1, min(side.count, BANK)).round().astype(np.int64)
        rows[f"{modality}_bank"] = side.some(some)
    return rows


def closeness(moved: Any, banks: Arrays) -> Any:
    """Return how near each item is to its nearest queries of either modality.

    Parameters
    ----------
    moved : (n, d) unit rows of items, of any array library
    banks : `image_bank` and `text_bank`, moved as queries are

    Returns
    -------
    (n, 2) float32: mean inner product with the second to sixth nearest image queries, and
    likewise for text queries. The nearest is left out, because for an item of the fit it is
    itself or its own counterpart.

    Notes
    -----
    The penalty of cross-domain similarity local scaling (Lample et al., ICLR 2018) and of
    nearest-neighbour normalisation (Chowdhury et al., arXiv 2410.24114), for both kinds of query.
    """
    xp = array_namespace(moved)
    columns = []
    for modality in MODALITIES:
        queries = banks[f"{modality}_bank"]
        deep = min(NEIGHBOURS + 1, queries.shape[0])
        parts = [
            _mean_after_first(moved[block] @ queries.T, deep)
            for block in blocks(moved.shape[0], max(1, ENTRIES_PER_BLOCK // queries.shape[0]))
        ]
        columns.append(xp.concat(parts))
    return xp.stack(columns, axis=1)


def _mean_after_first(scores: Any, deep: int) -> Any:
    """Return the mean of each row's best scores without the very best, or that one if alone."""
    xp = array_namespace(scores)
    if isinstance(scores, np.ndarray):
        scores.partition(scores.shape[1] - deep, axis=1)
        best = scores[:, -deep:]
    else:
        best = xp.sort(scores, axis=1)[:, -deep:]
    first = xp.max(best, axis=1)
    return (xp.sum(best, axis=1) - first) / (deep - 1) if deep > 1 else first
