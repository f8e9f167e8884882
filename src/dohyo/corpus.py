"""The one data type that flows through every room."""

import hashlib
import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import ArrayLike, NDArray

from dohyo.errors import CorpusError

Modality = Literal["image", "text"]
Role = Literal["item", "query"]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

MODALITIES: tuple[Modality, Modality] = ("image", "text")
FLOAT_KINDS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
ROWS_PER_BLOCK = 16_384
SCATTERED_ROWS = 256
# By whether rows are float64: shorter ones (and longer than its inverse) are scaled first.
SAFE_NORM = {False: 1e-15, True: 1e-30}


@dataclass(frozen=True, eq=False, kw_only=True)
class Corpus:
    """Items of two modalities, each with an embedding, and what is known of them.

    Build it with `from_arrays`, which checks everything; every other part of dohyo may then
    rely on it.

    Attributes
    ----------
    image : (n, d) float16, float32 or float64, raw as given, possibly a memory map
    text : (m, d), likewise
    text_to_image : (m,) int64, the row of `image` that each text belongs to; None if unpaired.
        An image and its texts form a *group*.
    label : (n,) int64 class of each image, or None
    caption : m strings, or None
    class_text : (k, d) embeddings of the class prompts, or None
    class_name : k strings, or None
    picture : (n, h, w, 3) uint8 thumbnails, or None
    encoder : fingerprint of the encoder that made the vectors, or None if unknown
    """

    image: NDArray[Any]
    text: NDArray[Any]
    text_to_image: I64 | None = None
    label: I64 | None = None
    caption: tuple[str, ...] | None = None
    class_text: NDArray[Any] | None = None
    class_name: tuple[str, ...] | None = None
    picture: NDArray[np.uint8] | None = None
    encoder: str | None = None

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        texts: ArrayLike,
        text_to_image: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        captions: Sequence[str] | None = None,
        class_texts: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        paired: bool | None = None,
        *,
        pictures: ArrayLike | None = None,
        encoder: str | None = None,
    ) -> Self:
        """Check the arrays and make a corpus of them, without copying the vectors.

        Parameters
        ----------
        images : (n, d) of float16, float32 or float64
        texts : (m, d), same d
        text_to_image : (m,) integers in [0, n); leave out for row by row pairs
        labels : (n,) integers
        captions : m strings
        class_texts, class_names : k prompts' embeddings (k, d) and their k names
        paired : None takes row by row pairs when the counts are equal and is an error when they
            differ; False says that no pairs are known, whatever else is given; True insists
        pictures : (n, h, w, 3) uint8 thumbnails
        encoder : fingerprint of the encoder

        Raises
        ------
        CorpusError
            Naming the array, the row and the remedy: not a float matrix, no rows, NaN or
            infinity, a zero row, differing dimensions or counts, an index out of range.
        """
        image = _vectors(images, "image")
        text = _vectors(texts, "text")
        _same_dimension(image, text, "text")
        class_text = None if class_texts is None else _vectors(class_texts, "class_text")
        if class_text is not None:
            _same_dimension(image, class_text, "class_text")
        names = None if class_names is None else tuple(map(str, class_names))
        if class_text is not None and names is not None:
            _same_count(len(names), len(class_text), "class_name", "class_text")
        label = None if labels is None else _indices(labels, "label", len(image), "image")
        if label is not None and names is not None and len(label) and label.max() >= len(names):
            raise CorpusError(
                f"label goes up to {label.max()}, but there are {len(names)} class names.",
                hint="Labels count from 0; give one name for each class.",
            )
        caption = None if captions is None else tuple(map(str, captions))
        if caption is not None:
            _same_count(len(caption), len(text), "caption", "text")
        return cls(
            image=image,
            text=text,
            text_to_image=_pairs(text_to_image, len(image), len(text), paired),
            label=label,
            caption=caption,
            class_text=class_text,
            class_name=names,
            picture=None if pictures is None else _pictures(pictures, len(image)),
            encoder=encoder,
        )

    @property
    def dim(self) -> int:
        """Number of columns of every vector."""
        return int(self.image.shape[1])

    @property
    def paired(self) -> bool:
        """Whether it is known which text belongs to which image."""
        return self.text_to_image is not None

    def groups(self, modality: Modality) -> I64:
        """Return the group of each row: an image is its own group, a text joins its image's.

        Raises
        ------
        CorpusError
            If the corpus is unpaired and the texts are asked for.
        """
        if modality == "image":
            return np.arange(len(self.image), dtype=np.int64)
        if self.text_to_image is None:
            raise CorpusError(
                "This corpus has no pairs.",
                hint="Give text_to_image, one row of image for each text.",
            )
        return self.text_to_image

    def unit(self, modality: Modality, rows: NDArray[Any] | slice | None = None) -> F32:
        """Return rows of one modality as float32 unit vectors, (n, d); a fresh array."""
        raw = self.image if modality == "image" else self.text
        return unit_rows(raw if rows is None else take(raw, rows))

    def folds(self, k: int = 4, seed: int = 0) -> tuple[I64, ...]:
        """Split the groups (rows of image) into k folds.

        `default_rng(seed).permutation(n)`, fold i takes every k-th from i: design, section 6.

        Raises
        ------
        CorpusError
            If there are fewer groups than folds.
        """
        if len(self.image) < k:
            raise CorpusError(
                f"{len(self.image)} images cannot be split into {k} folds.",
                hint=f"Held-out figures need at least {k} groups.",
            )
        order = np.random.default_rng(seed).permutation(len(self.image))
        return tuple(np.sort(order[i::k]).astype(np.int64) for i in range(k))

    def subset(self, images: I64) -> "Corpus":
        """Return the corpus of these images and their texts, renumbered; needs pairs."""
        place = np.full(len(self.image), -1, dtype=np.int64)
        place[images] = np.arange(len(images))
        of_text = place[self.groups("text")]
        texts = np.flatnonzero(of_text >= 0)
        caption = self.caption
        return Corpus(
            image=take(self.image, images),
            text=take(self.text, texts),
            text_to_image=of_text[texts],
            label=None if self.label is None else self.label[images],
            caption=None if caption is None else tuple(caption[i] for i in texts),
            class_text=self.class_text,
            class_name=self.class_name,
            picture=None if self.picture is None else self.picture[images],
            encoder=self.encoder,
        )

    def fingerprint(self) -> str:
        """Return a hash of the vectors and pairs, to tell whether two corpora are the same."""
        digest = hashlib.sha256()
        for array in (self.image, self.text, self.text_to_image):
            if array is None:
                continue
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            for _, rows in read_blocks(array):
                digest.update(np.ascontiguousarray(rows).data)
        return digest.hexdigest()


def unit_rows(x: NDArray[Any]) -> F32:
    """Return x as float32 with every row scaled to length 1, shape unchanged.

    Parameters
    ----------
    x : (n, d) floats of NumPy, or a tensor of any library that the array API covers; the result
        is of the same kind, on the same device

    Notes
    -----
    A row of length 0 stays 0: it has no direction; a row with NaN or infinity in it comes out
    as NaN throughout. Lengths are float64 for float64 and float32 for all else; rows whose
    squares would leave that range are scaled first and keep their direction too. No row depends
    on another.
    """
    xp = array_namespace(x)
    if x.dtype != xp.float64:
        x = xp.astype(x, xp.float32, copy=False)
    safe = SAFE_NORM[x.dtype == xp.float64]
    with np.errstate(all="ignore"):
        norm = xp.sqrt(xp.vecdot(x, x))
        odd = ~((norm > safe) & (norm < 1 / safe))
        if not xp.any(odd):
            unit: F32 = xp.astype(x / norm[:, None], xp.float32, copy=False)
            return unit
        plain = x / xp.where(odd, xp.ones_like(norm), norm)[:, None]
        scaled = xp.astype(_unit_after_peak(xp.astype(x, xp.float64)), xp.float32)
        whole: F32 = xp.where(odd[:, None], scaled, xp.astype(plain, xp.float32))
        return whole


def _unit_after_peak(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit rows where the plain length would leave the range of floats; 0 stays 0."""
    xp = array_namespace(x)
    peak = xp.max(xp.abs(x), axis=1)
    scaled = x / xp.where(peak == 0, xp.ones_like(peak), peak)[:, None]
    # The peak is now 1 and part of the sum: only a row of zeros is shorter.
    length = xp.clip(xp.sqrt(xp.vecdot(scaled, scaled)), 1.0, None)
    unit: NDArray[np.float64] = scaled / length[:, None]
    return unit


def has_direction(unit: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each row that `unit_rows` made whether it is neither zeros nor NaN."""
    xp = array_namespace(unit)
    # A row without a direction is 0 or NaN throughout, so as a rule one column tells.
    sure: NDArray[np.bool_] = xp.abs(unit[:, 0]) > 0
    return sure if sure.all() else xp.vecdot(unit, unit) > 0.5


def read_blocks(
    array: NDArray[Any], size: int = ROWS_PER_BLOCK
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (number of the first row, rows) of a matrix, `size` rows at a time."""
    for block in blocks(len(array), size):
        yield block.start, array[block]
        give_back(array)


def take(array: NDArray[Any], rows: NDArray[Any] | slice) -> NDArray[Any]:
    """Return some rows of a matrix; scattered ones of a memory map without mapping all of it.

    The system maps up to 2 MiB around each row that is touched; a few thousand would do for a
    file of gigabytes.
    """
    if isinstance(rows, slice) or getattr(array, "_mmap", None) is None:
        return np.asarray(array[rows])
    taken = np.empty((len(rows), *array.shape[1:]), array.dtype)
    for block in blocks(len(rows), SCATTERED_ROWS):
        taken[block] = array[rows[block]]
        give_back(array)
    return taken


def give_back(array: NDArray[Any]) -> None:
    """Give the pages of a read-only memory map back to the system.

    The file stays in the system's cache, but a pass over it does not fill this process's memory.
    """
    mapped = getattr(array, "_mmap", None)
    # Pages of a writable map may hold changes that are nowhere else.
    if mapped is not None and not array.flags.writeable and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def blocks(rows: int, size: int = ROWS_PER_BLOCK) -> Iterator[slice]:
    """Yield slices that cover `rows` rows, `size` at a time."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def _array(given: ArrayLike, name: str) -> NDArray[Any]:
    try:
        # A memory map keeps its type, by which its pages can be given back.
        return given if isinstance(given, np.memmap) else np.asarray(given)
    except ValueError as error:
        raise CorpusError(
            f"{name} is not an array: its rows differ in length.",
            hint="Give every row the same number of entries.",
        ) from error


def _vectors(given: ArrayLike, name: str) -> NDArray[Any]:
    """Return a checked (n, d) float matrix; the caller's memory, not a copy, where possible."""
    array = _array(given, name)
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


def _same_dimension(image: NDArray[Any], other: NDArray[Any], name: str) -> None:
    if image.shape[1] != other.shape[1]:
        raise CorpusError(
            f"image has {image.shape[1]} columns, {name} has {other.shape[1]}.",
            hint="Both must come from the same encoder.",
        )


def _same_count(given: int, wanted: int, name: str, other: str) -> None:
    if given != wanted:
        raise CorpusError(
            f"{name} has {given} entries, {other} has {wanted} rows.",
            hint=f"Give one {name} for each row of {other}.",
        )


def _indices(given: ArrayLike, name: str, count: int, other: str) -> I64:
    array = _array(given, name)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise CorpusError(
            f"{name} must be a list of whole numbers, but has shape {array.shape} and type "
            f"{array.dtype}.",
            hint=f"Give one integer for each row of {other}.",
        )
    _same_count(len(array), count, name, other)
    number = array.astype(np.int64)  # before the check: the largest uint64 wrap to negatives
    if number.min() < 0:
        row = int(np.flatnonzero(number < 0)[0])
        raise CorpusError(
            f"{name} row {row} is {array[row]}.", hint="Indices and labels count from 0."
        )
    return number


def _pairs(given: ArrayLike | None, images: int, texts: int, paired: bool | None) -> I64 | None:
    if paired is False:
        return None
    if given is not None:
        pairs = _indices(given, "text_to_image", texts, "text")
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


def _pictures(given: ArrayLike, images: int) -> NDArray[np.uint8]:
    array = _array(given, "picture")
    if array.ndim != 4 or array.shape[3] != 3 or array.dtype != np.uint8:
        raise CorpusError(
            f"picture has shape {array.shape} and type {array.dtype}.",
            hint="Give thumbnails as uint8 with shape (images, height, width, 3).",
        )
    _same_count(len(array), images, "picture", "image")
    return array
