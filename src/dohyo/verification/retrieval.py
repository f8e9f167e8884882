"""One mixed ranking for each query, and what it is worth."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.topk import topk
from dohyo.rows import I64
from dohyo.verification.lists import DEPTH, F64, Gallery, Lists, Queries, search

DISCOUNT = 1.0 / np.log2(np.arange(2, DEPTH + 2))

METRICS = (
    "mixed_ndcg_at_10",
    "mixed_recall_at_1",
    "mixed_recall_at_10",
    "cross_share",
    "recall_at_1",
    "recall_at_10",
)


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
    rival : (q,) the group that alone keeps a miss at its first rank from being a hit, or −1
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
    rival: I64

    def metric(self, name: str) -> F64:
        """Return one of `METRICS` by name, (q,)."""
        figure: F64 = getattr(self, name)
        return figure

    def of(self, here: NDArray[np.bool_]) -> "Ranked":
        """Return the figures of some of the queries; `here` is a (q,) mask."""
        chosen: dict[str, Any] = {f.name: getattr(self, f.name)[here] for f in fields(Ranked)}
        return Ranked(**chosen)


def rank(queries: Queries, gallery: Gallery) -> Ranked:
    """Rank the whole gallery for each query and score the first ten.

    A gallery item is relevant when it is of the other modality and the same group. Binary gains,
    log2 discount, ideal list cut at ten (design, section 6; Järvelin & Kekäläinen 2002).

    Returns
    -------
    Ranked, one entry for each query in the order given.
    """
    return merged(search(queries, gallery))


def merged(lists: Lists, offset: F64 | float = 0.0) -> Ranked:
    """Merge the lists of both kinds into one for each query and score its first ten.

    Parameters
    ----------
    offset : what is added to the scores of the other modality, one number or (q,)
    """
    raised = lists.cross + np.reshape(np.asarray(offset, np.float32), (-1, 1))
    asks_image = (lists.modality == 0)[:, None]
    # Equal scores are in the order of the gallery, images before texts.
    scores = np.concatenate(
        [np.where(asks_image, lists.same, raised), np.where(asks_image, raised, lists.same)], axis=1
    )
    first = topk(scores, DEPTH)
    there = np.isfinite(np.take_along_axis(scores, first, 1))
    crossed = ((first >= DEPTH) == asks_image) & there
    hit = crossed & np.take_along_axis(lists.hit, first % DEPTH, 1)
    ideal = np.concatenate([[0.0], np.cumsum(DISCOUNT)])[np.minimum(lists.wanted, DEPTH)]
    with np.errstate(invalid="ignore", divide="ignore"):
        ndcg = (hit * DISCOUNT).sum(axis=1) / ideal
    return Ranked(
        group=lists.group,
        modality=lists.modality,
        base_rate=lists.base_rate,
        cross_at_rank=np.where(there, crossed, np.nan),
        mixed_ndcg_at_10=ndcg,
        mixed_recall_at_1=_where(lists.wanted, hit[:, 0]),
        mixed_recall_at_10=_where(lists.wanted, hit.any(axis=1)),
        cross_share=crossed.sum(axis=1) / there.sum(axis=1),
        recall_at_1=_where(lists.wanted, lists.hit[:, 0]),
        recall_at_10=_where(lists.wanted, lists.hit.any(axis=1)),
        rival=lists.rival,
    )


def joined(parts: list[Ranked]) -> Ranked:
    """Return the figures of several sets of queries as one."""
    columns: dict[str, Any] = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Ranked)
    }
    return Ranked(**columns)


def _where(wanted: I64, hit: Any) -> F64:
    """Return 1 for a hit, 0 for a miss, NaN where there was nothing to find."""
    return np.where(wanted > 0, np.asarray(hit, np.float64), np.nan)
