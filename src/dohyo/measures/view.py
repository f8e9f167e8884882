"""What a measure may look at: a bounded, seeded sample of a corpus as unit rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.measures.search import Search, search
from dohyo.measures.sums import Sums, sums
from dohyo.rows import F32, I64

Effort = Literal["fast", "standard", "full"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a large corpus is looked at beyond the one pass over all of it.

    Attributes
    ----------
    groups : groups of the sample on which pairwise figures are taken
    queries : groups whose rows search the whole corpus
    """

    groups: int
    queries: int


BUDGETS: dict[Effort, Budget] = {
    "fast": Budget(groups=1_000, queries=250),
    "standard": Budget(groups=2_000, queries=1_000),
    "full": Budget(groups=5_000, queries=20_000),
}


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
    source : the corpus that the rows were sampled from; None if they are all there is
    queries : how many groups search the whole corpus
    """

    image: F32
    text: F32
    text_to_image: I64 | None
    label: I64 | None = None
    seed: int = 0
    sampled: bool = False
    source: Corpus | None = None
    queries: int = BUDGETS["standard"].queries

    @property
    def whole(self) -> Corpus:
        """The corpus behind the view, of which its rows may be a sample."""
        if self.source is not None:
            return self.source
        return Corpus(image=self.image, text=self.text, text_to_image=self.text_to_image)

    @cached_property
    def sums(self) -> Sums:
        """Sums over every row of the whole corpus, by jackknife block; one pass."""
        return sums(self.whole, seed=self.seed)

    @cached_property
    def whole_groups(self) -> int:
        """Number of groups of the whole corpus."""
        whole = self.whole
        return len(whole.image) + (0 if whole.paired else len(whole.text))

    @cached_property
    def search(self) -> Search:
        """What the rows of a seeded sample of groups find in the whole corpus; one pass."""
        whole, rng = self.whole, np.random.default_rng(self.seed)
        images = _some(rng, len(whole.image), self.queries)
        if whole.text_to_image is not None:
            texts = np.flatnonzero(np.isin(whole.text_to_image, images))
        else:
            texts = _some(rng, len(whole.text), self.queries)
        return search(whole, images, texts)

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


def view(corpus: Corpus, *, seed: int = 0, effort: Effort = "standard") -> View:
    """Return a sample of the rows: images with their texts, or as many of either, unpaired."""
    groups, queries = BUDGETS[effort].groups, BUDGETS[effort].queries
    rng = np.random.default_rng(seed)
    images, texts = len(corpus.image), len(corpus.text)
    chosen = _some(rng, images, groups)
    if corpus.text_to_image is not None:
        part = corpus.subset(chosen) if len(chosen) < images else corpus
        return View(
            image=part.unit("image"),
            text=part.unit("text"),
            text_to_image=part.text_to_image,
            label=part.label,
            seed=seed,
            sampled=len(chosen) < images,
            source=corpus,
            queries=queries,
        )
    some = _some(rng, texts, groups)
    return View(
        image=corpus.unit("image", chosen),
        text=corpus.unit("text", some),
        text_to_image=None,
        label=None if corpus.label is None else corpus.label[chosen],
        seed=seed,
        sampled=len(chosen) < images or len(some) < texts,
        source=corpus,
        queries=queries,
    )


def _some(rng: np.random.Generator, rows: int, most: int) -> I64:
    """Return at most so many of the rows, drawn without replacement, in order."""
    if rows <= most:
        return np.arange(rows, dtype=np.int64)
    return np.sort(rng.choice(rows, most, replace=False)).astype(np.int64)


def require_pairs(view: View, what: str) -> I64:
    """Return the image of each text, (m,).

    Raises
    ------
    CorpusError
        Without pairs.
    """
    if view.text_to_image is None:
        raise CorpusError(f"{what} needs pairs.", hint="Give text_to_image.")
    return view.text_to_image
