"""The best of each kind for every query: all that a mixed list can be made of."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.topk import topk
from dohyo.rows import F32, I64, blocks

DEPTH = 10
QUERIES_PER_BLOCK = 512
F64 = NDArray[np.float64]


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
class Lists:
    """For each query its best ten items of either kind, best first.

    Attributes
    ----------
    group, modality : (q,) of each query
    wanted : (q,) how many items answer it
    others : (q,) how many items can be found
    base_rate : (q,) share of the other modality among them
    cross, same : (q, 10) float32 scores, of the other and of its own modality; −inf where there
        are fewer items
    hit : (q, 10) whether each item of the other modality answers it
    rival : (q,) the group that alone stands between the query and its answer: the best of the
        other modality is of it, and the best of any other group is an answer; −1 where there is
        no such group
    """

    group: I64
    modality: I64
    wanted: I64
    others: I64
    base_rate: F64
    cross: F32
    same: F32
    hit: NDArray[np.bool_]
    rival: I64

    def of(self, here: NDArray[Any]) -> "Lists":
        """Return the lists of some of the queries; `here` is a (q,) mask or index."""
        chosen: dict[str, Any] = {f.name: getattr(self, f.name)[here] for f in fields(Lists)}
        return Lists(**chosen)


def search(queries: Queries, gallery: Gallery) -> Lists:
    """Search the whole gallery for each query.

    A gallery item answers a query when it is of the other modality and the same group (design,
    section 6). Equal scores are in the order of the gallery. Memory is bounded by 512 queries
    times the gallery.
    """
    whole = list(blocks(len(queries.rows), QUERIES_PER_BLOCK)) or [slice(0, 0)]
    return joined_lists([_search_block(queries, block, gallery) for block in whole])


def joined_lists(parts: list[Lists]) -> Lists:
    """Return the lists of several sets of queries as one."""
    columns: dict[str, Any] = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Lists)
    }
    return Lists(**columns)


def _search_block(queries: Queries, block: slice, gallery: Gallery) -> Lists:
    scores = queries.rows[block] @ gallery.rows.T
    group, modality = queries.group[block], queries.modality[block]
    if queries.itself is not None:
        scores[np.arange(len(scores)), queries.itself[block]] = -np.inf
    cross = gallery.modality[None, :] != modality[:, None]
    relevant = cross & (gallery.group[None, :] == group[:, None])
    others = len(gallery.rows) - (queries.itself is not None)
    first, of_cross = _best(scores, cross)
    _, of_same = _best(scores, ~cross)
    answers = np.take_along_axis(relevant, first, 1)
    return Lists(
        group=group,
        modality=modality,
        wanted=relevant.sum(axis=1),
        others=np.full(len(scores), others, np.int64),
        base_rate=cross.sum(axis=1) / others,
        cross=of_cross,
        same=of_same,
        hit=_padded(answers, False),
        rival=_rivals(gallery.group[first], answers, of_cross[:, : first.shape[1]]),
    )


def _best(scores: F32, kind: NDArray[np.bool_]) -> tuple[I64, F32]:
    """Return columns and scores of the best ten among the items of a kind."""
    allowed = np.where(kind, scores, -np.inf)
    first = topk(allowed, DEPTH)
    return first, _padded(np.take_along_axis(allowed, first, 1), -np.inf)


def _rivals(owner: I64, answers: NDArray[np.bool_], scores: F32) -> I64:
    """Return the group whose absence would turn a miss at the first rank into a hit, or −1.

    Parameters
    ----------
    owner, answers, scores : (q, k) of the best of the other modality, best first
    """
    none = np.full(len(owner), -1, np.int64)
    if owner.shape[1] < 2:
        return none
    others = owner != owner[:, :1]
    second = others.argmax(axis=1)
    rows = np.arange(len(owner))
    alone = others.any(axis=1) & answers[rows, second]
    alone &= np.isfinite(scores[rows, second])
    return np.where(alone, owner[:, 0], none)


def _padded(values: NDArray[Any], absent: Any) -> NDArray[Any]:
    """Fill the places that a small gallery does not have."""
    missing = DEPTH - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing)), constant_values=absent)
