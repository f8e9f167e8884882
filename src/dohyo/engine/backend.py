"""Whose arrays the formulas run on: NumPy's, or PyTorch's on a processor or an accelerator.

A formula is written once, against the array API; this file only carries rows there and back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from array_api_compat import array_namespace, device, is_torch_array, to_device
from numpy.typing import ArrayLike, NDArray

from dohyo.errors import UsageError
from dohyo.extras import require

Library = Literal["numpy", "torch"]
Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Backend:
    """An array library and the device it works on; build it with `backend`."""

    library: Library
    device: Device

    def send(self, rows: NDArray[Any]) -> Any:
        """Return the rows as this backend's array, on its device."""
        if self.library == "numpy":
            return rows
        torch = require("torch", extra="torch", needed_by="--backend torch")
        # A memory map is read-only and mostly on the disk; PyTorch wants memory of its own.
        return torch.asarray(np.array(rows), device=self.device)


def backend(library: Library, on: Device = "cpu") -> Backend:
    """Return a backend that is sure to work on this machine.

    Raises
    ------
    MissingExtra
        If PyTorch is asked for and not installed.
    UsageError
        If the device is not there, or NumPy is asked to work on an accelerator.
    """
    if library == "numpy":
        if on != "cpu":
            raise UsageError(f"NumPy does not run on {on}.", hint="Add --backend torch.")
        return Backend(library, on)
    torch = require("torch", extra="torch", needed_by="--backend torch")
    if on == "cuda" and not torch.cuda.is_available():
        raise UsageError("PyTorch finds no CUDA device here.", hint="Leave out --device cuda.")
    return Backend(library, on)


def array_of(given: ArrayLike) -> Any:
    """Return a tensor as it is, anything else as a NumPy array."""
    return given if is_torch_array(given) else np.asarray(given)


def is_float(x: Any) -> bool:
    """Tell whether an array of any library holds real floats."""
    return bool(array_namespace(x).isdtype(x.dtype, "real floating"))


def empty_like(x: Any, shape: tuple[int, ...]) -> Any:
    """Return an uninitialised float32 array of x's library, on its device."""
    xp = array_namespace(x)
    return xp.empty(shape, dtype=xp.float32, device=device(x))


def numbers_like(x: Any, values: Sequence[float]) -> Any:
    """Return float32 numbers as a vector of x's library, on its device."""
    xp = array_namespace(x)
    return xp.asarray(values, dtype=xp.float32, device=device(x))


def place_of(x: Any) -> str:
    """Return where an array lies: the same text for the same library and device."""
    return f"{type(x).__name__} {device(x)}"


def to_numpy(x: Any) -> NDArray[Any]:
    """Return an array of any library and device as a NumPy array."""
    if isinstance(x, np.ndarray):
        return x
    return np.asarray(to_device(x.detach() if is_torch_array(x) else x, "cpu"))


_PLACED: WeakKeyDictionary[Any, dict[str, Mapping[str, Any]]] = WeakKeyDictionary()


def placed(owner: Any, arrays: Mapping[str, NDArray[Any]], like: Any) -> Mapping[str, Any]:
    """Return arrays where `like` is: themselves for NumPy, else copies made once for each device.

    Parameters
    ----------
    owner : a frozen object that the arrays belong to; the copies go when it goes
    arrays : its arrays by name, never changed
    like : an array of the library and on the device wanted
    """
    if isinstance(like, np.ndarray):
        return arrays
    xp, where = array_namespace(like), place_of(like)
    held = _PLACED.setdefault(owner, {})
    if where not in held:
        # The copy is for PyTorch, which would share the frozen numbers and let them be changed.
        held[where] = {
            name: xp.asarray(array.copy(), device=device(like)) for name, array in arrays.items()
        }
    return held[where]
