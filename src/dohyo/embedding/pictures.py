"""A picture file of any kind to upright RGB pixels of bounded size, or the reason why not."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
    | {".avif", ".jp2", ".ppm", ".pgm", ".pnm", ".heic", ".heif"}
)
"""Names that end so are taken for pictures, those that Pillow cannot read (HEIC) among them:
they are told as broken, not passed over."""

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Pillow's names of what is opened. Others (EPS among them) would start foreign programs."""

LARGEST_FILE: Final = 512 << 20
"""Bytes of a picture's file; a larger one is left out unread."""
MOST_PIXELS: Final = 178_956_970
"""Pixels of a picture, the limit at which Pillow itself speaks of a decompression bomb."""
KEPT_SIDE: Final = 1_024
"""A shorter side of twice this or more is divided by a whole number while reading, down to no
less than this; encoders look at 224 to 512 pixels."""
KEPT_PIXELS: Final = 16 << 20
"""Pixels that a picture keeps at most, however long and thin it is."""

_HEIC: Final = (b"ftyphei", b"ftyphev", b"ftypmif", b"ftypmsf")
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ORIENTATION: Final = 0x0112
_REDUCIBLE: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})
_large_ones = threading.Lock()  # a picture at the limit takes a gigabyte: never two at a time


class BrokenPicture(Exception):
    """A picture that cannot be used; the message is the reason, for a list."""


def read_picture(path: Path) -> "Image.Image":
    """Return the picture in a file as an encoder should see it, mode RGB; see `decode`.

    Raises
    ------
    CorpusError
        If it is missing, no picture, truncated, damaged or too large.
    MissingExtra
        If Pillow is not installed.
    """
    try:
        with quiet():
            return decode(read_bytes(path))
    except BrokenPicture as broken:
        raise CorpusError(f"{path}: {broken}.", hint="Save the picture again.") from broken


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a picture's file.

    Raises
    ------
    BrokenPicture
        If it is missing, no file, too large, or may not be read.
    """
    try:
        if not path.exists():
            raise BrokenPicture("there is no such file")
        if not path.is_file():
            raise BrokenPicture("it is not a file")
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise BrokenPicture(f"it cannot be read ({error.strerror or error})") from error


def check_size(size: int) -> None:
    """Refuse a file of too many bytes.

    Raises
    ------
    BrokenPicture
        If it has more than `LARGEST_FILE`.
    """
    if size > LARGEST_FILE:
        raise BrokenPicture(f"it has {size >> 20} MiB, more than {LARGEST_FILE >> 20}")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings off the terminal; what is wrong with a picture is listed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def prepare() -> None:
    """Load Pillow's readers, once and before any thread needs them.

    Raises
    ------
    MissingExtra
        If Pillow is not installed.
    """
    require("PIL.Image", extra="images", needed_by="Reading pictures").init()


def decode(data: bytes) -> "Image.Image":
    """Return a picture as an encoder should see it: RGB, upright, opaque.

    The orientation that EXIF tells is applied. What is transparent becomes white. Sixteen bits
    and floats become eight. Colour profiles are ignored, also those of CMYK. Of an animation,
    the first frame. A large picture is reduced, see `KEPT_SIDE`.

    Raises
    ------
    BrokenPicture
        If the bytes are no picture, truncated, damaged, or stand for too many pixels.
    MissingExtra
        If Pillow is not installed.
    """
    pillow = require("PIL.Image", extra="images", needed_by="Reading pictures")
    if not data:
        raise BrokenPicture("the file is empty")
    if data[4:11] in _HEIC:
        raise BrokenPicture("it is HEIC, which cannot be read; save it as JPEG")
    pillow.init()
    known = [name for name in FORMATS if name in pillow.OPEN]
    try:
        with pillow.open(BytesIO(data), formats=known) as opened:
            pixels = opened.width * opened.height
            if pixels > MOST_PIXELS:
                raise _bomb(f"{pixels / 1e6:.0f} megapixels")
            with _large_ones if pixels > KEPT_PIXELS else nullcontext():
                return _plain(opened)
    except (BrokenPicture, MemoryError):
        raise
    except pillow.DecompressionBombError as error:
        raise _bomb("too many megapixels") from error
    except pillow.UnidentifiedImageError as error:
        raise BrokenPicture("it is no picture that can be read") from error
    # Pillow's readers raise whatever a broken byte leads them to: SyntaxError, IndexError,
    # struct.error, OverflowError; one bad picture among millions must not end the work.
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__
        if "truncated" in told.lower():
            raise BrokenPicture("the file is truncated") from error
        raise BrokenPicture(f"the file is damaged ({told})") from error


def thumbnail(image: "Image.Image", side: int) -> NDArray[np.uint8]:
    """Return a picture inside a white square, (side, side, 3); its proportions stay."""
    pillow = require("PIL.Image", extra="images", needed_by="Reading pictures")
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    square = pillow.new("RGB", (side, side), "white")
    small = image.resize(size, pillow.Resampling.BICUBIC, reducing_gap=2.0)
    square.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(square)


def reduction(width: int, height: int) -> int:
    """Return the whole number by which both sides of a picture are divided, 1 for most."""
    by_side = max(1, min(width, height) // KEPT_SIDE)
    by_pixels = int(np.ceil(np.sqrt(width * height / KEPT_PIXELS)))
    return max(by_side, by_pixels)


def _bomb(told: str) -> BrokenPicture:
    return BrokenPicture(f"it has {told}, more than {MOST_PIXELS / 1e6:.0f} are not read")


def _plain(image: "Image.Image") -> "Image.Image":
    factor = reduction(*image.size)
    full = image.width
    if factor > 1 and image.format in ("JPEG", "MPO"):
        # JPEG leaves out the finer waves by itself, by 2, 4 or 8, in a fraction of the time.
        image.draft(image.mode, (image.width // factor, image.height // factor))
    image.load()
    turn = _turn(image)
    image = _eight_bits(image)
    if image.mode not in _REDUCIBLE or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    left = factor // max(1, round(full / image.width))
    if left > 1:
        image = image.reduce(left)
    image = _over_white(image).convert("RGB")
    return image if turn is None else image.transpose(turn)


def _turn(image: "Image.Image") -> Any:
    """Return how to set a picture upright, None where it stands upright or does not say."""
    pillow = require("PIL.Image", extra="images", needed_by="Reading pictures")
    try:
        told = image.getexif().get(_ORIENTATION)
    except Exception:  # EXIF comes from any camera and any editor; a broken one tells nothing
        return None
    return pillow.Transpose[_TURNS[told]] if told in _TURNS else None


def _eight_bits(image: "Image.Image") -> "Image.Image":
    """Return greyscale of eight bits for that of more, which Pillow would clip, not scale."""
    pillow = require("PIL.Image", extra="images", needed_by="Reading pictures")
    if image.mode.startswith("I;16"):
        return _grey(pillow, np.asarray(image) >> 8)
    if image.mode == "I":
        values = np.asarray(image)
        return _grey(pillow, values if values.max() <= 255 else np.clip(values, 0, 65_535) >> 8)
    if image.mode == "F":
        values = np.asarray(image)
        if not np.isfinite(values).all():
            raise BrokenPicture("it holds NaN or infinity")
        return _grey(pillow, values * 255 if values.max() <= 1 else values)
    return image


def _grey(pillow: Any, values: NDArray[Any]) -> "Image.Image":
    image: Image.Image = pillow.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    return image


def _over_white(image: "Image.Image") -> "Image.Image":
    """Return a picture with white behind what is transparent, as on a page."""
    if not image.has_transparency_data:
        return image
    pillow = require("PIL.Image", extra="images", needed_by="Reading pictures")
    layer = image.convert("RGBA")
    page: Image.Image = pillow.new("RGBA", layer.size, "white")
    page.alpha_composite(layer)
    return page
