"""What a corpus says beside its rows, as metadata of a table's schema."""

import base64
import binascii
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.io.table import DOHYO, Table, json_object

PICTURE = "picture"
"""The column of thumbnails, each the bytes of (h, w, 3); h and w are metadata."""


def metadata_of(corpus: Corpus) -> dict[bytes, str] | None:
    """Return the metadata of a corpus: encoder, class names and texts, size of the pictures."""
    said: dict[str, Any] = {"encoder": corpus.encoder, "class_name": corpus.class_name}
    if corpus.class_text is not None:
        said["class_text"] = _packed(corpus.class_text)
    if corpus.picture is not None:
        said[PICTURE] = corpus.picture.shape[1:]
    said = {key: value for key, value in said.items() if value is not None}
    return {DOHYO: json.dumps(said, ensure_ascii=False)} if said else None


def encoder_of(table: Table) -> str | None:
    """Return the fingerprint of the encoder, if it is said."""
    encoder = json_object(table.schema, DOHYO).get("encoder")
    return None if encoder is None else str(encoder)


def class_names_of(table: Table) -> list[str] | None:
    """Return the names of the classes, if dohyo wrote them."""
    names = json_object(table.schema, DOHYO).get("class_name")
    return None if names is None else [str(name) for name in names]


def class_texts_of(table: Table) -> NDArray[Any] | None:
    """Return the vectors of the class prompts (k, d), if there are any."""
    held = json_object(table.schema, DOHYO).get("class_text")
    return None if held is None else _unpacked(held)


def picture_shape(table: Table) -> tuple[int, int, int] | None:
    """Return height, width and 3, if there is a column of thumbnails."""
    shape = json_object(table.schema, DOHYO).get(PICTURE)
    if PICTURE not in table.schema.names or not isinstance(shape, list) or len(shape) != 3:
        return None
    height, width, channels = map(int, shape)
    return height, width, channels


def _packed(rows: NDArray[Any]) -> dict[str, Any]:
    little = np.ascontiguousarray(rows, rows.dtype.newbyteorder("<"))
    return {
        "type": rows.dtype.name,
        "shape": rows.shape,
        "base64": base64.b64encode(little.tobytes()).decode("ascii"),
    }


def _unpacked(held: Any) -> NDArray[Any] | None:
    """Return the array that was packed; None where somebody else wrote something of that name."""
    try:
        kind = np.dtype(held["type"]).newbyteorder("<")
        flat = np.frombuffer(base64.b64decode(held["base64"], validate=True), kind)
        rows: NDArray[Any] = flat.reshape(held["shape"]).astype(kind.newbyteorder("="))
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    return rows
