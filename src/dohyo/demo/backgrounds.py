"""The places: a sky, a ground, and a few strokes that tell them apart."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

RGB = tuple[int, int, int]

_SKIES: Final[dict[str, tuple[RGB, RGB]]] = {
    "meadow": ((196, 228, 243), (226, 242, 236)),
    "sea": ((203, 232, 240), (160, 208, 226)),
    "night": ((24, 30, 66), (58, 62, 112)),
    "desert": ((250, 226, 186), (253, 240, 214)),
    "snow": ((206, 220, 234), (238, 244, 250)),
    "sunset": ((120, 92, 148), (250, 176, 132)),
}


@cache
def sky(place: str, side: int) -> "Image.Image":
    """Return the place's vertical gradient, RGB, side x side; copy it before drawing on it."""
    image = require("PIL.Image", extra="demo", needed_by="The demo")
    top, bottom = (np.array(colour, dtype=np.float64) for colour in _SKIES[place])
    share = np.linspace(0, 1, side)[:, None, None]
    rows = np.broadcast_to(top + share * (bottom - top), (side, side, 3))
    picture: Image.Image = image.fromarray(np.round(rows).astype(np.uint8))
    return picture


def furnish(draw: "ImageDraw.ImageDraw", place: str, side: int, rng: np.random.Generator) -> None:
    """Draw the place's ground and marks; lots from `rng` make no two pictures alike."""
    _FURNISHERS[place](draw, side, rng)


def _hill(
    draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator, colour: RGB, height: float
) -> None:
    x = np.linspace(0, side, 33)
    wave = np.sin(x / side * rng.uniform(3, 6) + rng.uniform(0, 6))
    y = side * (height + 0.035 * wave)
    outline = [*zip(x.tolist(), y.tolist(), strict=True), (side, side), (0, side)]
    draw.polygon(outline, fill=colour)


def _meadow(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    _hill(draw, side, rng, (178, 216, 158), 0.42)
    _hill(draw, side, rng, (154, 202, 136), 0.66)
    for x, y in rng.uniform((0, 0.5), (1, 1), size=(14, 2)) * side:
        draw.line([(x, y), (x + side * 0.008, y - side * 0.035)], (124, 178, 108), side // 90)


def _sea(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    for row, colour in enumerate([(126, 190, 216), (104, 172, 204), (86, 154, 192)]):
        x = np.linspace(0, side, 65)
        y = side * (0.36 + 0.22 * row) + side * 0.02 * np.sin(x / side * 26 + rng.uniform(0, 6))
        points = [*zip(x.tolist(), y.tolist(), strict=True), (side, side), (0, side)]
        draw.polygon(points, fill=colour)


def _night(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    _hill(draw, side, rng, (34, 40, 74), 0.86)
    for x, y, r in rng.uniform((0, 0, 0.004), (1, 0.8, 0.009), size=(22, 3)) * side:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(222, 222, 240))


def _desert(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    _hill(draw, side, rng, (240, 208, 154), 0.44)
    _hill(draw, side, rng, (230, 190, 130), 0.64)
    _hill(draw, side, rng, (220, 176, 114), 0.84)


def _snow(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    _hill(draw, side, rng, (240, 245, 250), 0.52)
    _hill(draw, side, rng, (250, 252, 254), 0.76)
    for x, y, r in rng.uniform((0, 0, 0.007), (1, 0.75, 0.014), size=(20, 3)) * side:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 255))


def _sunset(draw: "ImageDraw.ImageDraw", side: int, rng: np.random.Generator) -> None:
    x, y, r = side * rng.uniform(0.2, 0.8), side * 0.66, side * 0.15
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 222, 160))
    _hill(draw, side, rng, (124, 84, 112), 0.72)
    _hill(draw, side, rng, (98, 68, 100), 0.86)


_FURNISHERS: Final[dict[str, Callable[["ImageDraw.ImageDraw", int, np.random.Generator], None]]] = {
    "meadow": _meadow,
    "sea": _sea,
    "night": _night,
    "desert": _desert,
    "snow": _snow,
    "sunset": _sunset,
}
