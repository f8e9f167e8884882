"""Where a plan sends an item, be it old or new: the mean of what it is coupled with."""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from dohyo.corpus import Modality
from dohyo.corrections.fitted import Arrays
from dohyo.engine.cells import cells_of
from dohyo.engine.nearest import nearest
from dohyo.rows import F32, blocks

ROWS_PER_BLOCK = 2_048
GATHERED_ROWS = 128
RAMP = 0.25  # of the exponent: a gentle slope, yet too narrow to cost accuracy
NEXT_TO_NOTHING = 1e-30


def barycentre(arrays: Arrays, rows: Any, modality: Modality) -> Any:
    """Return the mean of the other modality's anchors, as an item of this one is coupled to them.

    Parameters
    ----------
    arrays : of `fit_plan`, in the library and on the device of `rows`; anchors float16 or float32
    rows : (n, d) float32 unit rows, moved as the anchors were

    Returns
    -------
    (n, d) float32 Σ_j p_j y_j with p_j ∝ v_j e^{βx·y_j}, no longer than 1: the shorter, the more
    its anchors disagree.

    Notes
    -----
    The formula of the plan itself, so an anchor that comes again lands where the plan puts it,
    and smooth in x. Of a sparse plan the sum runs over the `neighbours` largest terms alone; the
    last of them fade out, so that a neighbour never appears at once. They are looked for in the
    nearest cells where NumPy computes, and everywhere where another library does, for which that
    is faster. O(n·m·d), or a small part of it.
    """
    other: Modality = "text" if modality == "image" else "image"
    if "neighbours" in arrays and isinstance(rows, np.ndarray):
        return _of_nearest(arrays, rows, other)
    xp = array_namespace(rows)
    terms = int(arrays["neighbours"][0]) + 1 if "neighbours" in arrays else 0
    anchor = xp.astype(arrays[f"{other}_anchor"], xp.float32, copy=False)
    potential, beta = _potential(arrays, other), arrays["beta"][0]
    parts = []
    for block in blocks(rows.shape[0], ROWS_PER_BLOCK):
        pull = beta * (rows[block, :] @ anchor.T) + potential
        if 0 < terms <= anchor.shape[0]:
            pull = _faded(pull, xp.sort(pull, axis=1)[:, -terms][:, None])
        parts.append(_shares(pull) @ anchor)
    return xp.concat(parts) if parts else rows


def _potential(arrays: Arrays, side: str) -> Any:
    """Return log v; the first maps hold v itself."""
    if f"{side}_potential" in arrays:
        return arrays[f"{side}_potential"]
    weight = arrays[f"{side}_weight"]
    xp = array_namespace(weight)
    return xp.log(xp.clip(weight, float(np.finfo(np.float32).tiny), None))


def _of_nearest(arrays: Arrays, rows: F32, other: str) -> F32:
    anchors = arrays[f"{other}_anchor"]
    k = min(int(arrays["neighbours"][0]) + 1, len(anchors))
    found = nearest(
        rows,
        anchors,
        cells_of(arrays[f"{other}_centre"], arrays[f"{other}_cell"]),
        k,
        probes=int(arrays["probes"][0 if other == "text" else 1]),
        scale=float(arrays["beta"][0]),
        bias=arrays[f"{other}_potential"],
        ramped=True,
    )
    pull = np.maximum(found.score, np.float32(-1 / NEXT_TO_NOTHING))
    if k > int(arrays["neighbours"][0]):
        pull = _faded(pull, pull.min(axis=1, keepdims=True))
    share = _shares(pull)
    mean = np.empty_like(rows)
    for block in blocks(len(rows), GATHERED_ROWS):
        near = anchors[found.anchor[block]].astype(np.float32, copy=False)
        mean[block] = np.matmul(share[block, None, :], near)[:, 0]
    return mean


def _faded(pull: Any, cut: Any) -> Any:
    """Return the exponents, those at the cut and below next to −∞, those above it fading in."""
    xp = array_namespace(pull)
    above = xp.clip(pull - cut, 0.0, None)
    best = xp.max(above, axis=1, keepdims=True)
    # Where nothing is above the cut all are alike, and none can be told to go.
    width = xp.where(best > 0, xp.clip(best, None, RAMP), xp.ones_like(best))
    ramp = xp.log(xp.clip(above / width, NEXT_TO_NOTHING, 1.0))
    return pull + xp.where(best > 0, ramp, xp.zeros_like(ramp))


def _shares(pull: Any) -> Any:
    xp = array_namespace(pull)
    # The largest is subtracted because a far item would otherwise underflow to no direction.
    mass = xp.exp(pull - xp.max(pull, axis=1, keepdims=True))
    return mass / xp.sum(mass, axis=1, keepdims=True)
