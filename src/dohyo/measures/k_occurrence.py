"""How often each item is among the ten nearest of others, and that again without some groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.engine.topk import topk
from dohyo.errors import CorpusError
from dohyo.measures.once_per_view import once_per_view
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, I64, blocks

F64 = NDArray[np.float64]
NEIGHBOURS = 10
SPARE = 40
ROWS = 1_000
QUERIES_PER_BLOCK = 1_024


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """The nearest items of each query, with spare ones for when some groups are left out.

    Attributes
    ----------
    index : (q, k) places among the items, best first
    query : (q,) group of each query
    item : (items,) group of each item
    """

    index: I64
    query: I64
    item: I64

    def counts(self, keep: NDArray[np.bool_]) -> I64:
        """Return how often each kept item is found in the first ten by the kept queries.

        Parameters
        ----------
        keep : (groups,) bool
        """
        index, items = self.index[keep[self.query]], keep[self.item]
        there = items[index]
        there &= np.cumsum(there, axis=1) <= NEIGHBOURS
        counts = np.bincount(index[there], minlength=len(items))[items]
        if not len(counts):
            raise CorpusError(
                "An interval needs images in two groups and texts in two.", hint="Give more items."
            )
        return counts.astype(np.int64)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Occurrences:
    """Who finds whom in a view of bounded size.

    Attributes
    ----------
    part : the view, or a seeded part of it with 1,000 rows at most on a side
    within : images found by images, texts found by texts
    cross : texts found by images, images found by texts
    union : all items found by all
    """

    part: View
    within: tuple[Found, Found]
    cross: tuple[Found, Found]
    union: Found


@once_per_view
def occurrences(view: View) -> Occurrences:
    """Search a view of bounded size by blocks of 1,024 queries.

    Raises
    ------
    CorpusError
        With 20 items of a kind or fewer, where ten neighbours are most of them.
    """
    part = subsample(view, ROWS)
    few = min(len(part.image), len(part.text))
    if few <= 2 * NEIGHBOURS:
        raise CorpusError(
            f"Hubness needs more than {2 * NEIGHBOURS} items of each kind, there are {few}.",
            hint="Give more items.",
        )
    images = len(part.image)
    group = (part.group[:images], part.group[images:])
    found = [_nearest(part, side) for side in (0, 1)]
    return Occurrences(
        part=part,
        within=(
            Found(index=found[0][0], query=group[0], item=group[0]),
            Found(index=found[1][1], query=group[1], item=group[1]),
        ),
        cross=(
            Found(index=found[0][1], query=group[0], item=group[1]),
            Found(index=found[1][0], query=group[1], item=group[0]),
        ),
        union=Found(
            index=np.concatenate([found[0][2], found[1][2]]), query=part.group, item=part.group
        ),
    )


def _nearest(view: View, side: int) -> tuple[I64, I64, I64]:
    """Return the nearest images, texts and items of the union to each row of a side."""
    queries, images = (view.image, view.text)[side], len(view.image)
    found: list[tuple[I64, I64, I64]] = []
    for block in blocks(len(queries), QUERIES_PER_BLOCK):
        scores = [queries[block] @ view.image.T, queries[block] @ view.text.T]
        # Not -inf: an item is then its own last neighbour, never missing where items are few.
        scores[side][np.arange(len(scores[side])), np.arange(block.start, block.stop)] = -2.0
        tops = [topk(each, min(SPARE, each.shape[1] - 1)) for each in scores]
        values: F32 = np.concatenate(
            [np.take_along_axis(s, t, 1) for s, t in zip(scores, tops, strict=True)], axis=1
        )
        places = np.concatenate([tops[0], tops[1] + images], axis=1)
        both = np.take_along_axis(places, topk(values, SPARE), 1)
        found.append((tops[0], tops[1], both))
    one, two, three = zip(*found, strict=True)
    return np.concatenate(one), np.concatenate(two), np.concatenate(three)
