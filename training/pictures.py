"""The training data: scenes of the training split, drawn once into memory by all cores."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dohyo.demo.captions import describe
from dohyo.demo.drawing import draw
from dohyo.demo.scenes import SIDE, sample
from dohyo.encoders.builtin.tokenizer import UNKNOWN, Tokenizer

CAPTIONS: Final = 5
"""Captions written for each picture; a step uses one of them."""

_FORGETS: Final = 0.02  # share of words that training hides, so that <unk> means something
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """`pixels` (n, 64, 64, 3) uint8 and `ids` (n, CAPTIONS, length) int64."""

    pixels: NDArray[np.uint8]
    ids: NDArray[np.int64]

    def batches(
        self, size: int, tokenizer: Tokenizer, rng: np.random.Generator
    ) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
        """Yield one epoch of full batches in random order, a random caption for each picture."""
        order = rng.permutation(len(self.pixels))
        unknown = tokenizer.words.index(UNKNOWN)
        for start in range(0, len(order) - size + 1, size):
            rows = order[start : start + size]
            ids = self.ids[rows, rng.integers(CAPTIONS, size=size)]
            hidden = (ids > unknown) & (rng.random(ids.shape) < _FORGETS)
            yield self.pixels[rows], np.where(hidden, unknown, ids)


def draw_training_set(
    pictures: int, seed: int, tokenizer: Tokenizer, *, processes: int
) -> TrainingSet:
    """Return `pictures` scenes of the training split; the result ignores `processes`."""
    edges = [*range(0, pictures, _CHUNK), pictures]
    pixels = np.empty((pictures, SIDE, SIDE, 3), dtype=np.uint8)
    ids = np.empty((pictures, CAPTIONS, tokenizer.length), dtype=np.int64)
    # Not by fork: torch has started threads, and a forked child may wait for them for ever.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        chunks = pool.map(partial(_draw_chunk, seed), pairwise(edges))
        for (start, stop), (drawn, texts) in zip(pairwise(edges), chunks, strict=True):
            pixels[start:stop] = drawn
            ids[start:stop] = tokenizer.encode(texts).reshape(-1, CAPTIONS, tokenizer.length)
    return TrainingSet(pixels, ids)


def _draw_chunk(seed: int, edges: tuple[int, int]) -> tuple[NDArray[np.uint8], list[str]]:
    scenes = [sample("training", seed, index) for index in range(*edges)]
    texts = []
    for scene in scenes:
        rng = np.random.default_rng([scene.seed, 0])
        texts += [describe(scene, rng).text for _ in range(CAPTIONS)]
    return np.stack([np.asarray(draw(scene)) for scene in scenes]), texts
