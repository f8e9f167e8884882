"""What a measure may look at: a bounded, seeded sample of a corpus as unit rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import F32, I64, Corpus, blocks
from dohyo.engine.topk import topk
from dohyo.errors import CorpusError

SAMPLED_GROUPS = 5_000
NEIGHBOURS = 10
QUERIES_PER_BLOCK = 1_024


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """Unit rows of both modalities and how they belong together.

    Attributes
    ----------
    image : (n, d) float32 unit rows
    text : (m, d) float32 unit rows
    text_to_image : (m,) row of `image` for each text, None if unpaired
    label : (n,) class of each image, None if unknown
    seed : seed of everything random a measure does
    sampled : whether the corpus has more rows than the view
    """

    image: F32
    text: F32
    text_to_image: I64 | None
    label: I64 | None = None
    seed: int = 0
    sampled: bool = False

    @cached_property
    def union(self) -> F32:
        """All rows, images first, (n + m, d)."""
        return np.concatenate([self.image, self.text])

    @cached_property
    def modality(self) -> I64:
        """0 for the images and 1 for the texts of `union`, (n + m,)."""
        return np.repeat([0, 1], [len(self.image), len(self.text)]).astype(np.int64)

    @cached_property
    def group(self) -> I64:
        """The group of each row of `union`; without pairs every row is its own."""
        images = len(self.image)
        own = np.arange(images, images + len(self.text))
        return np.concatenate(
            [np.arange(images), own if self.text_to_image is None else self.text_to_image]
        ).astype(np.int64)

    @property
    def groups(self) -> int:
        """Number of groups: the units that a resampling draws."""
        return len(self.image) + (len(self.text) if self.text_to_image is None else 0)

    @cached_property
    def held(self) -> I64:
        """What each group holds: 1 for images alone, 2 for texts alone, 3 for both, (groups,)."""
        held = np.zeros(self.groups, dtype=np.int64)
        for number in (0, 1):
            held[np.unique(self.group[self.modality == number])] += number + 1
        return held

    def split(self, keep: NDArray[np.bool_]) -> tuple[F32, F32]:
        """Return the image and text rows of the kept groups, `keep` being (groups,) bool.

        Raises
        ------
        CorpusError
            If a side is left without rows.
        """
        if keep.all():
            return self.image, self.text
        rows = keep[self.group]
        image, text = self.image[rows[: len(self.image)]], self.text[rows[len(self.image) :]]
        if not len(image) or not len(text):
            raise CorpusError(
                "An interval needs images in two groups and texts in two.", hint="Give more items."
            )
        return image, text

    @cached_property
    def nearest(self) -> I64:
        """The ten nearest rows of `union` to each, itself excluded, (n + m, 10)."""
        found = []
        for block in blocks(len(self.union), QUERIES_PER_BLOCK):
            scores = self.union[block] @ self.union.T
            scores[np.arange(len(scores)), np.arange(block.start, block.stop)] = -np.inf
            found.append(topk(scores, min(NEIGHBOURS, len(self.union) - 1)))
        return np.concatenate(found)


def view(corpus: Corpus, *, seed: int = 0, groups: int = SAMPLED_GROUPS) -> View:
    """Return the rows of at most `groups` images, with their texts (as many texts, unpaired)."""
    rng = np.random.default_rng(seed)
    images, texts = len(corpus.image), len(corpus.text)
    if images > groups:
        chosen = np.sort(rng.choice(images, groups, replace=False)).astype(np.int64)
    else:
        chosen = np.arange(images, dtype=np.int64)
    if corpus.text_to_image is not None:
        part = corpus.subset(chosen) if len(chosen) < images else corpus
        return View(
            image=part.unit("image"),
            text=part.unit("text"),
            text_to_image=part.text_to_image,
            label=part.label,
            seed=seed,
            sampled=len(chosen) < images,
        )
    some = np.arange(texts) if texts <= groups else np.sort(rng.choice(texts, groups, False))
    return View(
        image=corpus.unit("image", chosen),
        text=corpus.unit("text", some),
        text_to_image=None,
        label=None if corpus.label is None else corpus.label[chosen],
        seed=seed,
        sampled=len(chosen) < images or len(some) < texts,
    )
