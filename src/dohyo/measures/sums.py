"""Sums over every row of a corpus, kept apart for the blocks of the jackknife, in one pass."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Corpus
from dohyo.engine.moments import Moments
from dohyo.errors import CorpusError
from dohyo.rows import F32, I64, ROWS_PER_BLOCK, read_blocks, unit_rows

BLOCKS = 20
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """What the streaming measures read of some blocks of groups.

    Attributes
    ----------
    sums, keep : the blocks, and which of them count, (J,) bool
    images, texts : number of rows
    image_mean, text_mean : (d,) float64
    pairs : number of true pairs, 0 without pairing
    similarity : sum of the pairs' cosines
    """

    sums: "Sums"
    keep: NDArray[np.bool_]
    images: int
    texts: int
    image_mean: F64
    text_mean: F64
    pairs: int
    similarity: float

    @cached_property
    def image(self) -> Moments:
        """Moments of the images."""
        return self.sums.moments(0, self.keep)

    @cached_property
    def text(self) -> Moments:
        """Moments of the texts."""
        return self.sums.moments(1, self.keep)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sums:
    """Sums of each jackknife block; any set of blocks gives a `Part`.

    Attributes
    ----------
    count : (2, J) rows of either modality in each block
    shift : (2, d) what was subtracted from every row, near the mean, so that float32 products
        round at the scale of the spread and not of the mean
    total : (2, J, d) sums of the shifted rows
    outer : (2, J, d, d) sums of their outer products, float64
    pairs, similarity : (J,) number of true pairs and sum of their cosines
    """

    count: I64
    shift: F64
    total: F64
    outer: F64
    pairs: I64
    similarity: F64

    @property
    def blocks(self) -> int:
        """How many blocks the groups were dealt into."""
        return int(self.count.shape[1])

    def part(self, keep: NDArray[np.bool_]) -> Part:
        """Return the figures of the kept blocks, `keep` being (J,) bool.

        Raises
        ------
        CorpusError
            If a side is left without rows.
        """
        if not self.count[:, keep].sum(axis=1).all():
            raise CorpusError(
                "An interval needs images in two groups and texts in two.", hint="Give more items."
            )
        images, texts = (int(self.count[side, keep].sum()) for side in (0, 1))
        return Part(
            sums=self,
            keep=keep,
            images=images,
            texts=texts,
            image_mean=self.shift[0] + self.total[0, keep].sum(axis=0) / images,
            text_mean=self.shift[1] + self.total[1, keep].sum(axis=0) / texts,
            pairs=int(self.pairs[keep].sum()),
            similarity=float(self.similarity[keep].sum()),
        )

    def moments(self, side: int, keep: NDArray[np.bool_]) -> Moments:
        """Return the moments of one side (0 the images, 1 the texts) over some blocks."""
        n = int(self.count[side, keep].sum())
        mean = self.total[side, keep].sum(axis=0) / n
        outer = self.outer[side, keep].sum(axis=0)
        return Moments(n, self.shift[side] + mean, outer - n * np.outer(mean, mean))


def sums(corpus: Corpus, *, seed: int = 0, blocks_wanted: int = BLOCKS) -> Sums:
    """Return the sums of every row, the groups dealt at random into blocks.

    Without pairs every row is a group of its own. Each kind of group (with images, with texts,
    with both) is dealt evenly, so that no block lacks a side that has enough rows.
    """
    dealt = _deal(corpus, seed, blocks_wanted)
    size = int(max(part.max() for part in dealt)) + 1
    d = corpus.dim
    count = np.zeros((2, size), np.int64)
    shift = np.zeros((2, d))
    total, outer = np.zeros((2, size, d)), np.zeros((2, size, d, d))
    pairs, similarity = np.zeros(size, np.int64), np.zeros(size)
    for side, modality in enumerate(MODALITIES):
        raw = corpus.image if modality == "image" else corpus.text
        for start, rows in read_blocks(raw, ROWS_PER_BLOCK):
            unit = unit_rows(rows)
            if start == 0:
                shift[side] = unit.mean(0, dtype=np.float64)
            block = slice(start, start + len(rows))
            here = dealt[side][block]
            if modality == "text" and corpus.text_to_image is not None:
                match = corpus.unit("image", corpus.text_to_image[block])
                cosine = np.einsum("ij,ij->i", unit, match, dtype=np.float64)
                pairs += np.bincount(here, minlength=size)
                similarity += np.bincount(here, cosine, size)
            _add(unit - shift[side].astype(np.float32), here, count[side], total[side], outer[side])
        # The shift was rounded to float32 before it was subtracted.
        shift[side] = shift[side].astype(np.float32)
    return Sums(
        count=count, shift=shift, total=total, outer=outer, pairs=pairs, similarity=similarity
    )


def _add(rows: F32, dealt: I64, count: I64, total: F64, outer: F64) -> None:
    """Add a stretch of shifted rows to the sums of their blocks."""
    order = np.argsort(dealt, kind="stable")
    rows, ends = rows[order], np.searchsorted(dealt[order], np.arange(len(count) + 1))
    for block in range(len(count)):
        mine = rows[ends[block] : ends[block + 1]]
        count[block] += len(mine)
        total[block] += mine.sum(axis=0, dtype=np.float64)
        outer[block] += mine.T @ mine


def _deal(corpus: Corpus, seed: int, wanted: int) -> tuple[I64, I64]:
    """Return the block of every image and of every text."""
    rng = np.random.default_rng(seed)
    images, texts = len(corpus.image), len(corpus.text)
    if corpus.text_to_image is None:
        return (
            _evenly(rng.permutation(images), min(wanted, images + texts)),
            _evenly(rng.permutation(texts), min(wanted, images + texts)),
        )
    captioned = np.zeros(images, dtype=np.bool_)
    captioned[corpus.text_to_image] = True
    order = rng.permutation(images)
    of_image = _evenly(order[np.argsort(captioned[order], kind="stable")], min(wanted, images))
    return of_image, of_image[corpus.text_to_image]


def _evenly(order: I64, size: int) -> I64:
    """Return the block of each row when the rows are dealt in this order."""
    block = np.empty(len(order), np.int64)
    block[order] = np.arange(len(order)) % size
    return block
