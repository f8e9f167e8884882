"""How keys, vectors and payload travel to PostgreSQL and back, with nothing lost."""

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dohyo.rows import F32
from dohyo.stores.protocol import Id

WHOLE = {"int2": 16, "int4": 32, "int8": 64}
"""Bits of the whole numbers."""
TEXTS = ("text", "varchar", "bpchar")
KEYS = (*WHOLE, *TEXTS, "uuid")
"""Types that a key may have."""
VECTORS = {"vector": ">f4", "halfvec": ">f2"}
"""Types of vectors, and of their numbers as PostgreSQL sends them."""
DOCUMENTS = ("json", "jsonb")
PLAIN = (*WHOLE, *TEXTS, *DOCUMENTS, "float4", "float8", "bool")
"""Types that have their like in Python; so have arrays of them, written with a bar before."""


def read_as(name: str, kind: str) -> str:
    """Return the expression that reads a column: of a type that Python lacks, as text.

    Parameters
    ----------
    name : of the column, quoted
    kind : of its type, as the catalogue has it
    """
    if kind in PLAIN or kind in ("_float4", "_float8"):
        return name
    # PostgreSQL's own arrays of words are hard to read: `NULL` and "NULL" are two things there.
    return f"to_jsonb({name})" if kind[1:] in PLAIN else f"CAST({name} AS text)"


def written(value: Any, kind: str) -> str | None:
    """Return a value as the text that PostgreSQL reads as a column's type."""
    if value is None:
        return None
    if kind in DOCUMENTS:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return _nested(value, kind.removeprefix("_"))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def array(values: Iterable[str | None]) -> str:
    """Return texts as one array, all in quotes: bare, some words would mean something."""
    return "{" + ",".join("NULL" if each is None else _quoted(each) for each in values) + "}"


def _nested(values: Sequence[Any], kind: str) -> str:
    """Return a list as an array; a list in a list is a further dimension."""
    if kind not in DOCUMENTS and any(isinstance(each, (list, tuple)) for each in values):
        return "{" + ",".join(_nested(each, kind) for each in values) + "}"
    return array(written(each, kind) for each in values)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def possible_keys(ids: Sequence[Id], kind: str) -> list[str]:
    """Return the keys that a column can hold, as text; the others exist in no row of it."""
    found = (_possible(each, kind) for each in ids)
    return [each for each in found if each is not None]


def _possible(key: Id, kind: str) -> str | None:
    if kind in WHOLE:
        bound = 1 << (WHOLE[kind] - 1)
        whole = isinstance(key, int) and not isinstance(key, bool) and -bound <= key < bound
        return str(key) if whole else None
    if not isinstance(key, str) or "\0" in key:
        return None
    if kind != "uuid":
        return key
    try:
        return str(uuid.UUID(key))
    except ValueError:
        return None


def vector_text(vector: F32) -> str:
    """Return one vector as pgvector reads it; the same float32 numbers come out of it."""
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def read_vectors(sent: Sequence[bytes], kind: str) -> F32:
    """Return vectors of one length from what `vector_send` sends: n pieces to (n, d)."""
    flat = np.frombuffer(b"".join(sent), np.uint8).reshape(len(sent), -1)
    numbers = np.ascontiguousarray(flat[:, 4:]).view(VECTORS[kind])  # first: its length, a zero
    return numbers.astype(np.float32)
