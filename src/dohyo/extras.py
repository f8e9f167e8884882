"""Optional dependencies: import them, or say what to type."""

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from dohyo.errors import MissingExtra

WITH_TORCHVISION: Final = frozenset(
    {"mteb", "open_clip", "sentence_transformers", "torchmetrics", "transformers"}
)
"""Packages that import torchvision, where it is installed."""

_declared: list[Any] = []  # PyTorch forgets an operator with the object that declared it


def require(module: str, *, extra: str, needed_by: str) -> ModuleType:
    """Import an optional dependency.

    Raises
    ------
    MissingExtra
        If the package itself is absent. A package that is installed but fails to import
        raises its own error: the user is not to blame for it.
    """
    package = module.partition(".")[0]
    if package in WITH_TORCHVISION:
        make_torchvision_importable()
    try:
        return import_module(module)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] != package:
            raise
        raise MissingExtra(
            f"{needed_by} needs {package}.", hint=f'pip install "dohyo[{extra}]"'
        ) from exc


def make_torchvision_importable() -> None:
    """Let torchvision be imported where its compiled operators cannot be loaded.

    The torchvision of PyPI is compiled for CUDA. Beside a PyTorch without CUDA its operators are
    missing, and its import ends with "operator torchvision::nms does not exist", for it wants to
    say what shape their answers have. No encoder calls them, so it is enough to declare them; who
    does call one is told that there is no kernel.
    """
    try:
        import_module("torchvision")
    except ModuleNotFoundError:
        return
    except RuntimeError as error:
        if _declared or "operator torchvision::" not in str(error):
            raise
        library = import_module("torch").library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)
        import_module("torchvision")
