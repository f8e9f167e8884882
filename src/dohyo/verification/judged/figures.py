"""What a ranking of judged items is worth, query by query."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import I64
from dohyo.verification.judged.relevance import UNJUDGED, Relevance
from dohyo.verification.retrieval import DISCOUNT

F64 = NDArray[np.float64]
NDCG, RECALL, RECIPROCAL, UNJUDGED_SHARE = (
    "judged_ndcg_at_10",
    "judged_recall_at_10",
    "judged_reciprocal_rank_at_10",
    "unjudged_share",
)


def figures(ranking: I64, relevance: Relevance, owner: I64 | None = None) -> Mapping[str, F64]:
    """Return nDCG, recall and reciprocal rank of the first ten, and the share not judged.

    Parameters
    ----------
    ranking : (q, 10) items, best first; −1 where a list is shorter
    owner : (q,) the query whose judgements each list is read with; its own if left out

    Returns
    -------
    (q,) each, NaN for a query that nothing answers, except the share not judged.

    Notes
    -----
    Gains are the grades themselves and the discount is log2, as in trec_eval (Järvelin &
    Kekäläinen 2002); an item of grade 1 or more is relevant, one that was not judged is not.
    """
    queries = np.arange(len(ranking)) if owner is None else owner
    grade = relevance.grades(queries[:, None], ranking)
    gain = np.maximum(grade, 0)
    hit = gain > 0
    wanted = relevance.wanted()[queries]
    there = (ranking >= 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ndcg = (gain * DISCOUNT).sum(axis=1) / (relevance.ideal()[queries] * DISCOUNT).sum(axis=1)
        recall = hit.sum(axis=1) / wanted
    first = np.where(hit.any(axis=1), 1.0 / (1 + hit.argmax(axis=1)), 0.0)
    return {
        NDCG: ndcg,
        RECALL: recall,
        RECIPROCAL: np.where(wanted > 0, first, np.nan),
        UNJUDGED_SHARE: ((grade == UNJUDGED) & (ranking >= 0)).sum(axis=1) / np.maximum(there, 1),
    }
