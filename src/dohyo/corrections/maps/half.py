"""Anchors in half the space, and what that costs."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality

SUFFIX = "_anchor"
MOST_ROWS = 2_048  # of each side: 4,096 angles tell their mean to a few per cent


class Applied(Protocol):
    """A map, as far as the loss is concerned."""

    def apply(self, x: Any, modality: Modality) -> Any:
        """Correct rows of one modality."""


def halved(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays with anchors as float16; all others as they are.

    Anchors are unit rows, whose entries float16 holds to 2⁻¹¹ of themselves. Means, matrices and
    weights stay: they are small, and an error in them would be the same for every item.
    """
    return {
        name: array.astype(np.float16) if name.endswith(SUFFIX) else array
        for name, array in arrays.items()
    }


def widened(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays as they will be once read back: float16 as float32."""
    return {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in arrays.items()
    }


def loss(before: Applied, after: Applied, arrays: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    """Return how far the outputs of two maps lie apart on their own anchors.

    Parameters
    ----------
    before, after : the map with its anchors in float32, and with them rounded
    arrays : of the map before; up to 2,048 anchors of each side, evenly spaced, are looked at

    Returns
    -------
    `half_mean_degrees` and `half_max_degrees`, angles between the two outputs; nothing where the
    map has no anchors, for then nothing is lost.
    """
    angles = []
    for modality in MODALITIES:
        anchors = arrays.get(f"{modality}{SUFFIX}")
        if anchors is None:
            continue
        rows = anchors[:: -(-len(anchors) // MOST_ROWS)]
        there, here = (
            fitted.apply(rows, modality).astype(np.float64) for fitted in (before, after)
        )
        scale = np.linalg.norm(there, axis=1) * np.linalg.norm(here, axis=1)
        # arccos of a cosine near 1 would round angles below a hundredth of a degree to nothing.
        apart = np.linalg.norm(there - here, axis=1) / np.sqrt(scale)
        angles.append(np.degrees(2 * np.arcsin(np.minimum(apart / 2, 1.0))))
    if not angles:
        return {}
    every = np.concatenate(angles)
    return {"half_mean_degrees": float(every.mean()), "half_max_degrees": float(every.max())}
