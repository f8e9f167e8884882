"""What arrives at one time: vectors of one modality or of both, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus, Modality


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Side:
    """The items of one modality.

    Attributes
    ----------
    rows : (n, d) floats as the encoder made them, not corrected
    label, source, caption : n strings each, or None where unknown
    picture : (n, h, w, 3) uint8 thumbnails, or None
    """

    rows: NDArray[Any]
    label: tuple[str, ...] | None = None
    source: tuple[str, ...] | None = None
    caption: tuple[str, ...] | None = None
    picture: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Batch:
    """One batch.

    Attributes
    ----------
    id : what makes it this one and no other, such as its file's name: it is counted once
    at : when it was made, with a time zone
    image, text : its items; None where it has none of a modality
    text_to_image : (m,) the image that each text belongs to; None where no pairs are known
    figures : of the live service in that time, such as the share of the other kind in its lists
    encoder : fingerprint of the encoder, or None if unknown
    why : it could not be read; empty otherwise
    """

    id: str
    at: datetime
    image: Side | None = None
    text: Side | None = None
    text_to_image: NDArray[np.int64] | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    encoder: str | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"batch {self.id} has a time without a zone")
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    def rows(self, modality: Modality) -> NDArray[Any] | None:
        """Return the vectors of a modality, (n, d); None where there are none."""
        side = self.image if modality == "image" else self.text
        return None if side is None else side.rows

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        *,
        id: str,
        at: datetime,
        figures: Mapping[str, float] | None = None,
    ) -> "Batch":
        """Return a corpus as a batch; a text has the label and the source of its image."""
        label, source = _labels(corpus), corpus.source
        owner = corpus.text_to_image
        return cls(
            id=id,
            at=at,
            image=Side(rows=corpus.image, label=label, source=source, picture=corpus.picture),
            text=Side(
                rows=corpus.text,
                label=_of_owner(label, owner),
                source=_of_owner(source, owner),
                caption=corpus.caption,
            ),
            text_to_image=owner,
            figures={} if figures is None else figures,
            encoder=corpus.encoder,
        )


def _labels(corpus: Corpus) -> tuple[str, ...] | None:
    if corpus.label is None:
        return None
    names = corpus.class_name
    return tuple(str(each) if names is None else names[each] for each in corpus.label)


def _of_owner(names: tuple[str, ...] | None, owner: Any) -> tuple[str, ...] | None:
    return None if names is None or owner is None else tuple(names[each] for each in owner)
