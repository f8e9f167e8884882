"""The k nearest anchors of each query, among the cells that lie nearest to it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.cells import Cells
from dohyo.engine.in_blocks import in_blocks
from dohyo.rows import F32, I64, blocks

QUERIES_PER_BLOCK = 4_096  # the more look into a cell at once, the less often it is read
SCORES_PER_BLOCK = 16_000_000
RAMP = 0.25


class Nearest(NamedTuple):
    """The best anchors of each query, in no order.

    Attributes
    ----------
    anchor : (q, k) rows of the anchors
    score : (q, k) float32; −∞ where fewer than k anchors were looked at
    """

    anchor: I64
    score: F32


def nearest(
    queries: F32,
    anchors: NDArray[Any],
    cells: Cells,
    k: int,
    *,
    probes: int,
    scale: float = 1.0,
    bias: F32 | None = None,
    ramped: bool = False,
) -> Nearest:
    """Find the k anchors of the highest scale·x·y + bias, looking into the nearest cells only.

    Parameters
    ----------
    queries : (q, d) float32
    anchors : (n, d) float16 or float32, sorted by cell
    cells : where each cell lies
    k : anchors to return; at most n
    probes : cells to look into; all of them is an exact search
    scale, bias : of the score; bias is (n,)
    ramped : let the score of the furthest cells fade to −∞ where the next cell would begin, so
        that no anchor appears at once when a query moves

    Notes
    -----
    An inverted file (Jégou et al. 2011), each cell scored for all the queries of a block that look
    into it by one matrix product. O(q·(c + n·probes/c)·d); a thread holds 16 million scores.
    """
    index = np.empty((len(queries), k), np.int64)
    score = np.empty((len(queries), k), np.float32)
    probes = min(probes, len(cells.size))
    widest = int(np.sort(cells.size)[-probes:].sum())
    step = max(16, min(QUERIES_PER_BLOCK, SCORES_PER_BLOCK // max(widest, 1)))
    order = np.argsort(_home(queries, cells), kind="stable")  # neighbours share their cells

    def look(block: slice) -> None:
        rows = order[block]
        visit = _visit(queries[rows], cells, probes, ramped)
        pool = _pool(np.float32(scale) * queries[rows], anchors, cells, visit, bias)
        index[rows], score[rows] = _best(pool, cells, visit, k)

    in_blocks(look, len(queries), step)
    return Nearest(index, score)


class _Visit(NamedTuple):
    """Which cells each query looks into, all (q, p).

    Attributes
    ----------
    cell : their numbers
    fade : what the scores of their anchors lose, if any do
    offset : where their anchors begin in the query's pool
    """

    cell: I64
    fade: F32 | None
    offset: I64


def _home(queries: F32, cells: Cells) -> I64:
    home = np.zeros(len(queries), np.int64)
    if len(cells.size) > 1:
        for block in blocks(len(queries), QUERIES_PER_BLOCK):
            home[block] = (queries[block] @ cells.centre.T).argmax(axis=1)
    return home


def _visit(queries: F32, cells: Cells, probes: int, ramped: bool) -> _Visit:
    closeness = queries @ cells.centre.T
    ranked = np.argsort(-closeness, axis=1, kind="stable")
    cell = ranked[:, :probes]
    size = cells.size[cell]
    fade = None
    if ramped and probes < closeness.shape[1]:
        cut = np.take_along_axis(closeness, ranked[:, probes : probes + 1], 1)
        fade = _fade(np.take_along_axis(closeness, cell, 1) - cut)
    return _Visit(cell, fade, np.cumsum(size, axis=1) - size)


def _fade(above: F32) -> F32:
    """Return log of a ramp from 0, at the next cell, to 1 at a quarter of the way to the best."""
    best = above[:, :1]
    with np.errstate(divide="ignore"):
        return np.log(
            np.minimum(above / np.where(best > 0, RAMP * best, 1.0), 1.0),
            out=np.zeros_like(above),
            where=best > 0,
        )


def _pool(
    queries: F32, anchors: NDArray[Any], cells: Cells, visit: _Visit, bias: F32 | None
) -> F32:
    """Return the scores of each query's anchors, cell after cell, padded by −∞."""
    width = int((visit.offset[:, -1] + cells.size[visit.cell[:, -1]]).max())
    pool = np.full((len(queries), width), -np.inf, np.float32)
    flat = visit.cell.ravel()
    order = np.argsort(flat, kind="stable")
    held, first = np.unique(flat[order], return_index=True)
    start = cells.start
    for cell, visits in zip(held, np.split(order, first[1:]), strict=True):
        size = cells.size[cell]
        here = slice(start[cell], start[cell] + size)
        row = visits // visit.cell.shape[1]
        score = queries[row] @ anchors[here].astype(np.float32, copy=False).T
        if bias is not None:
            score += bias[here]
        if visit.fade is not None:
            score += visit.fade.ravel()[visits, None]
        for one, to, offset in zip(score, row, visit.offset.ravel()[visits], strict=True):
            pool[to, offset : offset + size] = one
    return pool


def _best(pool: F32, cells: Cells, visit: _Visit, k: int) -> tuple[I64, F32]:
    q, width = pool.shape
    if width < k:
        pool = np.concatenate([pool, np.full((q, k - width), -np.inf, np.float32)], axis=1)
        width = k
    place = np.argpartition(pool, width - k, axis=1)[:, width - k :]
    # A query's cells follow one another, so one search over all queries finds every cell.
    line = np.arange(q)[:, None] * width
    slot = np.searchsorted((line + visit.offset).ravel(), (line + place).ravel(), side="right") - 1
    where = cells.start[visit.cell.ravel()[slot]] - visit.offset.ravel()[slot]
    score = np.take_along_axis(pool, place, 1)
    index = np.where(score > -np.inf, place + where.reshape(place.shape), 0)
    return index, score
