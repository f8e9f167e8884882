"""Streams of batches from a corpus, quiet and changed, for `monitor.py` and `monitor_beside.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from sklearn.cluster import KMeans

from dohyo.rows import F32, unit_rows

Pair = tuple[F32, F32]
Change = Callable[[F32, F32, int, np.random.Generator], Pair]
Draw = Literal["resampled", "fresh"]
LEARN, CALIBRATE, QUIET = 10, 30, 80
"""Batches to learn and to calibrate, and the number of the first changed one."""
KINDS = 10


@dataclass(frozen=True, eq=False)
class World:
    """What batches are drawn from.

    Attributes
    ----------
    image, text : unit rows
    strange : pictures of a kind that quiet batches do not hold
    draw : independent draws of the corpus's rows ("resampled"), or new rows of its mean and
        covariance ("fresh"), of which no two are alike
    roots : of the covariances
    """

    image: F32
    text: F32
    strange: F32
    draw: Draw
    roots: tuple[F32, F32]

    def quiet(self, size: int, seed: int, step: int) -> tuple[F32, F32, np.random.Generator]:
        """Return batch number `step` of a stream: the same whoever asks."""
        rng = np.random.default_rng((5, seed, size, step))
        sides = [self._rows(rng, side, size) for side in (0, 1)]
        return sides[0], sides[1], rng

    def batch(self, size: int, seed: int, step: int, change: Change | None) -> Pair:
        """Return a batch, changed from number 80 on."""
        image, text, rng = self.quiet(size, seed, step)
        if change is None or step < QUIET:
            return image, text
        left, right = change(image, text, step - QUIET + 1, rng)
        return unit_rows(left), unit_rows(right)

    def _rows(self, rng: np.random.Generator, side: int, size: int) -> F32:
        pool = (self.image, self.text)[side]
        if self.draw == "fresh":
            noise = rng.normal(size=(size, len(self.roots[side]))).astype(np.float32)
            return unit_rows(pool.mean(0) + noise @ self.roots[side])
        return pool[rng.integers(0, len(pool), size)]


def world(path: Path, draw: Draw = "resampled") -> World:
    """Read a corpus and set one kind of its pictures aside, a tenth or so by k-means."""
    image, text = both(path)
    kind = KMeans(KINDS, n_init=4, random_state=0).fit_predict(image)
    apart = int(np.abs(np.bincount(kind) - len(image) / KINDS).argmin())
    keep = kind != apart
    texts = text[keep] if len(text) == len(image) else text
    return World(image[keep], texts, image[~keep], draw, (root(image[keep]), root(texts)))


def both(path: Path) -> Pair:
    with np.load(path, allow_pickle=False) as held:
        return tuple(unit_rows(held[side].astype(np.float32)) for side in ("image", "text"))  # type: ignore[return-value]


def root(rows: F32) -> F32:
    """Return a matrix that makes normal noise of the rows' covariance."""
    centred = (rows - rows.mean(0)) / np.sqrt(len(rows) - 1)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    found: F32 = (values[:, None] * axes).astype(np.float32)
    return found


def changes(
    here: World, other: F32 | None = None, encoder: Pair | None = None
) -> dict[str, Change]:
    """Return every planted change by its name.

    Parameters
    ----------
    other : pictures of another corpus, for a new domain
    encoder : another encoder's vectors of the same dimension
    """
    gap = here.image.mean(0) - here.text.mean(0)
    gap /= np.linalg.norm(gap)
    sd = np.float32((here.image @ gap).std())
    rng = np.random.default_rng(0)
    d = here.image.shape[1]
    turn, rotation = orthogonal(rng, d), five_degrees(rng, d)
    distorted = distortion(rng, here.image)

    def along(size: float) -> Change:
        return lambda left, right, since, rng: (left + np.float32(size) * sd * gap, right)

    def drift(speed: float) -> Change:
        return lambda left, right, since, rng: (left + np.float32(speed * since) * sd * gap, right)

    found: dict[str, Change] = {f"{s} sd along the gap": along(s) for s in (0.05, 0.1, 0.2, 0.5)}
    found |= {
        "drift of 0.002 sd a batch": drift(0.002),
        "drift of 0.01 sd a batch": drift(0.01),
        "pictures turned by 5°": lambda left, right, since, rng: (left @ rotation, right),
        "swapped preprocessing": lambda left, right, since, rng: (distorted(left), right),
        "10 % of a kind unseen": a_tenth(here.strange),
        "another encoder, turned": lambda left, right, since, rng: (left @ turn, right @ turn),
    }
    if other is not None:
        found["10 % of another corpus"] = a_tenth(other)
    if encoder is not None:

        def encoded(left: F32, right: F32, since: int, rng: np.random.Generator) -> Pair:
            rows = [side[rng.integers(0, len(side), len(left))] for side in encoder]
            return rows[0], rows[1]

        found["another encoder's vectors"] = encoded
    return found


def a_tenth(rows: F32) -> Change:
    """Return what replaces a tenth of the pictures."""

    def change(left: F32, right: F32, since: int, rng: np.random.Generator) -> Pair:
        left = left.copy()
        few = len(left) // 10
        left[:few] = rows[rng.integers(0, len(rows), few)]
        return left, right

    return change


def orthogonal(rng: np.random.Generator, d: int) -> F32:
    turn: F32 = np.linalg.qr(rng.normal(size=(d, d)))[0].astype(np.float32)
    return turn


def five_degrees(rng: np.random.Generator, d: int) -> F32:
    """Return a rotation by 5 degrees in every plane of a random basis."""
    turned = np.eye(d, dtype=np.float32)
    c, s = np.cos(np.pi / 36), np.sin(np.pi / 36)
    for place in range(0, d - 1, 2):
        turned[place : place + 2, place : place + 2] = [[c, -s], [s, c]]
    plane = orthogonal(rng, d)
    rotation: F32 = plane @ turned @ plane.T
    return rotation


def distortion(rng: np.random.Generator, image: F32) -> Callable[[F32], F32]:
    """Return what stands for a swapped preprocessing, such as channels in the wrong order.

    It moves each picture by a fixed random linear map of what makes it differ from the mean
    picture, to a cosine of 0.95 with the right vector on average; the mean picture stays.
    """
    d = image.shape[1]
    wrong = (rng.normal(size=(d, d)) / np.sqrt(d)).astype(np.float32)
    mean = image.mean(0)

    def moved(rows: F32, by: float) -> F32:
        return unit_rows(rows + np.float32(by) * ((rows - mean) @ wrong))

    low, high = 0.0, 10.0
    for _ in range(30):
        by = (low + high) / 2
        close = float((moved(image, by) * image).sum(1).mean()) > 0.95
        low, high = (by, high) if close else (low, by)
    return lambda rows: moved(rows, low)
