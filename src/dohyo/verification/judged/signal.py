"""Do judged queries find answers of the other kind better than answers dealt at random?"""

from dataclasses import dataclass

import numpy as np

from dohyo.engine.topk import topk
from dohyo.rows import F32, I64, blocks
from dohyo.stats.permutation import permutation_p
from dohyo.verification.judged.asked import Asked
from dohyo.verification.judged.figures import NDCG, figures
from dohyo.verification.judged.relevance import Relevance
from dohyo.verification.lists import DEPTH, QUERIES_PER_BLOCK

DRAWS = 499
QUERIES = 2_000
"""More would move no p-value that matters, and every draw looks each of their results up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSignal:
    """nDCG@10 among the items of the other kind, and what chance would give.

    Attributes
    ----------
    value : mean over the queries that some item of the other kind answers
    chance : the same with answers dealt anew among queries of the same kind, on average
    p : one-sided p-value
    """

    value: float
    chance: float
    p: float


def judged_signal(asked: Asked, *, seed: int) -> JudgedSignal | None:
    """Test whether there is something to align, on the vectors as they are.

    Answers of the other kind alone are looked at: those of the own kind are found whatever the
    gap. None where there are no such answers.
    """
    relevance = asked.relevance
    across = asked.item_modality[relevance.item] != asked.modality[relevance.asked]
    relevance = relevance.only(across)
    queries = np.flatnonzero(relevance.wanted())
    if not len(queries):
        return None
    rng = np.random.default_rng(seed)
    if len(queries) > QUERIES:
        queries = np.sort(rng.choice(queries, QUERIES, replace=False))
    ranking = _among_others(asked, queries)
    value = _mean(ranking, relevance, queries)
    drawn = np.asarray(
        [_mean(ranking, relevance, _dealt(asked.modality, queries, rng)) for _ in range(DRAWS)]
    )
    return JudgedSignal(value=value, chance=float(drawn.mean()), p=permutation_p(value, drawn))


def _mean(ranking: I64, relevance: Relevance, owner: I64) -> float:
    """Return the mean nDCG of lists read with the answers of other queries, one for each list."""
    return float(figures(ranking, relevance, owner)[NDCG].mean())


def _dealt(modality: I64, queries: I64, rng: np.random.Generator) -> I64:
    dealt = queries.copy()
    for number in (0, 1):
        here = modality[queries] == number
        dealt[here] = rng.permutation(queries[here])
    return dealt


def _among_others(asked: Asked, queries: I64) -> I64:
    """Return the first ten items of the other kind for each query, −1 where there are fewer."""
    ranking = np.full((len(queries), DEPTH), -1, np.int64)
    first = len(asked.corpus.image)
    for number, modality in asked.kinds:
        here = np.flatnonzero(asked.modality[queries] == number)
        rows = asked.rows(queries, modality)
        others: F32 = asked.corpus.unit("text" if number == 0 else "image")
        for block in blocks(len(here), QUERIES_PER_BLOCK):
            best = topk(rows[block] @ others.T, DEPTH)
            ranking[here[block], : best.shape[1]] = best + (first if number == 0 else 0)
    return ranking
