"""What is watched of a batch: one number for each question that could be asked of it."""

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.reference import DIRECTIONS, Reference
from dohyo.rows import F32

STREAMS: tuple[str, ...] = (
    *(f"{side}_along_gap" for side in MODALITIES),
    *(f"{side}_shift" for side in MODALITIES),
    *(f"{side}_spread" for side in MODALITIES),
    *(f"{side}_length" for side in MODALITIES),
    *(f"{side}_direction_{n}" for side in MODALITIES for n in range(1, DIRECTIONS + 1)),
    "gap_size",
    "gap_direction",
)
"""Each modality's mean along the gap, its distance from the old mean, its spread, the length of
its raw vectors, its mean along the widest directions; and the gap's own size and direction."""

LENGTH_DIGITS = 4
"""Of the logarithm of a length: another rounding of unit vectors is no change of the data."""


def values_of(
    unit: dict[Modality, F32], lengths: dict[Modality, F32], reference: Reference
) -> dict[str, float]:
    """Return every stream's value for a batch.

    Means are multiplied by √n, so that batches of different sizes scatter alike as long as
    nothing changes; the squared distance has its expectation under no change taken off.

    Parameters
    ----------
    unit : (n, d) unit rows of each modality
    lengths : (n,) of the raw vectors
    """
    found: dict[str, float] = {}
    means = {side: rows.mean(0, dtype=np.float64) for side, rows in unit.items()}
    for side in MODALITIES:
        n, moved = len(unit[side]), means[side] - reference.means[side]
        spread = 1.0 - float(means[side] @ means[side])  # trace of the covariance of unit rows
        found[f"{side}_along_gap"] = float(np.sqrt(n) * (moved @ reference.gap))
        found[f"{side}_shift"] = float(n * (moved @ moved) - spread)
        found[f"{side}_spread"] = float(np.sqrt(n) * spread)
        length = float(np.log(lengths[side].mean(dtype=np.float64)))
        found[f"{side}_length"] = round(length, LENGTH_DIGITS)
        for place, along in enumerate(reference.directions @ moved, start=1):
            found[f"{side}_direction_{place}"] = float(np.sqrt(n) * along)
    gap = means["image"] - means["text"]
    size = float(np.linalg.norm(gap))
    found["gap_size"] = size
    found["gap_direction"] = float(gap @ reference.gap) / max(size, 1e-12)
    return found
