"""The demo's corpus: pictures, captions, classes, and the vectors of an encoder."""

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.demo.captions import describe, prompts
from dohyo.demo.drawing import draw
from dohyo.demo.scenes import KINDS, Scene, series
from dohyo.encoders.protocol import Encoder
from dohyo.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image

_CAPTION_STREAM: Final = 1  # keeps the lots of the captions apart from those of the noise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # `==` on arrays has no single answer
class ShapesWorld:
    """n pictures, m captions, k classes, in the space of one encoder of dimension d.

    `image` (n, d), `text` (m, d) and `class_text` (k, d) are float32 unit rows;
    `text_to_image` (m,) int64 says which picture a caption is of; `label` (n,) int64 indexes
    `class_name` by the kind of the picture's big thing.
    """

    image: NDArray[np.float32]
    text: NDArray[np.float32]
    text_to_image: NDArray[np.int64]
    label: NDArray[np.int64]
    caption: tuple[str, ...]
    class_name: tuple[str, ...]
    class_text: NDArray[np.float32]
    pictures: tuple["Image.Image", ...]


def build(encoder: Encoder, *, pictures: int = 400, seed: int = 0) -> ShapesWorld:
    """Draw, caption and embed `pictures` scenes that no shipped encoder was trained on.

    Each picture gets two or three captions. The same arguments give the same bytes.

    Raises
    ------
    UsageError
        If `pictures` is below 1 or `seed` below 0.
    MissingExtra
        If Pillow is not installed.
    """
    if pictures < 1 or seed < 0:
        raise UsageError(
            f"Cannot draw {pictures} pictures with seed {seed}.",
            hint="Ask for at least one picture, and a seed of 0 or more.",
        )
    scenes = tuple(series("demo", seed, pictures))
    drawn = tuple(draw(scene) for scene in scenes)
    told = tuple(captions_of(scene) for scene in scenes)
    caption = tuple(chain.from_iterable(told))
    counts = [len(captions) for captions in told]
    return ShapesWorld(
        image=encoder.encode_images(drawn),
        text=encoder.encode_texts(caption),
        text_to_image=np.repeat(np.arange(pictures, dtype=np.int64), counts),
        label=np.array([KINDS.index(scene.kind) for scene in scenes], dtype=np.int64),
        caption=caption,
        class_name=KINDS,
        class_text=class_vectors(encoder),
        pictures=drawn,
    )


def captions_of(scene: Scene) -> tuple[str, ...]:
    """Return the two or three captions of a scene."""
    rng = np.random.default_rng([scene.seed, _CAPTION_STREAM])
    return tuple(describe(scene, rng).text for _ in range(int(rng.integers(2, 4))))


def class_vectors(encoder: Encoder) -> NDArray[np.float32]:
    """Return a unit row for each class, shape (k, d): the direction of its prompts' mean."""
    rows = [encoder.encode_texts(prompts(kind)).mean(0, dtype=np.float64) for kind in KINDS]
    means = np.stack(rows)
    unit: NDArray[np.float32] = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(
        np.float32
    )
    return unit


def corpus_of(world: ShapesWorld, encoder: str) -> Corpus:
    """Return shapes world as a corpus, its pictures in it."""
    return Corpus.from_arrays(
        world.image,
        world.text,
        world.text_to_image,
        world.label,
        world.caption,
        world.class_text,
        world.class_name,
        pictures=np.stack([np.asarray(picture.convert("RGB")) for picture in world.pictures]),
        encoder=encoder,
    )
