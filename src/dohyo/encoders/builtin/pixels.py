"""Pictures of any mode and size to the pixels that the built-in encoder reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
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
    for row, image in enumerate(images):
        try:
            pixels[row] = _square(image, side)
        except ValueError as exc:
            raise CorpusError(
                f"Picture {row} (mode {image.mode}, {image.width} x {image.height}) "
                f"cannot be read: {exc}.",
                hint="Save it as an ordinary RGB or greyscale picture.",
            ) from exc
    return pixels


def _square(image: "Image.Image", side: int) -> NDArray[np.uint8]:
    pillow = require("PIL.Image", extra="demo", needed_by="The built-in encoder")
    if not image.width or not image.height:
        raise ValueError("it has no pixels")
    if image.mode.startswith("I;16"):  # Pillow would clip sixteen bits to eight, not scale them
        image = pillow.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = pillow.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    rgb = image.convert("RGB")
    if rgb.size != (side, side):
        rgb = rgb.resize((side, side), pillow.Resampling.BICUBIC)
    return np.asarray(rgb)
