"""How many cells a search must look into, measured on queries whose nearest are known."""

from typing import NamedTuple

import numpy as np

from dohyo.engine.cells import Cells
from dohyo.engine.topk import topk
from dohyo.rows import F32, blocks

RECALL, WEIGHT = 0.95, 0.99
ROWS_LOOKED_AT = 20_000  # by one query at most: the time must not grow with the square of the rows
ROWS_PER_BLOCK = 16


class Depth(NamedTuple):
    """How far to look, and what is found that way.

    Attributes
    ----------
    probes : cells to look into
    recall : share of the true k nearest that lie in them
    weight : the same, each counted by its kernel e^(βx·y): what a mean over them would notice
    """

    probes: int
    recall: float
    weight: float


def search_depth(queries: F32, scores: F32, cells: Cells, *, k: int, beta: float) -> Depth:
    """Return as many cells as hold 95 % of the queries' true k nearest, and 99 % of their weight.

    Parameters
    ----------
    queries : (q, d) a sample
    scores : (q, n) of every anchor, sorted by cell
    beta : β of the weights

    Notes
    -----
    At most the cells of 20,000 rows; `recall` and `weight` say what was reached. Where nothing
    clumps that is far less than 95 %, yet the weight is near the whole. O(q·n).
    """
    count = len(cells.size)
    if count == 1:
        return Depth(1, 1.0, 1.0)
    cell_of = np.repeat(np.arange(count), cells.size)
    order = np.argsort(-(queries @ cells.centre.T), axis=1, kind="stable")
    rank = np.argsort(order, axis=1)
    hits, weight = np.zeros(count), np.zeros(count)
    for block in blocks(len(queries), ROWS_PER_BLOCK):
        near = topk(scores[block], k)
        needed = np.take_along_axis(rank[block], cell_of[near], 1).ravel()
        pull = beta * np.take_along_axis(scores[block], near, 1).astype(np.float64)
        mass = np.exp(pull - pull.max(axis=1, keepdims=True))
        mass /= mass.sum(axis=1, keepdims=True)
        hits += np.bincount(needed, minlength=count)
        weight += np.bincount(needed, mass.ravel(), minlength=count)
    recall, found = np.cumsum(hits) / hits.sum(), np.cumsum(weight) / weight.sum()
    most = max(1, ROWS_LOOKED_AT * count // int(cells.size.sum()))
    probes = min(int(np.argmax((recall >= RECALL) & (found >= WEIGHT))) + 1, most)
    return Depth(probes, float(recall[probes - 1]), float(found[probes - 1]))
