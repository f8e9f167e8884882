"""The rows that a map was fitted on, read back from its anchors."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections.fitted import Arrays
from dohyo.rows import F32, blocks, unit_rows

DEAD = 1e-6  # of the largest singular value: float32 cannot tell a smaller one from 0
ROWS_PER_BLOCK = 8_192


def recovered(arrays: Arrays, modality: Modality) -> F32:
    """Return the unit rows whose anchors these are, (n, d), in the order of the anchors.

    Parameters
    ----------
    arrays : with `_anchor` and `_mean`, and with `_matrix` where the rows were whitened

    Notes
    -----
    An anchor is a = unit(W(x − μ)), so x = μ + s·W⁻¹a for some s > 0; the length of x is 1, which
    is a quadratic in s, and as ‖μ‖ < 1 exactly one of its roots is positive. Exact but for
    rounding: about 1e-6 with anchors in float32, 1e-3 with anchors in float16 (measured on CLIP).
    W⁻¹ is the pseudo-inverse: what W drops, no row had.
    """
    anchors, matrix = arrays[f"{modality}_anchor"], arrays.get(f"{modality}_matrix")
    mean = arrays[f"{modality}_mean"].astype(np.float64)
    back = None if matrix is None else np.linalg.pinv(matrix.astype(np.float64), rcond=DEAD)
    room = max(1.0 - float(mean @ mean), 0.0)
    rows = np.empty(anchors.shape, np.float32)
    for block in blocks(len(anchors), ROWS_PER_BLOCK):
        away = anchors[block].astype(np.float64)
        if back is not None:
            away = away @ back
        square, along = np.einsum("ij,ij->i", away, away), away @ mean
        root = np.sqrt(along**2 + square * room)
        # Of the two ways to write the root, the one that does not subtract near equals.
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.where(along > 0, room / (along + root), (root - along) / square)
        step = np.where(square > 0, far, 0.0)
        rows[block] = unit_rows(mean + step[:, None] * away)
    return rows
