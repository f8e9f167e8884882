"""What the data looked like when watching began."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.rows import F32

F64 = NDArray[np.float64]
DIRECTIONS = 4


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reference:
    """The state to which every later batch is compared; O(d) memory.

    Attributes
    ----------
    means : (d,) of the unit rows of each modality
    gap : (d,) unit vector from the texts' mean to the images'
    directions : (4, d) widest directions of both modalities together, each about its own mean
    """

    means: dict[Modality, F64]
    gap: F64
    directions: F64

    @classmethod
    def of(cls, batches: Sequence[dict[Modality, F32]]) -> "Reference":
        """Return the reference of some batches of unit rows."""
        whole = {
            side: np.concatenate([batch[side] for batch in batches]).astype(np.float64)
            for side in MODALITIES
        }
        means = {side: rows.mean(0) for side, rows in whole.items()}
        gap = means["image"] - means["text"]
        centred = np.concatenate([rows - means[side] for side, rows in whole.items()])
        _, axes = np.linalg.eigh(centred.T @ centred / len(centred))
        return cls(
            means=means,
            gap=gap / max(float(np.linalg.norm(gap)), 1e-12),
            directions=axes[:, ::-1][:, :DIRECTIONS].T,
        )
