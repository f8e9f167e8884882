"""Do an image and its text have the same neighbours, each among its own kind?"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.topk import topk
from dohyo.estimate import Estimate
from dohyo.measures.paired_rows import paired_rows
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, I64, blocks
from dohyo.stats.leave_one_out import leave_one_out
from dohyo.stats.permutation import permutation_p

NEIGHBOURS = 10
KEPT = 20
BLOCKS = 20
LEAST = 22
ROWS = 1_000
ROWS_PER_BLOCK = 512
DRAWS = 1_000


def mutual_knn(view: View) -> Estimate:
    """Share of the ten nearest images whose texts are among the ten nearest texts.

    Returns
    -------
    Estimate in [0, 1] with p. 1: both sides have the same neighbourhoods; `by_chance` is 10/(n−1),
    what pairs dealt at random give. Blind to the gap. Falls as the corpus grows, so it is taken on
    about 1,000 rows of a side at most; below that, compare only corpora of one size.

    Raises
    ------
    CorpusError
        Without pairs, or with fewer than 22.

    Notes
    -----
    Mutual k-nearest-neighbour metric, k = 10, of Huh et al. 2024 (arXiv 2405.07987), cosine,
    itself excluded, several texts of an image averaged first; equal scores are ranked by a seeded
    order of each side's own. Jackknife over twenty blocks of groups, neighbours found anew without
    each: an item is a neighbour of many, and holding neighbours fixed would leave out that part
    of the spread. Centred on the figure; what it covers is its mean at this number of pairs.
    p deals the pairs anew, 999 times.
    """
    image, text = paired_rows(subsample(view, ROWS), "Mutual kNN", LEAST)
    rng = np.random.default_rng(view.seed)
    n = len(image)
    first, second = (neighbours(side, rng.permutation(n)) for side in (image, text))
    everything = np.ones(n, dtype=np.bool_)
    value = _overlap(first, second, everything)
    order = rng.permutation(n)
    without = np.empty(min(BLOCKS, n))
    for block in range(len(without)):
        keep = everything.copy()
        keep[order[block :: len(without)]] = False
        without[block] = _overlap(first, second, keep)
    result = leave_one_out(value, without, seed=view.seed, inside=(0.0, 1.0))
    first, second = first[:, :NEIGHBOURS], second[:, :NEIGHBOURS]
    joined = np.zeros((n, n), dtype=np.bool_)  # 1,000 pairs at most: 1 MB
    joined[np.arange(n)[:, None], second] = True
    draws = np.empty(DRAWS - 1)
    for draw in range(len(draws)):
        dealt = rng.permutation(n)
        draws[draw] = joined[dealt[:, None], dealt[first]].mean()
    return replace(result, n=n, p=permutation_p(value, draws))


def _overlap(first: I64, second: I64, keep: NDArray[np.bool_]) -> float:
    """Return the mean overlap of the ten nearest among the kept rows."""
    n = len(keep)
    row = np.arange(n)[:, None]
    joined = np.zeros((n, n), dtype=np.bool_)
    joined[row, second] = _ten(second, keep)
    both = joined[row, first] & _ten(first, keep)
    return float(both[keep].sum()) / (NEIGHBOURS * int(keep.sum()))


def _ten(found: I64, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the neighbours found, nearest first, are the ten nearest kept."""
    there = keep[found]
    ten: NDArray[np.bool_] = there & (np.cumsum(there, axis=1) <= NEIGHBOURS)
    return ten


def by_chance(view: View) -> float:
    """Return the expected overlap when the pairs are dealt at random."""
    part = subsample(view, ROWS)
    pairs = np.arange(len(part.image)) if part.text_to_image is None else part.text_to_image
    return min(NEIGHBOURS / max(len(np.unique(pairs)) - 1, 1), 1.0)


def neighbours(x: F32, order: I64) -> I64:
    """Return the twenty nearest other rows of each, (n, 20), nearest first; ties go by `order`."""
    found = np.empty((len(x), min(KEPT, len(x) - 1)), dtype=np.int64)
    dealt = x[order]
    place = np.argsort(order)
    for block in blocks(len(x), ROWS_PER_BLOCK):
        scores = x[block] @ dealt.T
        scores[np.arange(len(scores)), place[block]] = -np.inf
        found[block] = order[topk(scores, found.shape[1])]
    return found
