"""A hash by which a changed encoder is noticed: weights, preprocessing, and what they answer.

Weights and preprocessing are hashed exactly. What is in neither, an activation function, a number
of heads, a bug of the library's version, shows in the probes alone: four pictures and six sentences
are encoded in float32, and what is hashed is the cosine of every two of them, in steps of
`COSINE_STEP`, and their lengths, in steps of a quarter of a power of two. The steps are that coarse
because other processors, numbers of threads and devices sum in another order, which moved a cosine
by less than 1e-6 where we measured it: the chance that one of 45 cosines lies that near to a step's
edge is below 0.5 %. The pictures are of one colour each, which no way of resizing can change; how
pictures are resized is among the preprocessing.

Precision is left out on purpose: float16 vectors of a model have a cosine above .999 with its
float32 vectors, so a map that was fitted on one serves the other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dohyo.extras import require
from dohyo.rows import F32

if TYPE_CHECKING:
    from PIL import Image

COSINE_STEP: Final = 0.02
LENGTH_STEP: Final = 0.25
COLOURS: Final = ("black", "white", (200, 40, 30), (30, 90, 200))
SENTENCES: Final = (
    "a photo of a dog",
    "Two red stars above a small green ring.",
    "the stock market fell by 3.5% on Tuesday",
    "夕焼けの海に浮かぶ小さな船",
    "Ein müder Käfer schläft unter dem Ahornblatt",
    " ".join(f"word {number}" for number in range(200)),  # longer than any model reads: its cut
)


def fingerprint(
    model: Any,
    preprocessing: Mapping[str, Any],
    encode_images: "Callable[[Sequence[Image.Image]], F32] | None",
    encode_texts: Callable[[Sequence[str]], F32],
) -> str:
    """Return a hash of 64 hexadecimal digits.

    Parameters
    ----------
    model : a torch module; all its parameters and floating-point buffers count
    preprocessing : what JSON can hold, of everything that happens before the model
    encode_images, encode_texts : as the encoder does, but in float32
    """
    rows = [encode_texts(SENTENCES)]
    if encode_images is not None:
        rows.append(encode_images(probe_pictures()))
    whole = sha256(hash_of_weights(model))
    for part in (preprocessing, answers(np.vstack(rows))):
        whole.update(sha256(json.dumps(part, sort_keys=True).encode()).digest())
    return whole.hexdigest()


def probe_pictures() -> "list[Image.Image]":
    """Return the pictures that are encoded for the fingerprint, of one colour each."""
    pillow = require("PIL.Image", extra="images", needed_by="The fingerprint of an encoder")
    return [pillow.new("RGB", (96, 96), colour) for colour in COLOURS]


def answers(rows: F32) -> list[int]:
    """Return cosines and lengths of probe vectors (n, d), as numbers of steps."""
    wide = rows.astype(np.float64)
    lengths = np.maximum(np.linalg.norm(wide, axis=1), 1e-12)
    unit = wide / lengths[:, None]
    first, second = np.triu_indices(len(unit), 1)
    cosines = np.sum(unit[first] * unit[second], axis=1)
    steps = [*(cosines / COSINE_STEP), *(np.log2(lengths) / LENGTH_STEP)]
    # Between two steps: an exact 1, or a length of exactly 1, must not lie on an edge.
    return [int(np.floor(step + 0.5)) for step in steps]


def hash_of_weights(model: Any) -> bytes:
    """Return one hash over name, type, shape and bytes of every weight, in the order of names.

    Two threads hash: about 2 GB/s.
    """
    kept = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()  # positions and the like are counted, not learnt
    }
    with ThreadPoolExecutor(2) as pool:
        hashes = pool.map(lambda name: _hash_of(name, kept[name]), sorted(kept))
        return sha256(b"".join(hashes)).digest()


def _hash_of(name: str, tensor: Any) -> bytes:
    torch = require("torch", extra="torch", needed_by="The fingerprint of an encoder")
    head = json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode()
    flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return sha256(sha256(head).digest() + sha256(flat).digest()).digest()
