"""A corpus in one `.npz` file."""

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.atomic import new_file
from dohyo.io.class_texts import SAVE, check_further, texts_with_prompts
from dohyo.io.npy import read_array
from dohyo.io.scratch import Room, filled, in_memory, settle
from dohyo.rows import blocks, read_blocks

VECTORS = ("image", "text")
NPY = b"\x93NUMPY"
OPTIONAL = (
    "text_to_image",
    "label",
    "caption",
    "class_text",
    "class_name",
    "picture",
    "encoder",
    "source",
    "image_id",
    "text_id",
)


KEYS = (*VECTORS, *OPTIONAL)
UNPAIRED = "unpaired"
"""Says that equal counts are not row by row pairs."""


def read_npz(
    path: Path, *, unpaired: bool = False, texts: Path | None = None, room: Room = in_memory
) -> Corpus:
    """Read a corpus from the keys of the contract (design, section 7).

    Keys: `image` (n, d), `text` (m, d); optionally `text_to_image` (m,), `label` (n,), `caption`
    (m,), `class_text` (k, d), `class_name` (k,), `picture` (n, h, w, 3) uint8, `encoder` (),
    `source` (n,), `image_id` (n,), `text_id` (m,), `unpaired` ().
    Other keys are ignored. Without `text`, or with no row in it, the texts are those of
    `class_text`, of no image in particular.

    Parameters
    ----------
    unpaired : take the rows as unpaired even when the counts are equal
    texts : an `.npy` of further texts, to stand behind those of `class_text`
    room : where the vectors go

    Raises
    ------
    UsageError
        If further texts are given for a file with `text`, or without `unpaired`.
    CorpusError
        If the file is missing, empty, truncated, no npz, needs pickle or lacks a key, or the
        arrays do not make a corpus.
    """
    arrays = read_arrays(path, (*KEYS, UNPAIRED), room)
    unpaired = unpaired or bool(np.any(arrays.pop(UNPAIRED, False)))
    has_text = _is_given(arrays.get("text"))
    for key in VECTORS:
        if key not in arrays and not (key == "text" and _is_given(arrays.get("class_text"))):
            raise CorpusError(
                f"{path} has no key `{key}`, only {', '.join(sorted(arrays)) or 'nothing'}.",
                hint=SAVE,
            )
    if texts is not None:
        check_further(str(path), has_text=has_text, unpaired=unpaired)
        arrays["text"] = texts_with_prompts(arrays["class_text"], read_array(texts))
    elif not has_text and _is_given(arrays.get("class_text")):
        arrays.pop("text", None)
    encoder = arrays.get("encoder")
    return Corpus.from_arrays(
        arrays["image"],
        arrays.get("text"),
        arrays.get("text_to_image"),
        arrays.get("label"),
        strings(arrays.get("caption"), "caption"),
        arrays.get("class_text"),
        strings(arrays.get("class_name"), "class_name"),
        paired=False if unpaired else None,
        pictures=arrays.get("picture"),
        encoder=None if encoder is None else str(encoder),
        sources=strings(arrays.get("source"), "source"),
        image_ids=strings(arrays.get("image_id"), "image_id"),
        text_ids=strings(arrays.get("text_id"), "text_id"),
    )


def _is_given(array: NDArray[Any] | None) -> bool:
    """Return whether there is an array with a row in it."""
    return array is not None and array.size > 0


def write_npz(corpus: Corpus, path: Path, *, overwrite: bool = False) -> None:
    """Write everything that `read_npz` reads, whole or not at all.

    Raises
    ------
    UsageError
        If the file exists and `overwrite` is false, or the disk refuses.
    """
    given: dict[str, Any] = {key: getattr(corpus, key) for key in KEYS}
    # A memory map keeps its type, by which its pages can be given back.
    known = {
        key: value if isinstance(value, np.ndarray) else np.asarray(value)
        for key, value in given.items()
        if value is not None
    }
    if not corpus.paired:
        known[UNPAIRED] = np.asarray(True)
    with new_file(path, overwrite=overwrite) as draft, zipfile.ZipFile(draft, "w") as archive:
        for key, array in known.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                _write_array(member, array)


def _write_array(member: IO[bytes], array: NDArray[Any]) -> None:
    """Write what `numpy.save` would; of a matrix of vectors, a block at a time."""
    if array.ndim != 2 or not array.flags.c_contiguous:
        np.lib.format.write_array(member, array, allow_pickle=False)
        return
    np.lib.format.write_array_header_1_0(member, np.lib.format.header_data_from_array_1_0(array))
    for _, rows in read_blocks(array):
        member.write(rows.tobytes())


def read_arrays(
    path: Path, keys: Collection[str], room: Room = in_memory
) -> dict[str, NDArray[Any]]:
    """Return those of the named arrays that an `.npz` file holds; nothing is unpickled.

    Parameters
    ----------
    room : where the vectors go

    Raises
    ------
    CorpusError
        If the file is missing, empty, truncated, no npz, or needs pickle.
    """
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    if path.stat().st_size == 0:
        raise CorpusError(f"{path} is empty.", hint="Write it again.")
    with path.open("rb") as file:
        start = file.read(len(NPY))
    if start == NPY:
        raise CorpusError(
            f"{path} holds a single array.",
            hint="Give it as --images or --texts, or save both in one .npz.",
        )
    # Asked first, because NumPy takes whatever is no archive for a pickle and says so.
    if not zipfile.is_zipfile(path):
        raise _unreadable(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            named = [key for key in archive.files if key in keys]
            if room is in_memory:
                return {key: archive[key] for key in named}
            return {
                key: _laid(archive, key, room) if key in VECTORS else archive[key] for key in named
            }
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise CorpusError(
                f"{path} holds Python objects, which dohyo never loads.",
                hint="Save plain arrays: numbers as float32, strings with dtype=str.",
            ) from error
        raise _unreadable(path) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _unreadable(path) from error


def _laid(archive: Any, key: str, room: Room) -> NDArray[Any]:
    """Return one array of vectors, filled block by block where it is a matrix of floats."""
    with archive.zip.open(f"{key}.npy") as member:
        version = np.lib.format.read_magic(member)
        header = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            header = np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = header(member)
        if len(shape) != 2 or by_columns or dtype.kind != "f" or 0 in shape:
            whole: NDArray[Any] = archive[key]
            return whole
        out = room(shape, dtype)
        for part in blocks(len(out)):
            count = (part.stop - part.start) * shape[1]
            read = member.read(count * dtype.itemsize)
            out[part] = np.frombuffer(read, dtype, count).reshape(-1, shape[1])
            settle(out)
        if member.read(1):
            raise EOFError("the array goes on behind its end")
    return filled(out)


def _unreadable(path: Path) -> CorpusError:
    return CorpusError(f"{path} is truncated or not an .npz file.", hint="Copy or write it again.")


def strings(array: NDArray[Any] | None, name: str) -> list[str] | None:
    """Return an array of strings as a list.

    Raises
    ------
    CorpusError
        If it is no such array.
    """
    if array is None:
        return None
    if array.ndim != 1 or array.dtype.kind not in "US":
        raise CorpusError(
            f"{name} must be a list of strings, but has shape {array.shape} and type "
            f"{array.dtype}.",
            hint="Save it with dtype=str.",
        )
    if array.dtype.kind == "S":
        return [entry.decode("utf-8", errors="replace") for entry in array.tolist()]
    entries: list[str] = array.tolist()
    return entries
