"""Groups that come twice."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.rows import take

NOISE = 0.05
"""Length of what is added, as a share of the vector's: a cosine of .9988 to the first copy."""


def near_duplicates(corpus: Corpus, level: float, rng: np.random.Generator) -> Corpus:
    """Let some groups come again as new ones, their vectors almost the same.

    A crawl holds the same photo in two sizes, a shop the same article twice. Each copy counts as a
    wrong answer to the other, before and after a correction alike.

    Parameters
    ----------
    level : share of the groups
    """
    images = len(corpus.image)
    again = np.sort(rng.permutation(images)[: round(level * images)]).astype(np.int64)
    place = np.full(images, -1, np.int64)
    place[again] = images + np.arange(len(again))
    copied = place[corpus.groups("text")]
    texts = np.flatnonzero(copied >= 0)
    text_to_image = np.concatenate([corpus.groups("text"), copied[texts]])
    return replace(
        corpus,
        image=_with_copies(corpus.image, again, rng),
        text=_with_copies(corpus.text, texts, rng),
        text_to_image=text_to_image,
        label=None if corpus.label is None else np.concatenate([corpus.label, corpus.label[again]]),
        caption=_again(corpus.caption, texts),
        picture=None
        if corpus.picture is None
        else np.concatenate([corpus.picture, corpus.picture[again]]),
        source=_again(corpus.source, again),
        image_id=None,
        text_id=None,
    )


def _with_copies(
    raw: NDArray[Any], rows: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float32]:
    whole = np.asarray(raw, np.float32)
    copied = np.asarray(take(raw, rows), np.float32)
    length = np.linalg.norm(copied, axis=1, keepdims=True)
    added = rng.standard_normal(copied.shape, np.float32) / np.float32(np.sqrt(copied.shape[1]))
    together: NDArray[np.float32] = np.concatenate([whole, copied + NOISE * length * added])
    return together


def _again(strings: tuple[str, ...] | None, rows: NDArray[np.int64]) -> tuple[str, ...] | None:
    return None if strings is None else strings + tuple(strings[row] for row in rows)
