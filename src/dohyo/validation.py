"""What the arrays of a corpus must be, and the one sentence for each way they are not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo.errors import CorpusError
from dohyo.rows import I64, read_blocks

FLOAT_KINDS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))


def array_of(given: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array, the same object if it is one; refuse ragged rows."""
    try:
        # A memory map keeps its type, by which its pages can be given back.
        return given if isinstance(given, np.memmap) else np.asarray(given)
    except ValueError as error:
        raise CorpusError(
            f"{name} is not an array: its rows differ in length.",
            hint="Give every row the same number of entries.",
        ) from error


def vectors(given: ArrayLike, name: str) -> NDArray[Any]:
    """Return a checked (n, d) float matrix; the caller's memory, not a copy, where possible."""
    array = array_of(given, name)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise CorpusError(
            f"{name} must be a matrix of numbers, one row for each item, but has shape "
            f"{array.shape} and type {array.dtype}.",
            hint="Save it as float32 with shape (rows, dimension).",
        )
    if 0 in array.shape:
        raise CorpusError(
            f"{name} has no rows or no columns: its shape is {array.shape}.",
            hint="Both modalities need at least one item.",
        )
    if array.dtype not in FLOAT_KINDS:
        array = array.astype(np.float32)
    for start, rows in read_blocks(array):
        check_rows(rows, name, start)
    return array


def check_rows(part: NDArray[Any], name: str, start: int) -> None:
    """Refuse rows that have no direction.

    Parameters
    ----------
    part : (n, d) floats, a block of a larger matrix
    name : what the matrix is called in the message
    start : number of the block's first row in the matrix

    Raises
    ------
    CorpusError
        Naming the first row that holds NaN, infinity or only zeros.
    """
    if _surely_usable(part):
        return
    finite = np.isfinite(part).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise CorpusError(
            f"{name} row {start + row} holds NaN or infinity.",
            hint="Drop that row (and what is paired with it) or embed the item again.",
        )
    empty = ~part.any(axis=1)
    if empty.any():
        raise CorpusError(
            f"{name} row {start + int(np.flatnonzero(empty)[0])} is all zeros.",
            hint="A zero vector has no direction; drop that row or embed the item again.",
        )


def _surely_usable(part: NDArray[Any]) -> bool:
    """Return whether squared lengths, one pass over the rows, tell that all have a direction."""
    if part.dtype.kind != "f" or part.dtype.itemsize < 4:
        return False  # squares of float16 leave its range
    with np.errstate(all="ignore"):
        squared = np.vecdot(part, part)
    return bool(np.all((squared > 0) & (squared < np.inf)))


def same_dimension(image: NDArray[Any], other: NDArray[Any], name: str) -> None:
    """Refuse two matrices of different width."""
    if image.shape[1] != other.shape[1]:
        raise CorpusError(
            f"image has {image.shape[1]} columns, {name} has {other.shape[1]}.",
            hint="Both must come from the same encoder.",
        )


def class_side(
    class_texts: ArrayLike | None, text_to_image: ArrayLike | None, paired: bool | None
) -> ArrayLike:
    """Return what stands for the texts where none are given; no image has one of its own."""
    if class_texts is None:
        raise CorpusError(
            "There are no texts.", hint="Give texts, or labels of the images and class_texts."
        )
    if paired or text_to_image is not None:
        raise CorpusError(
            "There are no texts, so none of them can belong to an image.",
            hint="Give texts, or leave out text_to_image and paired.",
        )
    return class_texts


def same_count(given: int, wanted: int, name: str, other: str) -> None:
    """Refuse a list that does not have one entry for each row of another."""
    if given != wanted:
        raise CorpusError(
            f"{name} has {given} entries, {other} has {wanted} rows.",
            hint=f"Give one {name} for each row of {other}.",
        )


def indices(given: ArrayLike, name: str, count: int, other: str) -> I64:
    """Return a checked list of whole numbers from 0, (count,) int64."""
    array = array_of(given, name)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise CorpusError(
            f"{name} must be a list of whole numbers, but has shape {array.shape} and type "
            f"{array.dtype}.",
            hint=f"Give one integer for each row of {other}.",
        )
    same_count(len(array), count, name, other)
    number = array.astype(np.int64)  # before the check: the largest uint64 wrap to negatives
    if number.min() < 0:
        row = int(np.flatnonzero(number < 0)[0])
        raise CorpusError(
            f"{name} row {row} is {array[row]}.", hint="Indices and labels count from 0."
        )
    return number


def pairs(given: ArrayLike | None, images: int, texts: int, paired: bool | None) -> I64 | None:
    """Return the image row of each text, (texts,); None where none is known."""
    if paired is False:
        return None
    if given is not None:
        pairs = indices(given, "text_to_image", texts, "text")
        if pairs.max() >= images:
            row = int(np.flatnonzero(pairs >= images)[0])
            raise CorpusError(
                f"text_to_image row {row} points to image {pairs[row]}, but the images are "
                f"0 to {images - 1}.",
                hint="Rows count from 0.",
            )
        return pairs
    if images != texts:
        raise CorpusError(
            f"{images} images and {texts} texts cannot be paired row by row.",
            hint="Give --text-to-image (text_to_image), or say --unpaired (paired=False).",
        )
    return np.arange(texts, dtype=np.int64)


def pictures(given: ArrayLike, images: int) -> NDArray[np.uint8]:
    """Return checked thumbnails, (images, h, w, 3)."""
    array = array_of(given, "picture")
    if array.ndim != 4 or array.shape[3] != 3 or array.dtype != np.uint8:
        raise CorpusError(
            f"picture has shape {array.shape} and type {array.dtype}.",
            hint="Give thumbnails as uint8 with shape (images, height, width, 3).",
        )
    same_count(len(array), images, "picture", "image")
    return array


def ids(
    images: Sequence[str] | None, rows: int, texts: Sequence[str] | None, others: int
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return the checked ids of both sides; no two rows of either side may share one."""
    seen: dict[str, str] = {}
    found: list[tuple[str, ...] | None] = []
    for given, count, name in ((images, rows, "image"), (texts, others, "text")):
        if given is None:
            found.append(None)
            continue
        strings = tuple(map(str, given))
        same_count(len(strings), count, f"{name}_id", name)
        for row, string in enumerate(strings):
            here = f"{name}_id row {row}"
            if string in seen:
                raise CorpusError(
                    f"{here} is {string!r}, as is {seen[string]}.",
                    hint="Give every item an id of its own.",
                )
            seen[string] = here
        found.append(strings)
    return found[0], found[1]
