"""Take a linear map elsewhere: one file that needs no dohyo."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from dohyo.corpus import Modality, Role
from dohyo.corrections.maps.export_numpy import numpy_source
from dohyo.corrections.maps.export_onnx import onnx_bytes
from dohyo.corrections.maps.linear import Linear, Mapped, linear
from dohyo.errors import UsageError
from dohyo.io.atomic import check_file, new_file
from dohyo.version import __version__

Format = Literal["onnx", "numpy"]
FORMATS: dict[Format, tuple[str, Callable[[Linear, int, Mapping[str, str]], bytes | str]]] = {
    "onnx": (".onnx", onnx_bytes),
    "numpy": (".py", numpy_source),
}
"""Suffix and writer. To add a format: write its file, add one line."""


def export(
    fitted: Mapped,
    target: Path | str,
    kind: Format,
    *,
    modality: Modality,
    role: Role = "item",
    strength: float = 1.0,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write a linear map for one modality, role and strength as one file, whole or not at all.

    Parameters
    ----------
    kind : "onnx" for a graph, or "numpy" for a Python file

    Returns
    -------
    What was written: file, format, columns in and out.

    Raises
    ------
    MapError
        If the map is not linear.
    UsageError
        If the suffix is another, the file is in the way, or the disk refuses.
    MissingExtra
        If the format needs a package that is not installed.
    """
    target = Path(target)
    suffix, written = FORMATS[kind]
    if target.suffix != suffix:
        raise UsageError(f"{target.name} does not end in {suffix}.", hint=f"Name it so: {kind}.")
    check_file(target, overwrite=overwrite)
    formula = linear(fitted, modality, role, strength)
    about = {
        "method": fitted.method,
        "modality": modality,
        "role": role,
        "strength": repr(strength),
        "encoder": getattr(fitted, "encoder", None) or "unknown",
        "dohyo": __version__,
    }
    body = written(formula, fitted.dimension, about)
    with new_file(target, overwrite=overwrite) as draft:
        draft.write_bytes(body if isinstance(body, bytes) else body.encode("utf-8"))
    return {
        "out": str(target),
        "format": kind,
        "columns_in": fitted.dimension,
        "columns_out": fitted.dimension + len(formula.constant),
    }
