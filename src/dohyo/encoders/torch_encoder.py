"""What the encoders of all PyTorch libraries have in common."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dohyo.corpus import MODALITIES, Modality
from dohyo.encoders.fingerprint import fingerprint, probe_pictures
from dohyo.encoders.pictures import to_rgb
from dohyo.encoders.runtime import Runtime, in_batches
from dohyo.errors import UsageError
from dohyo.rows import F32

if TYPE_CHECKING:
    from PIL import Image

    Pictures = Sequence[Image.Image]


@dataclass(frozen=True, slots=True, eq=False)
class Towers:
    """A library's model, ready to encode.

    Attributes
    ----------
    model : the torch module, in evaluation mode, on its device
    texts : n sentences to a tensor (n, d)
    images : n RGB pictures to a tensor (n, d); None where the model knows no pictures
    preprocessing : what happens before the model, as JSON can hold it
    """

    model: Any
    texts: Callable[[Sequence[str]], Any]
    images: "Callable[[Pictures], Any] | None"
    preprocessing: Mapping[str, Any]


@dataclass(frozen=True, eq=False)  # no slots: the fingerprint is kept once it is computed
class TorchEncoder:
    """Two towers run by PyTorch; vectors are as long as the model makes them, always float32.

    Frozen, deterministic on one device, and safe to share between threads, which take turns.

    Raises
    ------
    UsageError
        If the towers do not answer with one vector each, of the same dimension.
    """

    name: str
    towers: Towers = field(repr=False)
    runtime: Runtime
    dimension: int = field(init=False)
    _turn: Any = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Encode one sentence and one picture, to see that both come out alike."""
        with self.runtime.arithmetic(exact=True):
            shapes = [tuple(self.towers.texts(["a"]).shape)]
            if self.towers.images is not None:
                shapes.append(tuple(self.towers.images(probe_pictures()[:1]).shape))
        if any(len(shape) != 2 for shape in shapes) or len({shape[-1] for shape in shapes}) != 1:
            raise UsageError(
                f"{self.name} puts pictures and sentences into no common space: its vectors are "
                f"shaped {' and '.join(map(str, shapes))}.",
                hint="Name a model that was trained on pictures with their captions.",
            )
        object.__setattr__(self, "dimension", shapes[0][1])

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What this encoder can encode."""
        return MODALITIES if self.towers.images is not None else ("text",)

    @cached_property
    def fingerprint(self) -> str:
        """See `dohyo.encoders.fingerprint`; computed when it is first asked for."""
        towers = self.towers
        images = None if towers.images is None else self._exactly(towers.images)
        with self._turn:
            return fingerprint(
                towers.model, towers.preprocessing, images, self._exactly(towers.texts)
            )

    def encode_images(self, images: "Pictures") -> F32:
        """Return one row for each picture, shape (n, dimension); any mode, any size.

        Raises
        ------
        UsageError
            If the model knows sentences alone, or the device has too little memory.
        CorpusError
            If a picture is empty or in a mode that Pillow cannot turn into RGB.
        """
        tower = self.towers.images
        if tower is None:
            raise UsageError(
                f"{self.name} encodes sentences, no pictures.",
                hint="Name an image-text encoder, for example a CLIP model.",
            )

        def encode(part: "Pictures") -> Any:
            return tower(to_rgb(part, extra="images", needed_by=self.name))

        with self._turn, self.runtime.arithmetic():
            return in_batches(encode, images, self.dimension, self.runtime)

    def encode_texts(self, texts: Sequence[str]) -> F32:
        """Return one row for each sentence, shape (n, dimension); long ones are cut.

        Raises
        ------
        UsageError
            If the device has too little memory.
        """
        with self._turn, self.runtime.arithmetic():
            return in_batches(self.towers.texts, texts, self.dimension, self.runtime)

    def _exactly(self, tower: Callable[[Any], Any]) -> Callable[[Any], F32]:
        def encode(items: Any) -> F32:
            with self.runtime.arithmetic(exact=True):
                rows: F32 = tower(items).float().cpu().numpy()
                return rows

        return encode
