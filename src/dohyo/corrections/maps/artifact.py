"""A map on disk: `map.json` and `arrays.safetensors`, each under a checksum.

What a later dohyo may do without a new schema version: add keys, and add arrays whose type fits
their name; a reader takes what it knows and carries the rest along unread. What would make an
older reader compute something else gets a new version, which it refuses.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from dohyo.errors import MapError
from dohyo.io.atomic import new_folder
from dohyo.rows import F32
from dohyo.version import __version__

SCHEMA_VERSION = 1
DESCRIPTION = "map.json"
ARRAYS = "arrays.safetensors"
FILES = frozenset({DESCRIPTION, ARRAYS})
MAXIMUM_DESCRIPTION_BYTES = 1 << 20
MAXIMUM_DIMENSION = 1 << 20

STATISTICS = ("_count", "_sum", "_scatter")
TYPES: dict[str, tuple[str, ...]] = {
    "_anchor": ("float32", "float16"),
    **dict.fromkeys(STATISTICS, ("float64",)),
}
"""Types by the end of an array's name: anchors may be halved, statistics are exact."""
USUAL = ("float32",)
AS_WIDE_AS_THE_MAP = ("_mean", "_matrix", "_anchor")
"""Ends of the names of arrays whose last axis is the map's dimension."""

KEYS: dict[str, tuple[type, ...]] = {
    "method": (str,),
    "parameters": (dict,),
    "dimension": (int,),
    "encoder": (str, type(None)),
    "corpus": (str, type(None)),
    "figures": (dict,),
    "reasons": (list,),
    "files": (dict,),
}
"""What schema 1 describes a map by."""


def write_artifact(
    folder: Path, description: Mapping[str, Any], arrays: Mapping[str, F32], *, overwrite: bool
) -> None:
    """Write a map's description and arrays into a new folder, whole or not at all.

    Parameters
    ----------
    description : JSON values under the names in `KEYS` but `files`, and any others
    arrays : by name, of the type that their name asks for; float16 is read back as float32

    Raises
    ------
    UsageError
        If the folder is in the way, or the disk refuses.
    """
    whole = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    with new_folder(folder, overwrite=overwrite, ours=FILES) as draft:
        try:
            # Straight to the file: with a million anchors on either side there are gigabytes.
            save_file(whole, draft / ARRAYS)
        except SafetensorError as error:  # the library's own word for what the system said
            number = re.search(r"os error (\d+)", str(error))
            code = int(number[1]) if number else errno.EIO
            raise OSError(code, os.strerror(code)) from error
        document: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "dohyo_version": __version__,
            **description,
            "files": {ARRAYS: {"sha256": _hash(draft / ARRAYS), "bytes": _size(draft / ARRAYS)}},
        }
        document["checksum"] = _checksum(document)
        (draft / DESCRIPTION).write_bytes(_written(document))


def read_artifact(folder: Path) -> tuple[dict[str, Any], dict[str, F32]]:
    """Read a map's description and arrays, every checksum verified.

    The folder or a file in it may be a link: what a file says is checked, not where it lies.

    Raises
    ------
    MapError
        If a file is missing, changed, truncated, oversized or from a newer schema, or holds what
        no dohyo would have written.
    """
    document = _description(folder / DESCRIPTION)
    _check_arrays(folder / ARRAYS, document)
    try:
        arrays = load_file(folder / ARRAYS)
    except (SafetensorError, TypeError) as error:  # the latter for a type that NumPy lacks
        raise MapError(f"{folder / ARRAYS} cannot be read: {error}.", hint=_FIT_AGAIN) from error
    for name, array in arrays.items():
        if name.endswith(AS_WIDE_AS_THE_MAP) and array.shape[-1:] != (document["dimension"],):
            raise MapError(
                f"{folder / ARRAYS} holds {name} of shape {array.shape}, the map has dimension "
                f"{document['dimension']}.",
                hint=_FIT_AGAIN,
            )
        if array.dtype.name not in types_of(name):
            raise MapError(
                f"{folder / ARRAYS} holds {name} as {array.dtype}, "
                f"not as {' or '.join(types_of(name))}.",
                hint=_FIT_AGAIN,
            )
        if not np.isfinite(array).all():
            raise MapError(f"{folder / ARRAYS} holds NaN or infinity.", hint=_FIT_AGAIN)
        if array.dtype == np.float16:
            arrays[name] = array.astype(np.float32)
    return document, arrays


def types_of(name: str) -> tuple[str, ...]:
    """Return the types that an array of this name may be stored in, the usual one first."""
    return next((types for end, types in TYPES.items() if name.endswith(end)), USUAL)


_FIT_AGAIN = "Copy the map again from where it was fitted, or fit it again."


def _checksum(document: dict[str, Any]) -> str:
    """Return the hash of the description itself, so that a changed digit in it is noticed too."""
    plain = json.dumps(
        {k: v for k, v in document.items() if k != "checksum"}, sort_keys=True, ensure_ascii=True
    )
    return hashlib.sha256(plain.encode()).hexdigest()


def _written(document: dict[str, Any]) -> bytes:
    """Return the one way to write a description, so that even a changed space is noticed."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """Open a file of a map; what the disk says is one sentence."""
    if not path.is_file():
        hint = (
            "A map is a folder made by `dohyo align`." if path.name == DESCRIPTION else _FIT_AGAIN
        )
        raise MapError(f"{path} is missing.", hint=hint)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise MapError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the folder's permissions."
        ) from error


def _hash(path: Path) -> str:
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    with _opened(path) as file:
        return os.fstat(file.fileno()).st_size


def _description(path: Path) -> dict[str, Any]:
    with _opened(path) as file:
        body = file.read(MAXIMUM_DESCRIPTION_BYTES + 1)
    if len(body) > MAXIMUM_DESCRIPTION_BYTES:
        raise MapError(f"{path} is too large to be a map's description.", hint=_FIT_AGAIN)
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MapError(f"{path} is not readable JSON.", hint=_FIT_AGAIN) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        raise MapError(f"{path} does not describe a map.", hint=_FIT_AGAIN)
    if document["schema_version"] != SCHEMA_VERSION:
        raise MapError(
            f"{path} has schema version {document['schema_version']}, this dohyo reads "
            f"{SCHEMA_VERSION}.",
            hint="Upgrade dohyo.",
        )
    if document.get("checksum") != _checksum(document) or body != _written(document):
        raise MapError(f"{path} was changed after it was written.", hint=_FIT_AGAIN)
    for key, types in KEYS.items():
        if key not in document or not isinstance(document[key], types):
            raise MapError(f"{path} does not say what the map's {key} is.", hint=_FIT_AGAIN)
    if not 1 <= document["dimension"] <= MAXIMUM_DIMENSION:
        raise MapError(f"{path} has dimension {document['dimension']}.", hint=_FIT_AGAIN)
    return document


def _check_arrays(path: Path, document: dict[str, Any]) -> None:
    stated = document["files"].get(ARRAYS)
    size = stated.get("bytes") if isinstance(stated, dict) else None
    if not isinstance(size, int) or size < 0:
        raise MapError(f"{path.parent / DESCRIPTION} does not list {ARRAYS}.", hint=_FIT_AGAIN)
    found = _size(path)
    if found != size:
        raise MapError(f"{path} has {found} bytes, {size} were written.", hint=_FIT_AGAIN)
    if _hash(path) != stated.get("sha256"):
        raise MapError(f"{path} was changed after it was written.", hint=_FIT_AGAIN)
