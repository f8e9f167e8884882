"""Go on with fewer rows at once where an accelerator's memory is full."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import UsageError

FULL = "OutOfMemoryError"
"""What PyTorch calls it; the class itself would need the library."""

Rows = NDArray[Any]


def halving(function: Callable[[Rows], Rows]) -> Callable[[Rows], Rows]:
    """Return a function of rows that takes fewer of them at once after the device refused some.

    Each refusal halves how many are sent, for this call and all later ones. A row must not depend
    on the others; in the last bits it may, for a library multiplies by blocks.

    Raises
    ------
    UsageError
        From the function returned, if the memory does not hold one row.
    """
    most: list[int] = []

    def careful(rows: Rows) -> Rows:
        size = min([len(rows), *most])
        done: list[Rows] = []
        start = 0
        while start < len(rows):
            found = _tried(function, rows[start : start + size])
            if found is not None:
                done.append(found)
                start += size
            elif size > 1:
                size //= 2
                most[:] = [size]
            else:
                raise UsageError(
                    "The accelerator's memory does not hold a single row beside the map.",
                    hint="End other programs on it, or use --device cpu.",
                )
        return done[0] if len(done) == 1 else np.concatenate(done)

    return careful


def _tried(function: Callable[[Rows], Rows], rows: Rows) -> Rows | None:
    """Return None where the memory is full; here ends the error, which holds what it had taken."""
    try:
        return function(rows)
    except RuntimeError as error:
        if type(error).__name__ != FULL:
            raise
        return None
