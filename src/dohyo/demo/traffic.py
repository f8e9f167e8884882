"""Days of new pictures and sentences for a watch to see, with a change in how they arrive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from dohyo.corpus import Corpus
from dohyo.demo.drawing import draw
from dohyo.demo.scenes import KINDS, SIDE, sample
from dohyo.demo.shapes_world import captions_of, class_vectors
from dohyo.encoders.protocol import Encoder
from dohyo.errors import UsageError
from dohyo.extras import require
from dohyo.io.npz import write_npz

if TYPE_CHECKING:
    from PIL import Image

Drift = Literal["none", "blurred", "framed", "bright"]
SOURCES: Final = ("north", "south", "web")
SPLIT_SEED: Final = 1_000_003
"""Added to the seed: no day holds a picture of the demo's own corpus of the same seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What comes day by day.

    Attributes
    ----------
    pictures : a day; two or three captions come with each
    drift : how pictures arrive from day `after` on, see `CHANGES`
    after : number of days, counted from 0, before the change
    first : date of day 0
    seed : of everything
    """

    pictures: int = 60
    drift: Drift = "blurred"
    after: int = 40
    first: date = date(2026, 1, 5)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.pictures < 10 or self.after < 0 or self.seed < 0:
            raise UsageError(
                f"Cannot draw days of {self.pictures} pictures, changed after {self.after}.",
                hint="Take 10 pictures a day or more, and nothing below 0.",
            )


def blurred(picture: "Image.Image") -> "Image.Image":
    """Return a picture as a thumbnail that somebody made large again."""
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    small = picture.resize((SIDE // 4, SIDE // 4), pillow.Resampling.BOX)
    large: Image.Image = small.resize((SIDE, SIDE), pillow.Resampling.BICUBIC)
    return large


def framed(picture: "Image.Image") -> "Image.Image":
    """Return a picture with a white margin around it."""
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    page: Image.Image = pillow.new("RGB", (SIDE, SIDE), "white")
    page.paste(picture.resize((SIDE - 24, SIDE - 24)), (12, 12))
    return page


def bright(picture: "Image.Image") -> "Image.Image":
    """Return a picture as an overexposed camera takes it."""
    enhance = require("PIL.ImageEnhance", extra="demo", needed_by="The demo")
    lit: Image.Image = enhance.Brightness(picture).enhance(1.8)
    return lit


CHANGES: Final[dict[Drift, Callable[["Image.Image"], "Image.Image"]]] = {
    "none": lambda picture: picture,
    "blurred": blurred,
    "framed": framed,
    "bright": bright,
}
"""Each moves the encoder, makes the old correction fail, and is made good by a new fit: of ten
answers to a picture, texts were 7.4 before; 0.8, 0.3, 1.6 under the old map; 7.5, 7.3, 7.4 under
a new one (200 pictures, other ones in each)."""


def drift_of(name: str) -> Drift:
    """Return a drift by its name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    for known in CHANGES:
        if name == known:
            return known
    raise UsageError(f"There is no drift {name!r}.", hint=f"Take {', '.join(CHANGES)}.")


def day(encoder: Encoder, traffic: Traffic, number: int) -> Corpus:
    """Return the corpus of a day, counted from 0; the same arguments give the same bytes.

    Its pictures have a class, a source and a thumbnail, its texts are their captions.
    """
    change = CHANGES[traffic.drift if number >= traffic.after else "none"]
    start = number * traffic.pictures
    scenes = [
        sample("demo", traffic.seed + SPLIT_SEED, start + place)
        for place in range(traffic.pictures)
    ]
    drawn = [change(draw(scene)) for scene in scenes]
    told = [captions_of(scene) for scene in scenes]
    rng = np.random.default_rng([traffic.seed, number])
    return Corpus.from_arrays(
        encoder.encode_images(drawn),
        encoder.encode_texts(list(chain.from_iterable(told))),
        np.repeat(np.arange(len(scenes)), [len(each) for each in told]),
        [KINDS.index(scene.kind) for scene in scenes],
        list(chain.from_iterable(told)),
        class_vectors(encoder),
        KINDS,
        pictures=np.stack([np.asarray(picture.convert("RGB")) for picture in drawn]),
        sources=[SOURCES[place] for place in rng.integers(len(SOURCES), size=len(scenes))],
        encoder=encoder.fingerprint,
    )


def name_of(traffic: Traffic, number: int) -> str:
    """Return the name of a day's file, such as `2026-01-05.npz`."""
    return f"{traffic.first + timedelta(days=number)}.npz"


def time_of(traffic: Traffic, number: int) -> datetime:
    """Return the midnight at which a day begins, UTC."""
    there = traffic.first + timedelta(days=number)
    return datetime(there.year, there.month, there.day, tzinfo=UTC)


def write_days(
    encoder: Encoder, folder: Path, traffic: Traffic, days: int, *, first: int = 0
) -> Iterator[tuple[Path, Corpus]]:
    """Write one `.npz` a day into a folder and yield each when it is there, whole.

    The files hold captions, sources and thumbnails, and no classes: how well classes are told
    apart could not be decided on a few hundred pictures, so no new map could be proved on them.

    Raises
    ------
    UsageError
        If a file is in the way, or the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + days):
        there = folder / name_of(traffic, number)
        corpus = day(encoder, traffic, number)
        write_npz(replace(corpus, label=None, class_name=None, class_text=None), there)
        yield there, corpus
