"""A corpus in separate `.npy` and text files, the vectors memory-mapped."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.class_texts import captions_with_names, texts_with_prompts

ZIP = b"PK\x03\x04"


def read_parts(
    images: Path,
    texts: Path | None,
    *,
    text_to_image: Path | None = None,
    labels: Path | None = None,
    captions: Path | None = None,
    class_texts: Path | None = None,
    class_names: Path | None = None,
    unpaired: bool = False,
) -> Corpus:
    """Read a corpus from one `.npy` file for each array and one line for each string.

    The vectors stay on the disk and are read as they are needed. Where no text belongs to a
    picture, but the pictures have classes, the texts are those of the classes and behind them
    whatever others there are, which are then read at once.

    Raises
    ------
    CorpusError
        If a file is missing, empty, truncated or no `.npy`, or the arrays do not make a corpus.
    """
    text = None if texts is None else read_array(texts)
    caption = None if captions is None else _lines(captions)
    class_text = None if class_texts is None else read_array(class_texts)
    class_name = None if class_names is None else _lines(class_names)
    if class_text is not None and text is not None and unpaired and labels is not None:
        text = texts_with_prompts(class_text, text)
        caption = captions_with_names(class_name, len(class_text), caption)
    return Corpus.from_arrays(
        read_array(images),
        text,
        None if text_to_image is None else read_array(text_to_image),
        None if labels is None else read_array(labels),
        caption,
        class_text,
        class_name,
        paired=False if unpaired else None,
    )


def read_array(path: Path) -> NDArray[Any]:
    """Return one array, memory-mapped read-only.

    Raises
    ------
    CorpusError
        If the file is missing, empty, truncated, no `.npy`, or holds Python objects.
    """
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    if path.stat().st_size == 0:
        raise CorpusError(f"{path} is empty.", hint="Write it again.")
    with path.open("rb") as file:
        if file.read(len(ZIP)) == ZIP:
            raise CorpusError(f"{path} holds several arrays.", hint="Give the .npz as SOURCE.")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        if "Python objects" in str(error):
            raise CorpusError(
                f"{path} holds Python objects, which dohyo never loads.",
                hint="Save it as float32.",
            ) from error
        raise CorpusError(
            f"{path} is truncated or not an .npy file.", hint="Copy or write it again."
        ) from error
    return np.asanyarray(array)


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise CorpusError(f"{path} is not a file.", hint="Check the name.")
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.") from error
