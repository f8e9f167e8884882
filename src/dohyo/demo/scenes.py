"""What stands where: the facts from which a picture and its captions are both made."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi
from typing import Final, Literal
from zlib import crc32

import numpy as np

Split = Literal["training", "demo"]
Size = Literal["big", "medium", "small"]
Texture = Literal["plain", "striped", "dotted"]
Relation = Literal["left", "right", "above", "below"]

SIDE: Final = 64
"""Pixels of a picture's edge; the unit of every coordinate here."""

KINDS: Final = (
    "circle", "square", "triangle", "star", "heart",
    "ring", "cross", "moon", "diamond", "flower",
)  # fmt: skip
COLOURS: Final = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black")
PLACES: Final = ("meadow", "sea", "night", "desert", "snow", "sunset")
TEXTURES: Final[tuple[Texture, ...]] = ("plain", "striped", "dotted")
RADIUS: Final[dict[Size, float]] = {"big": 12.5, "medium": 8.0, "small": 5.2}

_LEEWAY: Final[dict[Size, float]] = {"big": 2.0, "medium": 5.0, "small": 3.5}
_SPLITS: Final[tuple[Split, ...]] = ("training", "demo")
_DEMO_SHARE: Final = 4  # every fourth content belongs to the demo
_CLEARLY_APART: Final = 12.0  # pixels between centres before a relation is worth saying
_SEEDS: Final = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One to three equal shapes at one spot; `x`, `y` in pixels from the top left corner."""

    kind: str
    colour: str
    size: Size
    texture: Texture
    count: int
    x: float
    y: float
    turn: float

    @property
    def looks(self) -> tuple[str, str, str, str, int]:
        """Everything a caption could say about it, except where it is."""
        return (self.kind, self.colour, self.size, self.texture, self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Two to four things in a place; the first one is the main thing and gives the class."""

    seed: int
    place: str
    things: tuple[Thing, ...]

    @property
    def kind(self) -> str:
        """The class for zero-shot: the kind of the one big thing."""
        return self.things[0].kind

    @property
    def content(self) -> tuple[str, tuple[tuple[str, str, str, str, int], ...]]:
        """The scene without coordinates and noise: equal contents tell the same story."""
        return (self.place, tuple(sorted(thing.looks for thing in self.things)))


def split_of(scene: Scene) -> Split:
    """Return the split that owns the scene's content.

    Ownership follows from the content alone (a hash), so that whatever the seeds, a scene
    of the demo can have no twin in the training data, not even a rearranged one.
    """
    return "demo" if crc32(repr(scene.content).encode()) % _DEMO_SHARE == 0 else "training"


def sample(split: Split, seed: int, index: int) -> Scene:
    """Return scene number `index` of a seeded, endless series; every scene is of `split`."""
    rng = np.random.default_rng([_SPLITS.index(split), seed, index])
    while split_of(scene := _draw_lots(rng)) != split:
        pass
    return scene


def series(split: Split, seed: int, count: int) -> Iterator[Scene]:
    """Yield the first `count` scenes of a series."""
    return (sample(split, seed, index) for index in range(count))


def relations(one: Thing, other: Thing) -> tuple[Relation, ...]:
    """Return every relation that clearly holds, as in "`one` is left of `other`"."""
    right, down = one.x - other.x, one.y - other.y
    holds: dict[Relation, bool] = {
        "left": right <= -_CLEARLY_APART,
        "right": right >= _CLEARLY_APART,
        "above": down <= -_CLEARLY_APART,
        "below": down >= _CLEARLY_APART,
    }
    return tuple(relation for relation, true in holds.items() if true)


def _draw_lots(rng: np.random.Generator) -> Scene:
    number = int(rng.integers(2, 5))
    names = rng.choice(len(KINDS) * len(COLOURS), size=number, replace=False)
    cells = rng.permutation(4)[:number]
    things = tuple(
        _thing(rng, *divmod(int(name), len(COLOURS)), cell=int(cell), main=i == 0)
        for i, (name, cell) in enumerate(zip(names, cells, strict=True))
    )
    place = PLACES[rng.integers(len(PLACES))]
    return Scene(seed=int(rng.integers(_SEEDS)), place=place, things=things)


def _thing(rng: np.random.Generator, kind: int, colour: int, *, cell: int, main: bool) -> Thing:
    size: Size = "big" if main else ("medium", "small")[rng.integers(2)]
    x, y = 16 + 32 * (cell % 2), 16 + 32 * (cell // 2)
    # Dots and stripes on a shape of ten pixels are noise to anyone, so small things are plain.
    texture = "plain" if size == "small" else TEXTURES[rng.integers(len(TEXTURES))]
    return Thing(
        kind=KINDS[kind],
        colour=COLOURS[colour],
        size=size,
        texture=texture,
        count=int(rng.integers(1, 4)) if size == "small" else 1,
        x=float(x + rng.uniform(-_LEEWAY[size], _LEEWAY[size])),
        y=float(y + rng.uniform(-_LEEWAY[size], _LEEWAY[size])),
        turn=float(rng.uniform(-pi / 15, pi / 15)),
    )
