"""The encoder that ships with dohyo: two small ONNX towers, run by onnxruntime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from dohyo.encoders.builtin.pixels import to_pixels
from dohyo.encoders.builtin.tokenizer import Tokenizer
from dohyo.errors import UsageError
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image

F32 = NDArray[np.float32]

NAMES: Final = ("shapes-world", "shapes-world-untrained")
"""The trained encoder, and the same architecture before its first training step."""

IMAGE_FILE: Final = "image.onnx"
TEXT_FILE: Final = "text.onnx"
VOCABULARY_FILE: Final = "vocabulary.json"

_BATCH: Final = 64  # (64, 64, 64, 48) float32 activations stay below 20 MB


@dataclass(frozen=True, slots=True, eq=False)  # sessions have no equality; compare fingerprints
class BuiltinEncoder:
    """Two towers and a vocabulary; frozen, deterministic, safe to share between threads."""

    name: str
    image_model: bytes = field(repr=False)
    text_model: bytes = field(repr=False)
    vocabulary: bytes = field(repr=False)
    threads: int = 0
    _image: Any = field(init=False, repr=False)
    _text: Any = field(init=False, repr=False)
    _tokenizer: Tokenizer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Start the two sessions; a model that onnxruntime cannot read fails here."""
        object.__setattr__(self, "_image", _session(self.image_model, self.threads))
        object.__setattr__(self, "_text", _session(self.text_model, self.threads))
        object.__setattr__(self, "_tokenizer", Tokenizer.from_json(self.vocabulary))

    @property
    def dimension(self) -> int:
        """Number of columns of every vector."""
        return int(self._image.get_outputs()[0].shape[1])

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, over both towers (preprocessing is part of them) and the vocabulary."""
        return fingerprint(self.image_model, self.text_model, self.vocabulary)

    def encode_images(self, images: "Sequence[Image.Image]") -> F32:
        """Return unit rows, shape (n, dimension); any mode, any size, also no picture at all.

        Raises
        ------
        CorpusError
            If a picture is empty or in a mode that Pillow cannot turn into RGB.
        MissingExtra
            If Pillow is not installed.
        """
        side = int(self._image.get_inputs()[0].shape[1])
        return self._in_batches(self._image, images, lambda part: to_pixels(part, side))

    def encode_texts(self, texts: Sequence[str]) -> F32:
        """Return unit rows, shape (n, dimension); words it never learnt count as `<unk>`."""
        return self._in_batches(self._text, texts, self._tokenizer.encode)

    def _in_batches(
        self, session: Any, items: Sequence[Any], prepare: Callable[[Sequence[Any]], NDArray[Any]]
    ) -> F32:
        rows = np.empty((len(items), self.dimension), dtype=np.float32)
        (source,) = session.get_inputs()
        for start in range(0, len(items), _BATCH):
            batch = prepare(items[start : start + _BATCH])
            (rows[start : start + _BATCH],) = session.run(None, {source.name: batch})
        return rows


def load(name: str = NAMES[0], *, threads: int = 0) -> BuiltinEncoder:
    """Return a shipped encoder; `threads` 0 leaves the number to onnxruntime.

    Raises
    ------
    UsageError
        If no encoder of that name ships with dohyo.
    MissingExtra
        If onnxruntime is not installed.
    """
    if name not in NAMES:
        raise UsageError(
            f"There is no built-in encoder {name!r}.", hint=f"Choose one of: {', '.join(NAMES)}."
        )
    shelf = files("dohyo.encoders.builtin")
    return BuiltinEncoder(
        name,
        (shelf / name / IMAGE_FILE).read_bytes(),
        (shelf / name / TEXT_FILE).read_bytes(),
        (shelf / VOCABULARY_FILE).read_bytes(),
        threads,
    )


def fingerprint(*parts: bytes) -> str:
    """Return one hash over all parts; each part's own hash keeps the seams from moving."""
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


def _session(model: bytes, threads: int) -> Any:
    runtime = require("onnxruntime", extra="demo", needed_by="The built-in encoder")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
