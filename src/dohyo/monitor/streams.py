"""What is watched of a batch: one number for each question that could be asked of it."""

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.gathered import Gathered
from dohyo.monitor.neighbours import neighbourhood
from dohyo.monitor.reference import DIRECTIONS, SHAPED, Reference

STREAMS: tuple[str, ...] = (
    *(f"{side}_along_gap" for side in MODALITIES),
    *(f"{side}_shift" for side in MODALITIES),
    *(f"{side}_spread" for side in MODALITIES),
    *(f"{side}_shape" for side in MODALITIES),
    *(f"{side}_outside" for side in MODALITIES),
    *(f"{side}_length" for side in MODALITIES),
    *(f"{side}_direction_{n}" for side in MODALITIES for n in range(1, DIRECTIONS + 1)),
    "gap_size",
    "gap_direction",
    "mixing",
    "hubness",
)
"""Of each modality: its mean along the gap, its distance from the old mean, its spread, the shape
of its covariance along the eight widest directions, the share of its variance outside of the 32
widest (half of all where there are fewer than 64), the length of its raw vectors, its mean along
the four widest directions. Then the gap's size and direction, how the modalities mix, and how
unequally items are found.

Each costs evidence, but little: the alarm needs log(24/23) = 0.04 more of it for one more stream,
where a clear change brings 1 to 3 a batch. Two numbers of covariance, not d: whether variance
left the old subspace, and whether it is dealt differently inside it; `spread` says how much there
is in all."""

FIGURES: tuple[str, ...] = (
    "cross_share",
    "comparability",
    "volume",
    "refused",
    "benefit",
    "canary_recall",
)
"""What a live service may add, each a stream of its own where it is declared."""

LENGTH_DIGITS = 4
"""Of the logarithm of a length: another rounding of unit vectors is no change of the data."""


def values_of(gathered: Gathered, reference: Reference) -> dict[str, float]:
    """Return the value of every stream that a batch has, by name.

    Means are multiplied by √n, so that batches of different sizes scatter alike as long as
    nothing changes; the squared distance has its expectation under no change taken off. What
    needs more than sums is of the sample. A modality without rows, or one that the reference
    does not know, has no streams.
    """
    sides = [side for side in gathered.modalities if side in reference.means]
    found: dict[str, float] = {}
    for side in sides:
        found |= _of_mean(gathered, side, reference) | _of_sample(gathered, side, reference)
    if len(sides) == len(MODALITIES) and reference.gap is not None:
        gap = gathered.mean("image") - gathered.mean("text")
        size = float(np.linalg.norm(gap))
        found["gap_size"] = size
        found["gap_direction"] = float(gap @ reference.gap) / max(size, 1e-12)
        found |= neighbourhood(gathered.sample("image"), gathered.sample("text"))
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _of_mean(gathered: Gathered, side: Modality, reference: Reference) -> dict[str, float]:
    n, mean = gathered.rows(side), gathered.mean(side)
    moved = mean - reference.means[side]
    spread = 1.0 - float(mean @ mean)  # trace of the covariance of unit rows
    found = {
        f"{side}_shift": float(n * (moved @ moved) - spread),
        f"{side}_spread": float(np.sqrt(n) * spread),
        f"{side}_length": round(float(np.log(gathered.length(side))), LENGTH_DIGITS),
    }
    if reference.gap is not None:
        found[f"{side}_along_gap"] = float(np.sqrt(n) * (moved @ reference.gap))
    for place, along in enumerate(reference.directions[:DIRECTIONS] @ moved, start=1):
        found[f"{side}_direction_{place}"] = float(np.sqrt(n) * along)
    return found


def _of_sample(gathered: Gathered, side: Modality, reference: Reference) -> dict[str, float]:
    sample = gathered.sample(side)
    n = len(sample)
    centred = sample - sample.mean(0)
    along = centred @ reference.directions.T.astype(np.float32)
    half = along[:, : sample.shape[1] // 2]  # of few dimensions, or nothing would be outside
    inside, whole = (float(np.square(x, dtype=np.float64).sum()) for x in (half, centred))
    along = along[:, :SHAPED].astype(np.float64) @ reference.whitening[side]
    excess = along.T @ along / n - np.eye(along.shape[1])
    return {
        f"{side}_outside": float(np.sqrt(n) * (1.0 - inside / max(whole, 1e-12))),
        f"{side}_shape": float(n * np.square(excess).sum()),
    }
