"""What tells one fitted correction from another: a hash of everything its vectors depend on."""

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dohyo.corrections.map import AlignmentMap


def map_identity(fitted: "AlignmentMap", strength: float = 1.0) -> str:
    """Return the SHA-256, in hex, of a map at a strength.

    Maps that correct alike have the same one wherever they were fitted, saved or loaded; where
    they come from (corpus, figures, reasons) is no part of it.
    """
    setting = {
        "method": fitted.method,
        "parameters": {name: float(value) for name, value in fitted.parameters.items()},
        "dimension": fitted.dimension,
        "strength": float(strength),
    }
    whole = hashlib.sha256(json.dumps(setting, sort_keys=True).encode())
    for name, array in sorted(fitted.arrays.items()):
        whole.update(f"{name} {array.dtype} {array.shape}".encode())
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()
