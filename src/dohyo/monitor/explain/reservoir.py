"""A few of the items themselves, where that is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Modality
from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.explain.past import cleaned
from dohyo.rows import F32, unit_rows

THUMBNAIL = 64
"""Pixels a side, at most."""
PICTURES = 24
"""Thumbnails that are kept of a modality, at most."""
LONGEST_CAPTION = 200


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Item:
    """One item, as it is shown.

    Attributes
    ----------
    modality : its own
    row : (d,) unit vector
    caption, label, source : None where unknown
    picture : (h, w, 3) uint8 of at most 64 × 64, or None
    """

    modality: Modality
    row: F32
    caption: str | None = None
    label: str | None = None
    source: str | None = None
    picture: NDArray[np.uint8] | None = None


def item_of(modality: Modality, side: Side, place: int, unit: F32) -> Item:
    """Return an item of a batch as it is shown."""

    def told(names: tuple[str, ...] | None, longest: int = 80) -> str | None:
        return None if names is None else cleaned(names[place], longest)

    return Item(
        modality=modality,
        row=unit[place],
        caption=told(side.caption, LONGEST_CAPTION),
        label=told(side.label),
        source=told(side.source),
        picture=None if side.picture is None else small(side.picture[place]),
    )


def small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture thinned out to at most 64 pixels a side."""
    step = max(1, -(-max(picture.shape[:2]) // THUMBNAIL))
    return np.ascontiguousarray(picture[::step, ::step])


@dataclass(eq=False, slots=True)
class Reservoir:
    """A uniform sample of the items of both modalities, so many of each at most.

    Every image draws a key; its first text has the same one, and the smallest keys are kept: so
    pairs stay together where they are known.

    Attributes
    ----------
    keep : items of each modality; 0 for none
    held : by modality, (key, item), the smallest key first
    """

    keep: int
    held: dict[Modality, list[tuple[float, Item]]] = field(
        default_factory=lambda: {"image": [], "text": []}
    )

    def add(self, batch: Batch, rng: np.random.Generator) -> None:
        """Offer every item of a batch."""
        if not self.keep:
            return
        image = rng.random(0 if batch.image is None else len(batch.image.rows))
        text = rng.random(0 if batch.text is None else len(batch.text.rows))
        pairs = batch.text_to_image
        if pairs is not None and len(pairs) == len(text) and len(image):
            _, first = np.unique(pairs, return_index=True)
            text = np.full(len(text), np.inf)
            text[first] = image[pairs[first]]
        self._offer("image", batch.image, image)
        self._offer("text", batch.text, text)

    def lead(self, batch: Batch, rng: np.random.Generator) -> None:
        """Put a sample of a batch, half of what may be kept, before what is held; drop the end."""
        fresh = Reservoir(-(-self.keep // 2))
        fresh.add(batch, rng)
        for side, held in fresh.held.items():
            self.held[side] = _few_pictures([*held, *self.held[side]][: self.keep])

    def items(self, modality: Modality) -> list[Item]:
        """Return what is kept of a modality."""
        return [item for _, item in self.held[modality]]

    def pairs(self) -> tuple[F32, F32] | None:
        """Return the rows of the images and the texts that belong together; None below two."""
        texts = {key: item.row for key, item in self.held["text"]}
        both = [(item.row, texts[key]) for key, item in self.held["image"] if key in texts]
        if len(both) < 2:
            return None
        return np.stack([image for image, _ in both]), np.stack([text for _, text in both])

    def _offer(self, modality: Modality, side: Side | None, keys: NDArray[np.float64]) -> None:
        if side is None or not len(keys):
            return
        chosen = np.argsort(keys, kind="stable")[: self.keep]
        chosen = chosen[np.isfinite(keys[chosen])]
        unit = unit_rows(np.asarray(side.rows)[chosen])
        few = Side(
            rows=unit,
            label=_some(side.label, chosen),
            source=_some(side.source, chosen),
            caption=_some(side.caption, chosen),
            picture=None if side.picture is None else side.picture[chosen[:PICTURES]],
        )
        shown = len(chosen) if few.picture is None else len(few.picture)
        offered = [
            (
                float(keys[place]),
                item_of(modality, few if n < shown else replace(few, picture=None), n, unit),
            )
            for n, place in enumerate(chosen)
        ]
        held = sorted([*self.held[modality], *offered], key=lambda each: each[0])[: self.keep]
        self.held[modality] = _few_pictures(held)


def _few_pictures(held: list[tuple[float, Item]]) -> list[tuple[float, Item]]:
    """Return the items, all but the first few of those with a picture without it."""
    left = PICTURES
    found = []
    for key, item in held:
        if item.picture is not None and not left:
            item = replace(item, picture=None)
        left -= item.picture is not None
        found.append((key, item))
    return found


def _some(names: tuple[str, ...] | None, places: Sequence[int] | Any) -> tuple[str, ...] | None:
    return None if names is None else tuple(names[place] for place in places)
