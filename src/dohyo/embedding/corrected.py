"""An encoder and a map in one: its vectors come out corrected."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality, Role
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.encoder import require_encoder
from dohyo.corrections.maps.identity import map_identity
from dohyo.embedding.pictures import read_picture
from dohyo.encoders.protocol import Encoder
from dohyo.errors import MapError, UsageError
from dohyo.extras import require
from dohyo.rows import F32, blocks, unit_rows

if TYPE_CHECKING:
    from PIL import Image

BATCH = 32
"""Pictures or sentences that go through the encoder at once where nobody says otherwise."""

PROMPTS: dict[str, Role] = {"query": "query", "document": "item", "passage": "item"}
"""Names of prompts that other libraries tell the two roles apart by."""


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedEncoder:
    """An encoder whose vectors come out corrected; an encoder itself, to put in its place.

    Attributes
    ----------
    encoder : any object with the protocol of `dohyo.encoders.protocol.Encoder`
    map : fitted on vectors of this encoder
    strength : α in [0, 1]; 0 leaves the vectors as they are
    role : of vectors for which none is named: "item" (in the index) or "query" (asking)
    force : take the encoder even if the map was fitted on another, or does not say on which

    Raises
    ------
    MapError
        If the map was fitted on another encoder, does not say on which and `force` is not set;
        or takes vectors of another dimension.
    UsageError
        If strength or role is out of range.
    """

    encoder: Encoder
    map: AlignmentMap = field(repr=False)
    strength: float = 1.0
    role: Role = "item"
    force: bool = field(default=False, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        if not self.force:
            require_encoder(self.map.encoder, self.encoder.fingerprint, say="the encoder")
        if self.encoder.dimension != self.map.dimension:
            raise MapError(
                f"The map takes {self.map.dimension} columns, {self.encoder.name} makes "
                f"{self.encoder.dimension}.",
                hint="Use the encoder that the map was fitted on.",
            )
        for modality in MODALITIES:  # refuses a wrong role or strength before any work is done
            self._corrected(np.ones((1, self.map.dimension), np.float32), modality, self.role)

    @property
    def name(self) -> str:
        """The encoder's own name, and the method that corrects it."""
        return f"{self.encoder.name}+{self.map.method}"

    @property
    def dimension(self) -> int:
        """Number of columns of every vector; columns that correct the scores are among them."""
        return self.map.width if self.strength else self.map.dimension

    @property
    def fingerprint(self) -> str:
        """A hash of encoder, map, strength and role; it changes when the vectors do."""
        parts = [self.encoder.fingerprint, map_identity(self.map, self.strength), self.role]
        return sha256(json.dumps(parts).encode()).hexdigest()

    def as_role(self, role: Role) -> "CorrectedEncoder":
        """Return the same encoder for the other side of a search."""
        return replace(self, role=role)

    def encode_images(self, images: "Sequence[Image.Image]") -> F32:
        """Return one corrected row for each picture, shape (n, dimension)."""
        return self._corrected(self.encoder.encode_images(images), "image", self.role)

    def encode_texts(self, texts: Sequence[str]) -> F32:
        """Return one corrected row for each sentence, shape (n, dimension)."""
        return self._corrected(self.encoder.encode_texts(texts), "text", self.role)

    def encode(
        self,
        inputs: Any,
        *,
        role: Role | None = None,
        prompt_name: str | None = None,
        batch_size: int = BATCH,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        normalize_embeddings: bool = False,
        show_progress_bar: bool | None = None,
    ) -> Any:
        """Return corrected vectors of sentences and pictures, as sentence-transformers would.

        Parameters
        ----------
        inputs : a sentence, a picture (of Pillow, or the path of a file as `pathlib.Path`), or a
            list of them, mixed as you like; each is corrected by its own modality
        role : "item" or "query"; left out, what `prompt_name` says, or the encoder's own role
        prompt_name : "query", "document" or "passage"
        batch_size : inputs that go through the encoder at once
        convert_to_numpy : False returns a list of tensors of PyTorch
        convert_to_tensor : return one tensor of PyTorch, whatever `convert_to_numpy` says
        normalize_embeddings : the rows have length 1 either way, but at strength 0 only so
        show_progress_bar : for compatibility; nothing is shown

        Returns
        -------
        (n, dimension) float32 unit rows in the order of the inputs, to be compared by inner
        product; (dimension,) for a single input.

        Raises
        ------
        UsageError
            If an input is neither a sentence nor a picture, or the role is unknown.
        """
        side = self._role(role, prompt_name)
        single = isinstance(inputs, (str, Path, Mapping)) or not isinstance(inputs, Iterable)
        things = [inputs] if single else list(inputs)
        rows = self._rows(
            things, lambda raw, modality: self._corrected(raw, modality, side), batch_size
        )
        if normalize_embeddings and not self.strength:
            rows = unit_rows(rows)
        if convert_to_tensor or not convert_to_numpy:
            needed = "An answer in tensors"
            tensor = require("torch", extra="torch", needed_by=needed).from_numpy(rows)
            return tensor[0] if single else tensor if convert_to_tensor else list(tensor)
        return rows[0] if single else rows

    def encode_query(self, inputs: Any, **options: Any) -> Any:
        """Return what `encode` returns for what asks."""
        return self.encode(inputs, **{"role": "query"} | options)

    def encode_document(self, inputs: Any, **options: Any) -> Any:
        """Return what `encode` returns for what is in the index."""
        return self.encode(inputs, **{"role": "item"} | options)

    def encode_alone(self, inputs: Sequence[Any], *, batch_size: int = BATCH) -> F32:
        """Return corrected vectors without the columns that correct scores, (n, map.dimension).

        For comparing inputs of one role with each other: clustering, classification, near
        duplicates. Unit rows; of maps without such columns they are those of `encode`.
        """
        return self._rows(
            inputs,
            lambda raw, modality: self.map.moved(raw, modality, self.strength),
            batch_size,
            width=self.map.dimension,
        )

    def similarity(self, queries: Any, items: Any) -> Any:
        """Return the inner products of rows (n, d) with rows (m, d), shape (n, m)."""
        return _matrix(queries) @ _matrix(items).T

    def similarity_pairwise(self, queries: Any, items: Any) -> Any:
        """Return the inner product of each row with the other's of the same number, shape (n,)."""
        return (_matrix(queries) * _matrix(items)).sum(-1)

    def get_sentence_embedding_dimension(self) -> int:
        """Return `dimension`, by the name that sentence-transformers gives it."""
        return self.dimension

    def _corrected(self, rows: NDArray[Any], modality: Modality, role: Role) -> F32:
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        return self.map.apply(rows, modality, role, self.strength)

    def _role(self, role: Role | None, prompt_name: str | None) -> Role:
        if role is not None or prompt_name is None:
            return role or self.role
        if prompt_name not in PROMPTS:
            raise UsageError(
                f"There is no prompt {prompt_name!r}.", hint=f"Say {', '.join(PROMPTS)}."
            )
        return PROMPTS[prompt_name]

    def _rows(
        self,
        things: Sequence[Any],
        correct: Callable[[NDArray[np.float32], Modality], F32],
        size: int,
        width: int | None = None,
    ) -> F32:
        """Return the rows of mixed inputs in their order, each batch of one modality."""
        if size < 1:
            raise UsageError(f"A batch of {size} is none.", hint="Take 1 or more.")
        rows = np.empty((len(things), width or self.dimension), np.float32)
        of: dict[Modality, list[int]] = {"image": [], "text": []}
        for number, thing in enumerate(things):
            of[modality_of(thing, number)].append(number)
        for modality, numbers in of.items():
            for block in blocks(len(numbers), size):
                batch = [things[number] for number in numbers[block]]
                rows[numbers[block]] = correct(self._encode_batch(batch, modality), modality)
        return rows

    def _encode_batch(self, batch: Sequence[Any], modality: Modality) -> NDArray[np.float32]:
        if modality == "text":
            return self.encoder.encode_texts(batch)
        return self.encoder.encode_images([_open(picture) for picture in batch])


def modality_of(thing: Any, number: int = 0) -> Modality:
    """Return "text" for a sentence, "image" for a picture or the path of one.

    Raises
    ------
    UsageError
        If it is neither; `number` is where it stands in the inputs.
    """
    if isinstance(thing, str):
        return "text"
    if isinstance(thing, Path) or _is_picture(thing):
        return "image"
    raise UsageError(
        f"Input {number} is neither a sentence nor a picture but {type(thing).__name__}.",
        hint="Give str, an image of Pillow, or the pathlib.Path of a picture.",
    )


def _is_picture(thing: Any) -> bool:
    """Return whether this is a picture of Pillow; without Pillow loaded there can be none."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(thing, pillow.Image)


def _open(picture: Any) -> "Image.Image":
    """Return a picture, read from its file if it is a path."""
    opened: Image.Image = read_picture(picture) if isinstance(picture, Path) else picture
    return opened


def _matrix(rows: Any) -> Any:
    """Return rows as they are if they are an array or tensor, else as an array."""
    return rows if hasattr(rows, "shape") else np.asarray(rows)
