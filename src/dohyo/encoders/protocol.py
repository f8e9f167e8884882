"""What dohyo asks of an encoder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality

if TYPE_CHECKING:
    from PIL import Image


class Encoder(Protocol):
    """An image-text encoder: two towers, one space, never changed by dohyo.

    One that knows a single modality says so in a property `modalities`, a tuple, and raises
    `UsageError` when asked for the other; see `modalities_of`.
    """

    @property
    def name(self) -> str:
        """The name a user types, for example `shapes-world`."""

    @property
    def dimension(self) -> int:
        """Number of columns of every vector."""

    @property
    def fingerprint(self) -> str:
        """A hash of weights and preprocessing; it changes when the encoder does."""

    def encode_images(self, images: Sequence["Image.Image"]) -> NDArray[np.float32]:
        """Return one row for each picture, shape (n, dimension)."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row for each sentence, shape (n, dimension)."""


def modalities_of(encoder: Encoder) -> tuple[Modality, ...]:
    """Return what an encoder can encode: both, unless its own `modalities` says otherwise."""
    own: tuple[Modality, ...] = getattr(encoder, "modalities", MODALITIES)
    return own
