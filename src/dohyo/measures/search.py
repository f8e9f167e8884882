"""Who is nearest to whom: sampled queries among every row of the corpus, in one pass."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Corpus
from dohyo.engine.topk import topk
from dohyo.rows import F32, I64, read_blocks, unit_rows

NEIGHBOURS = 90
SCORES_PER_BLOCK = 8_000_000
"""Scores held at once, 32 MB: queries times rows of the corpus in a block."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Search:
    """What each query found among all rows of both modalities, itself excluded.

    The union counts the images first, then the texts.

    Attributes
    ----------
    modality, group : (q,) of each query; modality 0 for an image, 1 for a text
    row : (q,) place of each query in its own side
    index : (q, K) places in the union of the K nearest, best first
    similarity : (q, K) float32 cosine of each
    cross : (q,) row, in its own side, of the best item of the other modality
    mean_distance : (q, 2) mean Euclidean distance to all other images and to all other texts;
        NaN where there are none
    images, texts : sizes of the two sides
    """

    modality: I64
    group: I64
    row: I64
    index: I64
    similarity: F32
    cross: I64
    mean_distance: NDArray[np.float64]
    images: int
    texts: int

    def same(self, k: int) -> NDArray[np.bool_]:
        """Return whether each of the k nearest is of the query's modality, (q, min(k, K))."""
        is_text = self.index[:, :k] >= self.images
        return np.asarray(is_text == (self.modality == 1)[:, None])


def search(corpus: Corpus, images: I64, texts: I64) -> Search:
    """Search the whole corpus for the nearest of some of its rows.

    Parameters
    ----------
    images, texts : rows of either side that ask

    Returns
    -------
    Search, images asking first. One pass over the corpus by blocks; memory is that of the
    queries and 8 million scores.
    """
    queries = np.concatenate([corpus.unit("image", images), corpus.unit("text", texts)])
    modality = np.repeat([0, 1], [len(images), len(texts)]).astype(np.int64)
    row = np.concatenate([images, texts]).astype(np.int64)
    sizes = (len(corpus.image), len(corpus.text))
    best = _Best(len(queries), min(NEIGHBOURS, sum(sizes) - 1))
    total = np.zeros((len(queries), 2))
    cross = np.zeros(len(queries), np.int64)
    cross_score = np.full(len(queries), -np.inf, np.float32)
    step = max(256, SCORES_PER_BLOCK // max(1, len(queries)))
    for side, name in enumerate(MODALITIES):
        raw = corpus.image if name == "image" else corpus.text
        own, other = np.flatnonzero(modality == side), np.flatnonzero(modality != side)
        for start, rows in read_blocks(raw, step):
            scores = queries @ unit_rows(rows).T
            total[:, side] += _distance(scores).sum(axis=1, dtype=np.float64)
            here = own[(row[own] >= start) & (row[own] < start + step)]
            itself = row[here] - start
            total[here, side] -= _distance(scores[here, itself])
            if len(other):
                top = scores[other].argmax(axis=1)
                score = scores[other, top]
                ahead = score > cross_score[other]
                cross_score[other[ahead]] = score[ahead]
                cross[other[ahead]] = start + top[ahead]
            scores[here, itself] = -np.inf
            best.offer(scores, start + side * sizes[0])
    others = np.array(sizes) - (modality[:, None] == np.arange(2))
    owner = np.arange(sizes[0], sum(sizes)) if not corpus.paired else corpus.groups("text")
    return Search(
        modality=modality,
        group=np.where(modality == 0, row, owner[np.minimum(row, sizes[1] - 1)]),
        row=row,
        index=best.index,
        similarity=best.score,
        cross=cross,
        mean_distance=np.divide(total, others, out=np.full_like(total, np.nan), where=others > 0),
        images=sizes[0],
        texts=sizes[1],
    )


def _distance(scores: Any) -> NDArray[np.float32]:
    """Return Euclidean distances of unit vectors from their cosines."""
    apart: NDArray[np.float32] = np.sqrt(np.maximum(2 - 2 * scores, 0), dtype=np.float32)
    return apart


class _Best:
    """The best places so far of each query; equal scores keep the order they came in."""

    def __init__(self, queries: int, k: int) -> None:
        self.score = np.full((queries, k), -np.inf, np.float32)
        self.index = np.zeros((queries, k), np.int64)
        self.k = k

    def offer(self, scores: F32, start: int) -> None:
        """Take in a block of scores whose first column is place `start`."""
        # Once the list is full of good ones, next to nothing of a block beats its last.
        ahead = scores > self.score[:, -1:]
        counts = ahead.sum(axis=1)
        most = int(counts.max(initial=0))
        if most == 0:
            return
        if most > 4 * self.k:
            columns = topk(scores, self.k)
            self._merge(np.take_along_axis(scores, columns, 1), columns + start)
            return
        query, column = np.nonzero(ahead)
        place = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
        fresh = np.full((len(scores), most), -np.inf, np.float32)
        index = np.zeros((len(scores), most), np.int64)
        fresh[query, place] = scores[query, column]
        index[query, place] = column + start
        self._merge(fresh, index)

    def _merge(self, fresh: F32, index: I64) -> None:
        both = np.concatenate([self.score, fresh], axis=1)
        where = np.concatenate([self.index, index], axis=1)
        first = topk(both, self.k)
        self.score = np.take_along_axis(both, first, 1)
        self.index = np.take_along_axis(where, first, 1)
