"""Pictures of any mode and size to the pixels that the built-in encoder reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dohyo.encoders.pictures import to_rgb
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image


def to_pixels(images: "Sequence[Image.Image]", side: int) -> NDArray[np.uint8]:
    """Return RGB pixels, shape (n, side, side, 3).

    What is transparent becomes white, as on a page; the aspect ratio is not kept, as the
    encoder has only ever seen squares.

    Raises
    ------
    CorpusError
        If a picture is empty or in a mode that Pillow cannot turn into RGB; it says which.
    MissingExtra
        If Pillow is not installed.
    """
    pixels = np.empty((len(images), side, side, 3), dtype=np.uint8)
    plain = to_rgb(images, extra="demo", needed_by="The built-in encoder")
    for row, image in enumerate(plain):
        pixels[row] = np.asarray(image if image.size == (side, side) else _resized(image, side))
    return pixels


def _resized(image: "Image.Image", side: int) -> "Image.Image":
    pillow = require("PIL.Image", extra="demo", needed_by="The built-in encoder")
    resized: Image.Image = image.resize((side, side), pillow.Resampling.BICUBIC)
    return resized
