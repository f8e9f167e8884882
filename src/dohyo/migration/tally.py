"""How many rows, and a checksum of them that does not depend on their order."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dohyo.stores.protocol import Rows

MODULUS = 1 << 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Rows counted and summed up.

    Attributes
    ----------
    rows : how many
    total : the sum of their 128-bit hashes, modulo 2**128; unlike an exclusive or, it changes
        when a row comes twice
    """

    rows: int = 0
    total: int = 0

    def and_rows(self, rows: Rows) -> "Tally":
        """Return this tally with more rows in it."""
        vectors = np.ascontiguousarray(rows.vectors, "<f4")
        total = self.total
        for key, vector, held in zip(rows.ids, vectors, rows.payload, strict=True):
            row = hashlib.blake2b(vector.data, digest_size=16)
            row.update(json.dumps(key).encode())
            row.update(written(held).encode())
            total += int.from_bytes(row.digest(), "big")
        return Tally(rows=self.rows + len(rows), total=total % MODULUS)

    @property
    def checksum(self) -> str:
        """The sum as 32 hex digits."""
        return f"{self.total:032x}"


def written(payload: Mapping[str, Any]) -> str:
    """Return one text for a payload, the same for all that a store may not tell apart.

    A field that is None counts as one that is not there; NaN equals NaN.
    """
    held = {name: value for name, value in payload.items() if value is not None}
    return json.dumps(held, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
