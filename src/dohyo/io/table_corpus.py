"""A corpus from a table: one row a pair, or one row an item."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, MODALITY_WORDS, Corpus
from dohyo.errors import CorpusError
from dohyo.io.column_roles import Columns
from dohyo.io.scratch import Room, filled, in_memory, settle
from dohyo.io.table import Table, steady
from dohyo.io.table_columns import given, labels, pictures, strings
from dohyo.io.table_metadata import class_texts_of, encoder_of
from dohyo.io.vector_column import VectorColumn, list_rows, numbered_rows
from dohyo.rows import I64

MODALITY = {word: MODALITIES.index(modality) for word, modality in MODALITY_WORDS.items()}
"""What a column of modality may say: 0 is an image, 1 a text."""


def corpus_of(
    table: Table, columns: Columns, *, unpaired: bool = False, room: Room = in_memory
) -> Corpus:
    """Read the columns of a table one after the other and make a corpus of them.

    Parameters
    ----------
    room : where the vectors go

    Raises
    ------
    CorpusError
        Naming file, column and row: a null, ragged lists, an unknown modality, two different
        images under one id, a text without its image; or the arrays do not make a corpus.
    """
    table = steady(table)
    if columns.layout == "wide":
        return _wide(table, columns, unpaired, room)
    return _long(table, columns, unpaired, room)


def _wide(table: Table, columns: Columns, unpaired: bool, room: Room) -> Corpus:
    rows = _count(table, columns.vectors["text"].parts[0])
    others = columns.others
    key = others.get("image_id", others.get("group"))
    first, image_of = np.arange(rows), np.arange(rows)
    if key is not None:
        first, image_of = _firsts(strings(table, key))
    image = _matrix(table, columns.vectors["image"], image_of, len(first), room, key)
    text = _matrix(table, columns.vectors["text"], np.arange(rows), rows, room)
    every = np.arange(rows)
    label, names = labels(table, others.get("label"), every)
    if label is not None:
        _check_same(table, others["label"], label, first, image_of)
        label = label[first]
    return Corpus.from_arrays(
        image,
        text,
        None if unpaired else image_of,
        label,
        given(table, others.get("caption"), every, empty=True),
        class_texts_of(table),
        names,
        paired=False if unpaired else None,
        pictures=pictures(table, first),
        encoder=encoder_of(table),
        sources=given(table, others.get("source"), first, empty=True),
        image_ids=given(table, others.get("image_id"), first),
        text_ids=given(table, others.get("text_id"), every),
    )


def _long(table: Table, columns: Columns, unpaired: bool, room: Room) -> Corpus:
    others = columns.others
    side = _sides(table, others["modality"])
    images, texts = np.flatnonzero(side == 0), np.flatnonzero(side == 1)
    for found, name in ((images, "image"), (texts, "text")):
        if not len(found):
            raise CorpusError(
                f"{table.path}, column {others['modality']}: no row is of {name}.",
                hint="Both modalities need at least one item.",
            )
    place = np.empty(len(side), np.int64)
    place[images] = np.arange(len(images))
    place[texts] = len(images) + np.arange(len(texts))
    vectors = _matrix(table, columns.vectors["vector"], place, len(side), room)
    group = None if unpaired else others.get("group")
    label, names = labels(table, others.get("label"), images)
    return Corpus.from_arrays(
        vectors[: len(images)],
        vectors[len(images) :],
        None if group is None else _pairs(table, group, images, texts),
        label,
        given(table, others.get("caption"), texts, empty=True),
        class_texts_of(table),
        names,
        pictures=pictures(table, images),
        # Without a group, no order of items says which text is of which image.
        paired=False if group is None else None,
        encoder=encoder_of(table),
        sources=given(table, others.get("source"), images, empty=True),
        image_ids=given(table, others.get("id"), images),
        text_ids=given(table, others.get("id"), texts),
    )


def _count(table: Table, column: str) -> int:
    rows: int = sum(batch.num_rows for batch in table.batches([column]))
    if rows == 0:
        raise CorpusError(f"{table.path} has no rows.", hint="Write it again.")
    return rows


def _matrix(
    table: Table,
    column: VectorColumn,
    place: I64,
    count: int,
    room: Room,
    key: str | None = None,
) -> NDArray[Any]:
    """Return (count, d): row i of the table at `place[i]`; rows of one place must be equal."""
    out: NDArray[Any] | None = None
    known = np.zeros(count, bool)
    done = 0
    for file, start, rows in _blocks(table, column):
        if out is None:
            out = room((count, rows.shape[1]), rows.dtype)
        if rows.shape[1] != out.shape[1]:
            raise CorpusError(
                f"{file}, column {column}: row {start} is missing or has another length.",
                hint="Drop that row or embed the item again.",
            )
        differ = _put(out, known, place[done : done + len(rows)], rows)
        if differ is not None:
            raise CorpusError(
                f"{file}, column {column}: row {start + differ} has the same {key} as an "
                "earlier row, but another vector.",
                hint="Give every image an id of its own, the same vector wherever it comes again.",
            )
        done += len(rows)
        settle(out)
    assert out is not None  # `_count` or `_sides` saw rows
    return filled(out)


def _blocks(table: Table, column: VectorColumn) -> Iterator[tuple[Path, int, NDArray[Any]]]:
    """Yield for each block of vectors its file, the number of its first row there, and it."""
    for file in table.files:
        start = 0
        for batch in file.batches(column.parts):
            if not batch.num_rows:
                continue
            if column.numbered:
                rows = numbered_rows(batch, column, file.path, start)
            else:
                rows = list_rows(batch.column(column.name), column.name, file.path, start)
            yield file.path, start, rows
            start += len(rows)


def _put(out: NDArray[Any], known: NDArray[np.bool_], place: I64, rows: NDArray[Any]) -> int | None:
    """Put rows where they belong; return the first that differs from what is there already."""
    first = np.zeros(len(place), bool)
    first[np.unique(place, return_index=True)[1]] = True
    first &= ~known[place]
    out[place[first]] = rows[first]
    known[place[first]] = True
    again = np.flatnonzero(~first)
    differ = again[(out[place[again]] != rows[again]).any(axis=1)]
    return int(differ[0]) if len(differ) else None


def _check_same(table: Table, name: str, label: NDArray[Any], first: I64, of: I64) -> None:
    odd = np.flatnonzero(label[first][of] != label)
    if len(odd):
        raise CorpusError(
            f"{table.path}, column {name}: row {odd[0]} gives its image another class than row "
            f"{first[of[odd[0]]]}.",
            hint="An image has one class.",
        )


def _firsts(keys: Sequence[str]) -> tuple[I64, I64]:
    """Return the row where each key comes first, and for each row the number of its key."""
    number: dict[str, int] = {}
    of = np.fromiter((number.setdefault(key, len(number)) for key in keys), np.int64, len(keys))
    return np.unique(of, return_index=True)[1].astype(np.int64), of


def _sides(table: Table, name: str) -> I64:
    """Return for each row whether it is of an image, 0, or of a text, 1."""
    words = strings(table, name)
    if not words:
        raise CorpusError(f"{table.path} has no rows.", hint="Write it again.")
    side = np.fromiter((MODALITY.get(word.casefold(), -1) for word in words), np.int64, len(words))
    if side.min() < 0:
        row = int(np.argmin(side))
        raise CorpusError(
            f"{table.path}, column {name}: row {row} is {words[row]!r}, no modality.",
            hint="It must say image or text.",
        )
    return side


def _pairs(table: Table, name: str, images: I64, texts: I64) -> I64:
    """Return the image of each text: the one of its group."""
    groups = strings(table, name)
    held: dict[str, int] = {}
    for place, row in enumerate(images.tolist()):
        if held.setdefault(groups[row], place) != place:
            raise CorpusError(
                f"{table.path}, column {name}: row {row} is a second image of group "
                f"{groups[row]!r}.",
                hint="A group is one image and its texts.",
            )
    for row in texts.tolist():
        if groups[row] not in held:
            raise CorpusError(
                f"{table.path}, column {name}: row {row} is a text of group {groups[row]!r}, "
                "which has no image.",
                hint="Drop that row, or say --unpaired (unpaired=True).",
            )
    return np.fromiter((held[groups[row]] for row in texts.tolist()), np.int64, len(texts))
