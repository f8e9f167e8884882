"""A linear map as one Python file that needs NumPy and nothing else."""

from base64 import b64encode
from collections.abc import Mapping
from pprint import pformat
from textwrap import wrap
from typing import Any

import numpy as np

from dohyo.corrections.maps.linear import Linear

TEMPLATE = '''\
"""Correct the modality gap of {modality} vectors. Made by dohyo; needs NumPy alone.

correct(x) takes (n, {dimension}) floats and returns (n, {width}) float32 rows, for inner products.
From the shell: python THIS_FILE.py in.npy out.npy
"""

import sys
from base64 import b64decode

import numpy as np

ABOUT = {about}


def correct(x):
    """Return the corrected rows; ValueError for another width, NaN, infinity or a row of zeros."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != {dimension} or x.dtype.kind != "f":
        raise ValueError(f"expected floats of shape (n, {dimension}), not {{x.dtype}} {{x.shape}}")
    if not np.isfinite(x).all() or not x.any(axis=1).all():
        raise ValueError("a row holds NaN, infinity or only zeros")
{body}

def unit_or(x, kept):
    """Return rows of length 1, and the kept ones where x has no length."""
    peak = np.abs(x).max(axis=1, keepdims=True)
    scaled = x / np.where(peak > 0, peak, 1)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.where(peak > 0, scaled / np.where(peak > 0, length, 1), kept)


def numbers(text, *shape):
    """Return a float32 array from its bytes in base64, little-endian."""
    return np.frombuffer(b64decode(text), "<f4").reshape(shape)


{numbers}
if __name__ == "__main__":
    np.save(sys.argv[2], correct(np.load(sys.argv[1], allow_pickle=False)))
'''
LINE = 96


def numpy_source(formula: Linear, dimension: int, about: Mapping[str, str]) -> str:
    """Return the file's text.

    Parameters
    ----------
    about : what the file's `ABOUT` says of the map; its strings may come from anybody
    """
    held = {
        name: array
        for name in ("mean", "scale", "matrix", "constant")
        if (array := getattr(formula, name)) is not None and array.size and formula.strength
    }
    return TEMPLATE.format(
        modality=about["modality"],
        about=pformat(dict(about), sort_dicts=False, width=LINE),
        dimension=dimension,
        width=dimension + len(formula.constant),
        body="".join(f"    {line}\n" for line in _body(formula, set(held))),
        numbers="".join(_number(name, array) for name, array in held.items()),
    )


def _body(formula: Linear, held: set[str]) -> list[str]:
    """Return the lines that correct x, a step each."""
    if formula.strength == 0:
        return ["return x"]
    alpha = np.float32(formula.strength)
    lines = ["x = x.astype(np.float64) if x.dtype == np.float64 else x.astype(np.float32)",
             "unit = unit_or(x, x).astype(np.float32)", "moved = unit"]  # fmt: skip
    steps = {"mean": "moved - MEAN", "scale": "moved * SCALE", "matrix": "moved @ MATRIX"}
    lines += [f"moved = {step}" for name, step in steps.items() if name in held]
    lines.append("moved = unit_or(moved, unit)")
    if alpha < 1:
        lines += [
            f"moved = np.float32({1 - alpha}) * unit + np.float32({alpha}) * moved",
            "moved = unit_or(moved, unit)",
        ]
    if "constant" in held:
        lines += [
            "beside = np.broadcast_to(CONSTANT, (len(x), len(CONSTANT)))",
            f"moved = np.concatenate([np.float32({formula.share!r}) * moved, beside], axis=1)",
        ]
    return [*lines, "return moved"]


def _number(name: str, array: Any) -> str:
    text = b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
    lines = "\n".join(f'    "{line}"' for line in wrap(text, LINE))
    return f"{name.upper()} = numbers(\n{lines},\n    {', '.join(map(str, array.shape))},\n)\n"
