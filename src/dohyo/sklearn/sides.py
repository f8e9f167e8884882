"""Which rows of a matrix are of which modality."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo.corpus import MODALITIES
from dohyo.errors import CorpusError
from dohyo.rows import F32, has_direction, unit_rows


def sides_of(modality: ArrayLike | None, rows: int) -> NDArray[Any]:
    """Return the modality of each row, (rows,) strings; all "image" where none is given.

    Raises
    ------
    CorpusError
        If there is not one entry for each row, or one is neither "image" nor "text".
    """
    if modality is None:
        return np.full(rows, "image")
    given = np.asarray(modality)
    if given.shape != (rows,):
        raise CorpusError(
            f"modality has shape {given.shape}, but there are {rows} rows.",
            hint="Give one entry, image or text, for each row.",
        )
    wrong = ~np.isin(given.astype(str), MODALITIES)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CorpusError(
            f"Row {row} has the modality {str(given[row])!r}.",
            hint="Say image or text in every row.",
        )
    return given.astype(str)


def unit_or_refused(x: NDArray[Any]) -> F32:
    """Return float32 unit rows of x, (n, d).

    Raises
    ------
    CorpusError
        If a row holds only zeros, and so has no direction.
    """
    unit = unit_rows(x)
    good = has_direction(unit)
    if not good.all():
        raise CorpusError(
            f"Row {int(np.flatnonzero(~good)[0])} of X holds only zeros.",
            hint="Drop it or embed the item again.",
        )
    return unit


def refuse_empty_sides(side: NDArray[Any], seen: NDArray[np.bool_]) -> None:
    """Refuse a modality of whose rows none has a direction.

    Raises
    ------
    CorpusError
        Naming it.
    """
    for kind in MODALITIES:
        if (side == kind).any() and not seen[side == kind].any():
            raise CorpusError(
                f"Every row of modality {kind!r} in X holds only zeros.",
                hint="Embed the items again.",
            )
