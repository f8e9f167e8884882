"""From a scene to a picture: drawn four times too large, then scaled down for smooth edges."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from dohyo.demo.backgrounds import RGB, furnish, sky
from dohyo.demo.outlines import contours
from dohyo.demo.scenes import RADIUS, SIDE, Scene, Thing
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_ZOOM: Final = 4
_CANVAS: Final = SIDE * _ZOOM
_BORDER: Final = 1.1  # pixels of the white rim that sets a thing off from any ground

_PAINT: Final[dict[str, RGB]] = {
    "red": (214, 56, 60),
    "orange": (242, 136, 38),
    "yellow": (250, 208, 52),
    "green": (52, 150, 84),
    "blue": (48, 104, 206),
    "purple": (128, 74, 178),
    "pink": (240, 134, 180),
    "black": (44, 46, 54),
}
_SPOTS: Final[dict[int, tuple[tuple[float, float], ...]]] = {
    1: ((0.0, 0.0),),
    2: ((-1.22, 0.25), (1.22, -0.25)),
    3: ((-1.2, 0.85), (1.2, 0.85), (0.0, -1.2)),
}
"""Where the shapes of a thing sit around its middle, in radii."""


def draw(scene: Scene) -> "Image.Image":
    """Return the picture of a scene, RGB, 64 x 64; the same scene gives the same bytes.

    Raises
    ------
    MissingExtra
        If Pillow is not installed.
    """
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    imagedraw = require("PIL.ImageDraw", extra="demo", needed_by="The demo")
    rng = np.random.default_rng(scene.seed)
    canvas: Image.Image = sky(scene.place, _CANVAS).copy()
    pen = imagedraw.Draw(canvas, "RGBA")
    furnish(pen, scene.place, _CANVAS, rng)
    _scatter_clutter(pen, rng)
    for thing in scene.things:
        for middle in _middles(thing):
            _draw_shape(canvas, pen, thing, middle)
    small = canvas.resize((SIDE, SIDE), pillow.Resampling.BOX)
    picture: Image.Image = pillow.fromarray(_add_noise(np.asarray(small), rng))
    return picture


def _middles(thing: Thing) -> NDArray[np.float64]:
    spots = np.array(_SPOTS[thing.count]) * RADIUS[thing.size]
    middles: NDArray[np.float64] = (spots + np.array([thing.x, thing.y])) * _ZOOM
    return middles


def _scatter_clutter(pen: "ImageDraw.ImageDraw", rng: np.random.Generator) -> None:
    """Draw translucent specks and hairs, which no caption mentions."""
    colours = np.array(list(_PAINT.values()))
    for _ in range(int(rng.integers(6, 15))):
        x, y = rng.uniform(0, _CANVAS, size=2)
        dx, dy = rng.uniform(-3.0, 3.0, size=2) * _ZOOM
        red, green, blue = colours[rng.integers(len(colours))].tolist()
        ink = (red, green, blue, int(rng.integers(50, 130)))
        if rng.random() < 0.5:
            pen.line([(x, y), (x + dx, y + dy)], fill=ink, width=_ZOOM)
        else:
            r = rng.uniform(0.6, 1.4) * _ZOOM
            pen.ellipse((x - r, y - r, x + r, y + r), fill=ink)


def _draw_shape(
    canvas: "Image.Image", pen: "ImageDraw.ImageDraw", thing: Thing, middle: NDArray[np.float64]
) -> None:
    cos, sin = np.cos(thing.turn), np.sin(thing.turn)
    turn = np.array([[cos, sin], [-sin, cos]]) * RADIUS[thing.size] * _ZOOM
    paths = [
        [(float(x), float(y)) for x, y in contour @ turn + middle]
        for contour in contours(thing.kind)
    ]
    width = round(2 * _BORDER * _ZOOM)
    for path in paths:
        pen.line([*path, *path[:2]], fill=(255, 255, 255), width=width, joint="curve")
    mask = _mask(canvas, paths)
    canvas.paste(_PAINT[thing.colour], mask=mask)
    if thing.texture != "plain":
        canvas.paste(_tint(_PAINT[thing.colour]), mask=_pattern(mask, thing, middle))


def _mask(canvas: "Image.Image", paths: list[list[tuple[float, float]]]) -> "Image.Image":
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    imagedraw = require("PIL.ImageDraw", extra="demo", needed_by="The demo")
    mask: Image.Image = pillow.new("L", canvas.size)
    pen = imagedraw.Draw(mask)
    for path, fill in zip(paths, (255, 0), strict=False):
        pen.polygon(path, fill=fill)
    return mask


def _tint(paint: RGB) -> RGB:
    """A paler tone of the same colour, so that a texture does not change the colour's name."""
    red, green, blue = (round(255 - (255 - part) * 0.3) for part in paint)
    return (red, green, blue)


def _pattern(mask: "Image.Image", thing: Thing, middle: NDArray[np.float64]) -> "Image.Image":
    """Keep of the mask what a stripe or a dot covers."""
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    imagedraw = require("PIL.ImageDraw", extra="demo", needed_by="The demo")
    pattern: Image.Image = pillow.new("L", mask.size)
    pen = imagedraw.Draw(pattern)
    reach, (x, y) = int(RADIUS[thing.size] * 1.3 * _ZOOM), middle
    step = 5 * _ZOOM
    for along in range(-reach, reach + 1, step):
        if thing.texture == "striped":
            pen.line([(x + along, y - reach), (x + along, y + reach)], fill=255, width=2 * _ZOOM)
            continue
        for across in range(-reach, reach + 1, step):
            cx, cy, r = x + along, y + across, 1.3 * _ZOOM
            pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=255)
    blank = pillow.new("L", mask.size)
    covered: Image.Image = pillow.composite(pattern, blank, mask)
    return covered


def _add_noise(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Add a camera's faults: uneven light, a colour cast, and grain."""
    light = rng.uniform(0.88, 1.08) * rng.uniform(0.97, 1.03, size=3)
    slope = np.linspace(-1, 1, SIDE)
    fall = 1 + rng.uniform(-0.08, 0.08) * slope[:, None] + rng.uniform(-0.08, 0.08) * slope
    grain = rng.normal(0, rng.uniform(3, 9), size=pixels.shape)
    seen = pixels * light * fall[..., None] + grain
    return np.clip(np.round(seen), 0, 255).astype(np.uint8)
