"""A picture that somebody sends: bounded before it is unpacked."""

from io import BytesIO
from typing import TYPE_CHECKING

from dohyo.embedding.pictures import FORMATS, BrokenPicture, decode, quiet
from dohyo.extras import require
from dohyo.rollout.refusal import Refusal, too_large
from dohyo.serve.settings import Limits

if TYPE_CHECKING:
    from PIL import Image


def picture_of(data: bytes, limits: Limits) -> "Image.Image":
    """Return the picture in some bytes, upright RGB.

    Raises
    ------
    Refusal
        400 if there is none, 413 if it has too many bytes or stands for too many pixels.
    """
    if len(data) > limits.picture:
        raise too_large("The picture", f"{limits.picture >> 20} MiB")
    pillow = require("PIL.Image", extra="serve", needed_by="A picture")
    try:
        with quiet():
            pillow.init()
            known = [name for name in FORMATS if name in pillow.OPEN]
            with pillow.open(BytesIO(data), formats=known) as opened:  # reads the head alone
                if opened.width * opened.height > limits.pixels:
                    raise too_large("The picture", f"{limits.pixels // 10**6} megapixels")
            return decode(data)
    except BrokenPicture as error:
        raise _broken(str(error)) from error
    except Refusal:
        raise
    except Exception as error:  # a reader of pictures raises whatever a byte leads it to
        raise _broken("it is no picture that can be read") from error


def _broken(why: str) -> Refusal:
    return Refusal(400, "bad_picture", f"The picture: {why}.", hint="Send a JPEG or a PNG.")
