"""What a method may look at while it is fitted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dohyo.corpus import Corpus, Modality
from dohyo.engine.moments import Moments, moments_of
from dohyo.rows import F32, I64, ROWS_PER_BLOCK, blocks, give_back, take, unit_rows

NO_IMAGE = -1
"""Stands for the image of a text whose image is not among the evidence."""
SMALL_ROWS = 8_000
"""Parts of evidence up to this size are kept, so that all methods share their moments."""


@dataclass(frozen=True, eq=False)
class Side:
    """The unit rows of one modality, with moments that are taken once however many methods ask.

    Attributes
    ----------
    given : (n, d) rows as they are stored, possibly a memory map, or a tensor
    chosen : which of them are meant, in this order; None for all
    unit : whether they have length 1 already
    """

    given: Any
    chosen: I64 | None = None
    unit: bool = True

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.given if self.chosen is None else self.chosen)

    @property
    def dimension(self) -> int:
        """Number of columns."""
        return int(self.given.shape[1])

    @cached_property
    def rows(self) -> F32:
        """All rows at once, (n, d) float32: what a method that keeps anchors needs."""
        return self.some(slice(None))

    def some(self, rows: I64 | slice) -> F32:
        """Return some unit rows, by their number among those that are meant."""
        wanted = rows if self.chosen is None else self.chosen[rows]
        stored = isinstance(self.given, np.memmap)
        found = take(self.given, wanted) if stored else self.given[wanted]
        return found if self.unit else unit_rows(found)

    def read(self, size: int = ROWS_PER_BLOCK) -> Iterator[F32]:
        """Yield all unit rows, `size` at a time, in flat memory."""
        for block in blocks(self.count, size):
            yield self.some(block)
            give_back(self.given)

    def through(self, function: Callable[[F32], F32]) -> F32:
        """Return all rows after a function that keeps their shape, (n, d), as a fresh array.

        Those before it are never held all at once.
        """
        if self.count <= ROWS_PER_BLOCK:
            return function(self.rows)
        out = np.empty((self.count, self.dimension), np.float32)
        start = 0
        for rows in self.read():
            out[start : start + len(rows)] = function(rows)
            start += len(rows)
        return out

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the rows, from one pass over them."""
        return moments_of(self.read())


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """Both sides of what a method is fitted on.

    Attributes
    ----------
    image, text : the unit rows of each side
    text_to_image : (m,) row of `image` that each text belongs to, `NO_IMAGE` where that image is
        not among the evidence; None if no pairs are known
    """

    image: Side
    text: Side
    text_to_image: I64 | None = None
    _parts: dict[tuple[Modality, bytes], Side] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, corpus: Corpus) -> "Evidence":
        """Return the evidence of a whole corpus."""
        return cls(
            Side(corpus.image, unit=False), Side(corpus.text, unit=False), corpus.text_to_image
        )

    def pairs(self) -> tuple[I64, I64]:
        """Return the rows of image and of text that belong together, one entry for each pair."""
        if self.text_to_image is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        text = np.flatnonzero(self.text_to_image != NO_IMAGE)
        return self.text_to_image[text], text

    def part(self, images: I64, texts: I64) -> "Evidence":
        """Return the evidence of some rows of image and some of text."""
        return Evidence(
            self._part("image", images), self._part("text", texts), self._pairs(images, texts)
        )

    def _part(self, modality: Modality, rows: I64) -> Side:
        whole = self.image if modality == "image" else self.text
        if whole.count > SMALL_ROWS:
            chosen = rows if whole.chosen is None else whole.chosen[rows]
            return Side(whole.given, chosen, whole.unit)
        key = (modality, rows.tobytes())
        if key not in self._parts:
            self._parts[key] = Side(whole.rows[rows])
        return self._parts[key]

    def _pairs(self, images: I64, texts: I64) -> I64 | None:
        if self.text_to_image is None:
            return None
        place = np.full(self.image.count + 1, NO_IMAGE, np.int64)
        place[images] = np.arange(len(images))
        return place[self.text_to_image[texts]]  # NO_IMAGE finds the entry added at the end
