"""Pictures of any mode to plain RGB, the same way for every encoder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dohyo.errors import CorpusError
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image


def to_rgb(
    images: "Sequence[Image.Image]", *, extra: str, needed_by: str
) -> "tuple[Image.Image, ...]":
    """Return RGB pictures of the same sizes; what is transparent becomes white, as on a page.

    Parameters
    ----------
    extra, needed_by : who asks for Pillow, for the message where it is absent

    Raises
    ------
    CorpusError
        If a picture is empty or in a mode that Pillow cannot turn into RGB; it says which.
    MissingExtra
        If Pillow is not installed.
    """
    if not images:
        return ()
    require("PIL.Image", extra=extra, needed_by=needed_by)
    plain = []
    for row, image in enumerate(images):
        try:
            plain.append(_plain(image))
        except ValueError as exc:
            raise CorpusError(
                f"Picture {row} (mode {image.mode}, {image.width} x {image.height}) "
                f"cannot be read: {exc}.",
                hint="Save it as an ordinary RGB or greyscale picture.",
            ) from exc
    return tuple(plain)


def _plain(image: "Image.Image") -> "Image.Image":
    from PIL import Image as pillow

    if not image.width or not image.height:
        raise ValueError("it has no pixels")
    if image.mode.startswith("I;16"):  # Pillow would clip sixteen bits to eight, not scale them
        image = pillow.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = pillow.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return image.convert("RGB")
