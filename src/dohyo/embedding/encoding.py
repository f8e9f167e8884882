"""Listed pictures and captions to vectors, part by part; finished parts are kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from dohyo.embedding.decoding import Decoded, decoded
from dohyo.embedding.listing import Listing
from dohyo.embedding.shelf import Part, Shelf, key_of
from dohyo.encoders.protocol import Encoder
from dohyo.errors import CorpusError, UsageError
from dohyo.progress import Progress
from dohyo.rows import F32, I64, blocks, has_direction, unit_rows

if TYPE_CHECKING:
    from PIL import Image

PICTURES_PER_PART: Final = 128
TEXTS_PER_PART: Final = 1_024
"""What an interruption costs at most; many small files cost nothing beside an encoder."""
BATCH: Final = 64
PIXELS_PER_BATCH: Final = 64 << 20
"""Pictures, and their pixels, that reach an encoder at once: 192 MB at most."""
PART_VERSION: Final = "1"
NO_DIRECTION: Final = "the encoder gave it no direction"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vectors:
    """What became of n items.

    Attributes
    ----------
    row : (k,) which items have a vector, ascending
    vector : (k, d) float32
    picture : (k, side, side, 3) uint8 thumbnails, or None
    broken : why an item has none, by its number
    kept : items whose part was there already
    """

    row: I64
    vector: F32
    picture: NDArray[np.uint8] | None
    broken: dict[int, str]
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """How pictures and captions are encoded.

    Attributes
    ----------
    setting : whatever else than the encoder's fingerprint changes its vectors
    thumbnails : side in pixels, or None
    strict : whether the first broken picture ends the work
    workers : threads that decode
    """

    encoder: Encoder
    shelf: Shelf
    setting: str = ""
    thumbnails: int | None = None
    strict: bool = False
    workers: int = 1

    def key(self, kind: str, items: Sequence[str]) -> str:
        """Return the key of the part that these items make."""
        made = (self.encoder.fingerprint, self.setting, str(self.thumbnails))
        return key_of(PART_VERSION, kind, *made, *items)


def encode_pictures(listing: Listing, work: Work, progress: Progress) -> Vectors:
    """Encode every picture of a listing.

    Parameters
    ----------
    progress : called with (pictures done, pictures, "embed_pictures") after each part

    Raises
    ------
    CorpusError
        If a picture is broken and `work.strict`, or the source changes while it is read.
    UsageError
        If the disk refuses a part, or the encoder returns anything but a row for each picture.
    """
    parts = _Parts.of(
        "image",
        [f"{name}\n{stamp}" for name, stamp in zip(listing.pictures, listing.stamps, strict=True)],
        PICTURES_PER_PART,
        work,
    )
    # One pass over the source for all that is missing: some kinds can only be read from the start.
    missing = chain.from_iterable(range(part.start, part.stop) for part in parts.missing())
    ahead = decoded(listing.read(list(missing)), workers=work.workers, thumbnails=work.thumbnails)

    def make(part: slice) -> Part:
        size = part.stop - part.start
        made = _picture_part(islice(ahead, size), work)
        if len(made.row) + len(made.broken) != size:
            raise CorpusError(f"{listing.path} changed while it was read.", hint="Run it again.")
        return made

    def check(part: slice, held: Part) -> None:
        if work.strict and held.broken:
            place = min(held.broken)
            name = listing.pictures[part.start + place]
            raise CorpusError(
                f"{listing.path}: {name} is broken: {held.broken[place]}.",
                hint="Without --strict (strict=True), such pictures are listed and left out.",
            )

    with closing(ahead):
        return parts.fill(make, check, lambda n, of: progress(n, of, "embed_pictures"))


def encode_texts(texts: Sequence[str], work: Work, progress: Progress) -> Vectors:
    """Encode sentences.

    Parameters
    ----------
    progress : called with (sentences done, sentences, "embed_captions") after each part

    Raises
    ------
    UsageError
        If the disk refuses a part, or the encoder returns anything but a row for each sentence.
    """

    def make(part: slice) -> Part:
        sentences = list(texts[part])
        vector = _checked(work.encoder.encode_texts(sentences), len(sentences), work.encoder)
        return _part(list(range(len(sentences))), vector, None, {})

    parts = _Parts.of("text", texts, TEXTS_PER_PART, work)
    return parts.fill(make, None, lambda n, of: progress(n, of, "embed_captions"))


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """The parts of n items: where each lies, its key, and what the shelf holds of it."""

    place: tuple[slice, ...]
    key: tuple[str, ...]
    held: tuple[Part | None, ...]
    work: Work

    @classmethod
    def of(cls, kind: str, items: Sequence[str], size: int, work: Work) -> "_Parts":
        place = tuple(blocks(len(items), size))
        key = tuple(work.key(kind, items[part]) for part in place)
        return cls(place, key, tuple(work.shelf.get(each) for each in key), work)

    def missing(self) -> Iterator[slice]:
        return (part for part, held in zip(self.place, self.held, strict=True) if held is None)

    def fill(
        self,
        make: Callable[[slice], Part],
        check: Callable[[slice, Part], None] | None,
        told: Callable[[int, int], None],
    ) -> Vectors:
        """Make and keep what is missing, check everything, and put it together."""
        count = self.place[-1].stop if self.place else 0
        whole: list[Part] = []
        kept = 0
        for part, key, held in zip(self.place, self.key, self.held, strict=True):
            told(part.start, count)
            done = make(part) if held is None else held
            if held is None:
                self.work.shelf.put(key, done)
            else:
                kept += part.stop - part.start
            if check is not None:
                check(part, done)
            whole.append(done)
        told(count, count)
        return self._together(whole, kept)

    def _together(self, whole: Sequence[Part], kept: int) -> Vectors:
        starts = [part.start for part in self.place]
        side = self.work.thumbnails
        pictures = [part.picture for part in whole if part.picture is not None]
        return Vectors(
            row=np.concatenate(
                [np.empty(0, np.int64)]
                + [start + part.row for start, part in zip(starts, whole, strict=True)]
            ),
            vector=np.concatenate(
                [np.empty((0, self.work.encoder.dimension), np.float32)]
                + [part.vector for part in whole]
            ),
            picture=np.concatenate([np.empty((0, side, side, 3), np.uint8), *pictures])
            if side is not None and pictures
            else None,
            broken={
                start + place: why
                for start, part in zip(starts, whole, strict=True)
                for place, why in part.broken.items()
            },
            kept=kept,
        )


def _picture_part(ahead: Iterator[Decoded | str], work: Work) -> Part:
    row: list[int] = []
    vectors = [np.empty((0, work.encoder.dimension), np.float32)]
    thumbnails: list[NDArray[np.uint8]] = []
    broken: dict[int, str] = {}
    waiting: list[Image.Image] = []

    def encode() -> None:
        if waiting:
            encoded = work.encoder.encode_images(waiting)
            vectors.append(_checked(encoded, len(waiting), work.encoder))
            waiting.clear()

    for place, one in enumerate(ahead):
        if isinstance(one, str):
            broken[place] = one
            continue
        pixels = sum(image.width * image.height for image in [*waiting, one.image])
        if len(waiting) == BATCH or pixels > PIXELS_PER_BATCH:
            encode()
        waiting.append(one.image)
        row.append(place)
        if one.thumbnail is not None:
            thumbnails.append(one.thumbnail)
    encode()
    side = work.thumbnails
    shape = (0, side, side, 3) if side is not None else None
    picture = None
    if shape is not None:
        picture = np.stack(thumbnails) if thumbnails else np.empty(shape, np.uint8)
    return _part(row, np.concatenate(vectors), picture, broken)


def _part(
    row: Sequence[int], vector: F32, picture: NDArray[np.uint8] | None, broken: dict[int, str]
) -> Part:
    """Return a part without the rows that point nowhere; they are told as broken."""
    fine = has_direction(unit_rows(vector)) if len(vector) else np.zeros(0, bool)
    place = np.array(row, np.int64)
    nowhere = {int(each): NO_DIRECTION for each in place[~fine]}
    return Part(
        row=place[fine],
        vector=vector[fine],
        picture=None if picture is None else picture[fine],
        broken=dict(sorted((broken | nowhere).items())),
    )


def _checked(vectors: Any, count: int, encoder: Encoder) -> F32:
    """Return what an encoder gave as float32; anybody may have written that encoder."""
    rows: F32 = np.asarray(vectors, np.float32)
    if rows.shape != (count, encoder.dimension):
        raise UsageError(
            f"The encoder {encoder.name} returned shape {rows.shape} for {count} items.",
            hint=f"It must return {count} rows of {encoder.dimension} columns.",
        )
    return rows
