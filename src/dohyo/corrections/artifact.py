"""A map on disk: `map.json` and `arrays.safetensors`, each under a checksum."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from dohyo.corpus import F32
from dohyo.errors import MapError
from dohyo.io.atomic import new_folder
from dohyo.version import __version__

SCHEMA_VERSION = 1
DESCRIPTION = "map.json"
ARRAYS = "arrays.safetensors"
FILES = frozenset({DESCRIPTION, ARRAYS})
MAXIMUM_DESCRIPTION_BYTES = 1 << 20


def write_artifact(
    folder: Path, description: Mapping[str, Any], arrays: Mapping[str, F32], *, overwrite: bool
) -> None:
    """Write a map's description and arrays into a new folder, whole or not at all.

    Raises
    ------
    UsageError
        If the folder is in the way, or the disk refuses.
    """
    body = save({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())})
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "dohyo_version": __version__,
        **description,
        "files": {ARRAYS: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}},
    }
    document["checksum"] = _checksum(document)
    with new_folder(folder, overwrite=overwrite, ours=FILES) as draft:
        (draft / ARRAYS).write_bytes(body)
        (draft / DESCRIPTION).write_bytes(_written(document))


def read_artifact(folder: Path) -> tuple[dict[str, Any], dict[str, F32]]:
    """Read a map's description and arrays, every checksum verified.

    Raises
    ------
    MapError
        If a file is missing, changed, truncated, oversized or from a newer schema.
    """
    document = _description(folder / DESCRIPTION)
    body = _arrays(folder / ARRAYS, document)
    try:
        arrays = load(body)
    except SafetensorError as error:
        raise MapError(f"{folder / ARRAYS} cannot be read: {error}.", hint=_FIT_AGAIN) from error
    if any(a.dtype != np.float32 or not np.isfinite(a).all() for a in arrays.values()):
        raise MapError(f"{folder / ARRAYS} holds NaN or no float32.", hint=_FIT_AGAIN)
    return document, arrays


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


def _description(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MapError(f"{path} is missing.", hint="A map is a folder made by `dohyo align`.")
    if path.stat().st_size > MAXIMUM_DESCRIPTION_BYTES:
        raise MapError(f"{path} is too large to be a map's description.", hint=_FIT_AGAIN)
    try:
        body = path.read_bytes()
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
    return document


def _arrays(path: Path, document: dict[str, Any]) -> bytes:
    if not path.is_file():
        raise MapError(f"{path} is missing.", hint=_FIT_AGAIN)
    stated = document["files"][ARRAYS]
    if path.stat().st_size != stated["bytes"]:
        raise MapError(
            f"{path} has {path.stat().st_size} bytes, {stated['bytes']} were written.",
            hint=_FIT_AGAIN,
        )
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != stated["sha256"]:
        raise MapError(f"{path} was changed after it was written.", hint=_FIT_AGAIN)
    return body
