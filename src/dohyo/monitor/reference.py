"""What the data looked like when watching began."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.gathered import Gathered

F64 = NDArray[np.float64]
DIRECTIONS = 4
"""Directions along which a mean is watched, each a stream of its own."""
SHAPED = 8
"""Directions whose covariance is compared as a whole."""
SUBSPACE = 32
"""Directions that make the subspace outside of which variance is counted."""
LEAST_VARIANCE = 1e-9


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reference:
    """The state to which every later batch is compared; O(d) memory.

    Attributes
    ----------
    means : (d,) of the unit rows of each modality that there was
    gap : (d,) unit vector from the texts' mean to the images'; None where one is missing
    directions : (k, d) widest directions of all modalities together, each about its own mean,
        widest first; k is 32, or d where that is less
    whitening : (8, 8) symmetric for each modality: what makes its covariance along the first
        eight directions the identity
    """

    means: Mapping[Modality, F64]
    gap: F64 | None
    directions: F64
    whitening: Mapping[Modality, F64]

    def arrays(self) -> dict[str, F64]:
        """Return every array by name, to be written."""
        found = {"directions": self.directions}
        for side, mean in self.means.items():
            found |= {f"mean_{side}": mean, f"whitening_{side}": self.whitening[side]}
        return found

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> "Reference":
        """Read what `arrays` gave."""
        means = {side: arrays[f"mean_{side}"] for side in MODALITIES if f"mean_{side}" in arrays}
        return cls(
            means=means,
            gap=_gap(means),
            directions=arrays["directions"],
            whitening={side: arrays[f"whitening_{side}"] for side in means},
        )


@dataclass(eq=False)
class Learning:
    """What becomes the reference: sums of the first batches, O(d²) memory, no rows.

    Means are over all rows, covariances over the samples of the batches.
    """

    batches: int = 0
    sums: dict[str, F64] = field(default_factory=dict)

    def add(self, gathered: Gathered) -> None:
        """Add a batch."""
        self.batches += 1
        for side in gathered.modalities:
            rows = gathered.rows(side)
            sample = gathered.sample(side).astype(np.float64)
            self._add(f"rows_{side}", np.array([rows, len(sample)], np.float64))
            self._add(f"total_{side}", gathered.mean(side) * rows)
            self._add(f"sampled_{side}", sample.sum(0))
            self._add(f"outer_{side}", sample.T @ sample)

    def reference(self) -> Reference:
        """Return the reference of the batches so far; one batch at least."""
        sides = [side for side in MODALITIES if f"rows_{side}" in self.sums]
        means, about, sampled = {}, {}, 0.0
        for side in sides:
            rows, few = self.sums[f"rows_{side}"]
            means[side] = self.sums[f"total_{side}"] / rows
            mean = self.sums[f"sampled_{side}"] / few
            about[side] = self.sums[f"outer_{side}"] / few - np.outer(mean, mean)
            sampled += few
        pooled = sum(about[side] * self.sums[f"rows_{side}"][1] / sampled for side in sides)
        _, axes = np.linalg.eigh(pooled)
        directions = np.ascontiguousarray(axes[:, ::-1][:, :SUBSPACE].T)
        return Reference(
            means=means,
            gap=_gap(means),
            directions=directions,
            whitening={side: _whitening(directions[:SHAPED], about[side]) for side in sides},
        )

    def _add(self, name: str, more: F64) -> None:
        self.sums[name] = self.sums[name] + more if name in self.sums else more


def _whitening(directions: F64, covariance: F64) -> F64:
    variance, axes = np.linalg.eigh(directions @ covariance @ directions.T)
    # A direction without variance has no scale; any finite one will do, ranks know no unit.
    root = 1.0 / np.sqrt(np.maximum(variance, LEAST_VARIANCE))
    whitening: F64 = (axes * root) @ axes.T
    return whitening


def _gap(means: Mapping[Modality, F64]) -> F64 | None:
    if len(means) < 2:
        return None
    gap = means["image"] - means["text"]
    unit: F64 = gap / max(float(np.linalg.norm(gap)), 1e-12)
    return unit
