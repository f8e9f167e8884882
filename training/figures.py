"""What an encoder is worth on the demo's corpus, which it has never seen."""

from dataclasses import dataclass

import numpy as np

from dohyo.demo import ShapesWorld, build
from dohyo.encoders.protocol import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything a reader of the training log wants to know; shares lie in [0, 1]."""

    pictures: int
    captions: int
    centroid_distance: float
    recall_at_1_text_to_image: float
    recall_at_1_image_to_text: float
    zero_shot_accuracy: float
    zero_shot_chance: float


def measure(encoder: Encoder, *, pictures: int = 400, seed: int = 0) -> Figures:
    """Return the figures of an encoder on the demo's corpus."""
    return of_corpus(build(encoder, pictures=pictures, seed=seed))


def of_corpus(world: ShapesWorld) -> Figures:
    """Return the figures of a corpus; the first of equal scores counts."""
    score = world.text @ world.image.T
    best_image, best_text = score.argmax(1), score.argmax(0)
    guess = (world.image @ world.class_text.T).argmax(1)
    rows = np.arange(len(world.image))
    gap = world.image.mean(0, dtype=np.float64) - world.text.mean(0, dtype=np.float64)
    return Figures(
        pictures=len(world.image),
        captions=len(world.text),
        centroid_distance=float(np.linalg.norm(gap)),
        recall_at_1_text_to_image=float((best_image == world.text_to_image).mean()),
        recall_at_1_image_to_text=float((world.text_to_image[best_text] == rows).mean()),
        zero_shot_accuracy=float((guess == world.label).mean()),
        zero_shot_chance=1 / len(world.class_name),
    )
