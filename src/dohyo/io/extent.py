"""How many rows a source has, and how long they are, without reading the vectors."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dohyo.corpus import MODALITY_WORDS, Modality
from dohyo.errors import CorpusError
from dohyo.io.column_roles import guess_columns
from dohyo.io.formats import OPENERS, open_table
from dohyo.io.many_files import files_of
from dohyo.io.rows import NPY, read_matrix
from dohyo.io.table import Table, readable
from dohyo.io.table_rows import vectors_of
from dohyo.io.vector_column import VectorColumn, is_list

NPZ, PARQUET = ".npz", ".parquet"


@dataclass(frozen=True, slots=True)
class Extent:
    """How many images and texts there are, and of how many columns."""

    images: int
    texts: int
    dimension: int


def extent_of_files(images: Path, texts: Path) -> Extent:
    """Return the extent of a corpus in two `.npy` files.

    Raises
    ------
    CorpusError
        If one is no matrix of floats.
    """
    pictures, sentences = read_matrix(images), read_matrix(texts)
    return Extent(len(pictures), len(sentences), pictures.shape[1])


def extent_of_corpus(path: Path, columns: Mapping[str, str] | None = None) -> Extent:
    """Return the extent of a corpus in one file or folder.

    Of a table with one row for each pair, an image that several texts have counts for each.

    Raises
    ------
    CorpusError
        If the file is unusable, or of a kind that has to be read to be counted.
    """
    table = open_table(path)
    if table is not None:
        meaning = guess_columns(table.schema, path, columns)
        if meaning.layout == "wide":
            rows = row_count(table)
            return Extent(rows, rows, _width(table, meaning.vectors["image"]))
        images, texts = _sides(table, meaning.others["modality"])
        return Extent(images, texts, _width(table, meaning.vectors["vector"]))
    if path.suffix != NPZ:
        raise CorpusError(
            f"{path} has no suffix whose rows dohyo can count.",
            hint=f"Give {NPZ}, {', '.join(OPENERS)}, or .npy by --images and --texts.",
        )
    shapes = _npz_shapes(path)
    image, text = shapes.get("image"), shapes.get("text", shapes.get("class_text"))
    if image is None or text is None or len(image) != 2:
        raise CorpusError(
            f"{path} has no matrices `image` and `text`.", hint="Save it with dohyo convert."
        )
    return Extent(image[0], text[0], image[1])


def extent_of_rows(path: Path, modality: Modality, column: str | None = None) -> Extent:
    """Return the extent of what `dohyo apply` takes: a file of one modality, or a folder of them.

    Raises
    ------
    CorpusError
        If it is unusable.
    """
    folder = path.is_dir() and open_table(path) is None
    if path.suffix == NPY or folder:
        files = files_of(path) if folder else [path]
        found = [read_matrix(file) for file in files]
        rows, width = sum(map(len, found)), found[0].shape[1]
    else:
        table = open_table(path)
        if table is None:
            raise CorpusError(f"{path} is no table.", hint=f"dohyo reads {', '.join(OPENERS)}.")
        name = vectors_of(table, modality, column)
        rows, width = row_count(table), _width(table, VectorColumn(name, (name,)))
    return Extent(rows, 0, width) if modality == "image" else Extent(0, rows, width)


def row_count(table: Table) -> int:
    """Return the rows of a table: from its metadata, or from its narrowest column."""
    total = 0
    for file in table.files:
        if file.path.suffix == PARQUET and file.path.is_file():
            with readable(file.path, "a Parquet file"):
                total += int(pq.read_metadata(file.path).num_rows)
        else:
            narrow = [f.name for f in file.schema if not is_list(f.type)] or file.schema.names
            total += sum(batch.num_rows for batch in file.batches(narrow[:1]))
    return total


def _width(table: Table, column: VectorColumn) -> int:
    if column.numbered:
        return len(column.parts)
    kind = table.schema.field(column.name).type
    kind = getattr(kind, "storage_type", kind)
    if pa.types.is_fixed_size_list(kind):
        return int(kind.list_size)
    batches = table.batches([column.name])
    first: Any = next((batch for batch in batches if batch.num_rows), None)
    if first is None:
        raise CorpusError(f"{table.path} has no rows.", hint="Write it again.")
    return int(first.column(column.name).value_lengths()[0].as_py() or 0)


def _sides(table: Table, column: str) -> tuple[int, int]:
    """Return how many rows a column of modality says to be of images, and how many of texts."""
    counts = {"image": 0, "text": 0}
    for batch in table.batches([column]):
        for entry in batch.column(column).value_counts():
            word = MODALITY_WORDS.get(str(entry["values"].as_py()).casefold())
            if word is not None:
                counts[word] += entry["counts"].as_py()
    return counts["image"], counts["text"]


def _npz_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of an `.npz`, from the headers alone."""
    shapes = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as file:
                    version = np.lib.format.read_magic(file)
                    read = (
                        np.lib.format.read_array_header_1_0
                        if version == (1, 0)
                        else np.lib.format.read_array_header_2_0
                    )
                    shapes[name.removesuffix(NPY)] = read(file)[0]
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{path} is missing, truncated or no .npz file.", hint="Copy or write it again."
        ) from error
    return shapes
