"""Encoders by name: `load_encoder`."""

from collections.abc import Callable

from dohyo.encoders.builtin import NAMES
from dohyo.encoders.builtin import load as load_builtin
from dohyo.encoders.open_clip import load_open_clip
from dohyo.encoders.protocol import Encoder
from dohyo.encoders.sentence_transformers import load_sentence_transformers
from dohyo.encoders.transformers import load_transformers
from dohyo.errors import UsageError

Loader = Callable[[str, str, str], Encoder]
"""Takes what stands behind the colon, device and precision."""

LIBRARIES: dict[str, Loader] = {
    "open_clip": load_open_clip,
    "transformers": load_transformers,
    "sentence-transformers": load_sentence_transformers,
}
"""By what stands before the colon. To add a library: write its file, add one line."""


def load_encoder(
    name: str, *, device: str = "cpu", precision: str = "float32", threads: int = 0
) -> Encoder:
    """Return an encoder.

    Parameters
    ----------
    name : `shapes-world`, `open_clip:ARCHITECTURE/WEIGHTS`, `transformers:NAME` or
        `sentence-transformers:NAME`, where NAME may be a folder
    device : cpu, cuda, mps; the built-in encoders know cpu alone
    precision : float32, float16 or bfloat16, of the encoder's arithmetic; vectors come out as
        float32
    threads : of the built-in encoders; 0 leaves it to onnxruntime

    Raises
    ------
    UsageError
        If there is no encoder of that name, or it cannot be loaded.
    MissingExtra
        If its library is not installed.
    """
    library, colon, rest = name.partition(":")
    if not colon:
        return load_builtin(name, threads=threads)
    if library not in LIBRARIES:
        raise UsageError(
            f"There is no encoder {name!r}.",
            hint=f"Say {', '.join(NAMES)}, or one of {', '.join(LIBRARIES)} before a colon.",
        )
    return LIBRARIES[library](rest, device, precision)
