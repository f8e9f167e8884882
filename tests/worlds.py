"""Made-up corpora: unit rows, clouds with a known truth, pairs with a gap between the kinds."""

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.measures.view import View
from dohyo.rows import F32, I64, unit_rows


def sphere(rng: np.random.Generator, rows: int, dim: int) -> F32:
    """Rows in every direction alike."""
    return unit_rows(rng.normal(size=(rows, dim)))


def turn(rng: np.random.Generator, dim: int) -> NDArray[np.float64]:
    """A rotation (or a reflection: distances cannot tell)."""
    return np.linalg.qr(rng.normal(size=(dim, dim)))[0]


def paired(
    rng: np.random.Generator,
    groups: int = 80,
    dim: int = 16,
    *,
    texts_each: int = 1,
    gap: float = 1.0,
    noise: float = 0.4,
) -> Corpus:
    """Each image and its texts share a meaning; `gap` holds the two kinds apart."""
    meaning = rng.normal(size=(groups, dim)) / np.sqrt(dim)
    away = gap * sphere(rng, 1, dim)[0]
    owner = np.repeat(np.arange(groups), texts_each)
    image = meaning + away + noise * rng.normal(size=meaning.shape) / np.sqrt(dim)
    text = meaning[owner] - away + noise * rng.normal(size=(len(owner), dim)) / np.sqrt(dim)
    return Corpus.from_arrays(
        image.astype(np.float32), text.astype(np.float32), owner if texts_each > 1 else None
    )


def strangers(rng: np.random.Generator, groups: int, dim: int, *, gap: float = 0.0) -> Corpus:
    """Pairs in name only: the rows of a pair have nothing in common."""
    away = gap * sphere(rng, 1, dim)[0]
    image, text = rng.normal(size=(2, groups, dim)) / np.sqrt(dim)
    return Corpus.from_arrays((image + away).astype(np.float32), (text - away).astype(np.float32))


def classed(
    rng: np.random.Generator,
    images: int = 160,
    dim: int = 16,
    *,
    classes: int = 4,
    gap: float = 1.0,
    noise: float = 0.5,
    tilt: float = 0.0,
) -> Corpus:
    """Images of classes and a text for each class, no captions; `gap` holds the kinds apart.

    `tilt` lets images vary along one direction that has nothing to do with their class.
    """
    centre = sphere(rng, classes, dim)
    away, aside = gap * sphere(rng, 2, dim)
    label = rng.integers(0, classes, images)
    image = centre[label] + away + noise * rng.normal(size=(images, dim)) / np.sqrt(dim)
    image += tilt * rng.normal(size=(images, 1)) * aside
    return Corpus.from_arrays(
        image.astype(np.float32),
        None,
        labels=label,
        class_texts=(centre - away).astype(np.float32),
        class_names=[f"class {number}" for number in range(classes)],
    )


def shuffled(rng: np.random.Generator, corpus: Corpus) -> Corpus:
    """The same rows, the pairs dealt anew."""
    return Corpus.from_arrays(
        corpus.image, corpus.text, rng.permutation(len(corpus.image))[corpus.groups("text")]
    )


def view_of(image: F32, text: F32, pairs: I64 | None = None, *, seed: int = 0) -> View:
    """A view of rows as they are, without the sampling and scaling of `measures.view.view`."""
    return View(image=image, text=text, text_to_image=pairs, seed=seed)


class Population:
    """A thousand pairs that stand for everybody: figures of all of them are the truth.

    Drawing with replacement makes the groups of a sample independent, so the truth of a mean
    distance between two different items includes the pairs of an item with itself.
    """

    def __init__(self, dim: int, *, gap: float) -> None:
        """Make the pairs."""
        everybody = paired(np.random.default_rng(99), 1_000, dim, gap=gap, noise=0.8)
        self.image, self.text = everybody.unit("image"), everybody.unit("text")

    def sample(self, seed: int, groups: int) -> View:
        """Return a view of independently drawn pairs."""
        chosen = np.random.default_rng(seed).integers(0, len(self.image), groups)
        return view_of(self.image[chosen], self.text[chosen], np.arange(groups), seed=seed)
