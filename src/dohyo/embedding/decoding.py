"""Decode pictures in threads, a few ahead of the encoder, in their order."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dohyo.embedding.listing import Reader
from dohyo.embedding.pictures import BrokenPicture, decode, prepare, quiet, thumbnail

if TYPE_CHECKING:
    from PIL import Image

AHEAD = 2
"""Pictures in work or waiting for each thread; each takes up to 48 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A picture and, where asked for, its thumbnail (side, side, 3)."""

    image: "Image.Image"
    thumbnail: NDArray[np.uint8] | None


def decoded(
    readers: Iterator[Reader], *, workers: int, thumbnails: int | None
) -> Generator[Decoded | str]:
    """Yield each picture in the order of the readers, or the reason why it is broken.

    Parameters
    ----------
    workers : threads; Pillow lets go of the interpreter while it decodes
    thumbnails : side in pixels, None for none
    """
    prepare()

    def one(reader: Reader) -> Decoded | str:
        try:
            image = decode(reader())
        except BrokenPicture as broken:
            return str(broken)
        return Decoded(image, None if thumbnails is None else thumbnail(image, thumbnails))

    with quiet():
        yield from _in_order(one, readers, workers)


def _in_order(
    work: Callable[[Reader], Decoded | str], readers: Iterator[Reader], workers: int
) -> Iterator[Decoded | str]:
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Decoded | str]] = deque()
    try:
        for reader in readers:
            waiting.append(pool.submit(work, reader))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
