"""A monitor as bytes: safetensors, with what is no array as JSON beside it."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from dohyo.errors import UsageError

SCHEMA_VERSION = 1
KEY = "dohyo_monitor"


def packed(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays of float64 and int64 and what describes them as bytes.

    Parameters
    ----------
    meta : what JSON can hold
    """
    document = json.dumps({"schema": SCHEMA_VERSION} | dict(meta), sort_keys=True)
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return bytes(save(whole, metadata={KEY: document}))


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `packed` wrote, bit for bit; the arrays are fresh.

    Raises
    ------
    UsageError
        If it is something else, damaged, or of a newer version.
    """
    try:
        head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        meta = json.loads(head["__metadata__"][KEY])
        arrays = {name: np.array(array) for name, array in load(data).items()}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "This is no saved monitor, or it was damaged.",
            hint="Give what Monitor.save returned, unchanged, or begin a new one.",
        ) from error
    if not isinstance(meta, dict) or meta.get("schema") != SCHEMA_VERSION:
        raise UsageError(
            "This monitor was saved by another version of dohyo.",
            hint="Load it with the version that saved it, or begin a new one.",
        )
    return meta, arrays
