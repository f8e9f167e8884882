"""One mixed ranking for each query, and what it is worth."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import F32, I64, blocks
from dohyo.engine.topk import topk

DEPTH = 10
QUERIES_PER_BLOCK = 512
DISCOUNT = 1.0 / np.log2(np.arange(2, DEPTH + 2))
F64 = NDArray[np.float64]

METRICS = (
    "mixed_ndcg_at_10",
    "mixed_recall_at_1",
    "mixed_recall_at_10",
    "cross_share",
    "recall_at_1",
    "recall_at_10",
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Gallery:
    """What can be found.

    Attributes
    ----------
    rows : (g, d) float32 unit vectors
    group : (g,) group of each item
    modality : (g,) 0 for an image, 1 for a text
    """

    rows: F32
    group: I64
    modality: I64


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Queries(Gallery):
    """Who asks; `itself` is each one's own place in the gallery, or None if they are not in it."""

    itself: I64 | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Ranked:
    """Figures of each query; NaN where the gallery holds no counterpart to find.

    Attributes
    ----------
    group, modality : (q,) of each query
    base_rate : (q,) share of the other modality among what can be found
    cross_at_rank : (q, 10) whether the item at each rank is of the other modality
    mixed_ndcg_at_10, mixed_recall_at_1, mixed_recall_at_10, cross_share : (q,) of the mixed list
    recall_at_1, recall_at_10 : (q,) of the list restricted to the other modality
    """

    group: I64
    modality: I64
    base_rate: F64
    cross_at_rank: F64
    mixed_ndcg_at_10: F64
    mixed_recall_at_1: F64
    mixed_recall_at_10: F64
    cross_share: F64
    recall_at_1: F64
    recall_at_10: F64

    def metric(self, name: str) -> F64:
        """Return one of `METRICS` by name, (q,)."""
        figure: F64 = getattr(self, name)
        return figure


def rank(queries: Queries, gallery: Gallery) -> Ranked:
    """Rank the whole gallery for each query and score the first ten.

    A gallery item is relevant when it is of the other modality and the same group. Binary gains,
    log2 discount, ideal list cut at ten (design, section 6; Järvelin & Kekäläinen 2002).

    Returns
    -------
    Ranked, one entry for each query in the order given. Memory is bounded by 512 queries times
    the gallery.
    """
    whole = list(blocks(len(queries.rows), QUERIES_PER_BLOCK)) or [slice(0, 0)]
    return joined([_rank_block(queries, block, gallery) for block in whole])


def joined(parts: list[Ranked]) -> Ranked:
    """Return the figures of several sets of queries as one."""
    columns: dict[str, Any] = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Ranked)
    }
    return Ranked(**columns)


def _rank_block(queries: Queries, block: slice, gallery: Gallery) -> Ranked:
    scores = queries.rows[block] @ gallery.rows.T
    asks = np.arange(len(scores))
    group, modality = queries.group[block], queries.modality[block]
    if queries.itself is not None:
        scores[asks, queries.itself[block]] = -np.inf
    cross = gallery.modality[None, :] != modality[:, None]
    relevant = cross & (gallery.group[None, :] == group[:, None])
    wanted = relevant.sum(axis=1)
    others = len(gallery.rows) - (queries.itself is not None)
    first = topk(scores, min(DEPTH, others))
    hit = np.take_along_axis(relevant, first, 1)
    crossed = np.take_along_axis(cross, first, 1).astype(np.float64)
    first_cross = topk(np.where(cross, scores, -np.inf), DEPTH)
    found = np.take_along_axis(relevant, first_cross, 1)
    ideal = np.concatenate([[0.0], np.cumsum(DISCOUNT)])[np.minimum(wanted, DEPTH)]
    with np.errstate(invalid="ignore", divide="ignore"):
        ndcg = (hit * DISCOUNT[: hit.shape[1]]).sum(axis=1) / ideal
    return Ranked(
        group=group,
        modality=modality,
        base_rate=cross.sum(axis=1) / others,
        cross_at_rank=_padded(crossed),
        mixed_ndcg_at_10=ndcg,
        mixed_recall_at_1=_where(wanted, hit[:, 0]),
        mixed_recall_at_10=_where(wanted, hit.any(axis=1)),
        cross_share=crossed.mean(axis=1),
        recall_at_1=_where(wanted, found[:, 0]),
        recall_at_10=_where(wanted, found.any(axis=1)),
    )


def _where(wanted: I64, hit: Any) -> F64:
    """Return 1 for a hit, 0 for a miss, NaN where there was nothing to find."""
    return np.where(wanted > 0, np.asarray(hit, np.float64), np.nan)


def _padded(crossed: F64) -> F64:
    """Fill the ranks that a small gallery does not have with NaN."""
    missing = DEPTH - crossed.shape[1]
    return np.pad(crossed, ((0, 0), (0, missing)), constant_values=np.nan)
