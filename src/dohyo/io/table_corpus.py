"""A corpus from a table: one row a pair, or one row an item."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.column_roles import Columns, is_string
from dohyo.io.table import Table
from dohyo.io.vector_column import VectorColumn, list_rows, numbered_rows
from dohyo.rows import I64

MODALITY = {
    **dict.fromkeys(("image", "images", "img", "picture", "photo"), 0),
    **dict.fromkeys(("text", "texts", "txt", "caption", "sentence"), 1),
}
"""What a column of modality may say, in capitals or not: 0 is an image, 1 a text."""


def corpus_of(table: Table, columns: Columns, *, unpaired: bool = False) -> Corpus:
    """Read the columns of a table one after the other and make a corpus of them.

    Raises
    ------
    CorpusError
        Naming file, column and row: a null, ragged lists, an unknown modality, two different
        images under one id, a text without its image; or the arrays do not make a corpus.
    """
    if columns.layout == "wide":
        return _wide(table, columns, unpaired)
    return _long(table, columns, unpaired)


def _wide(table: Table, columns: Columns, unpaired: bool) -> Corpus:
    rows = _count(table, columns.vectors["text"].parts[0])
    others = columns.others
    key = others.get("image_id", others.get("group"))
    first, image_of = np.arange(rows), np.arange(rows)
    if key is not None:
        first, image_of = _firsts(_strings(table, key))
    image = _matrix(table, columns.vectors["image"], image_of, len(first), key)
    text = _matrix(table, columns.vectors["text"], np.arange(rows), rows)
    every = np.arange(rows)
    label, names = _labels(table, others.get("label"), every)
    if label is not None:
        _check_same(table, others["label"], label, first, image_of)
        label = label[first]
    return Corpus.from_arrays(
        image,
        text,
        None if unpaired else image_of,
        label,
        _given(table, others.get("caption"), every, empty=True),
        class_names=names,
        paired=False if unpaired else None,
        encoder=table.metadata().get("encoder"),
        sources=_given(table, others.get("source"), first, empty=True),
        image_ids=_given(table, others.get("image_id"), first),
        text_ids=_given(table, others.get("text_id"), every),
    )


def _long(table: Table, columns: Columns, unpaired: bool) -> Corpus:
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
    vectors = _matrix(table, columns.vectors["vector"], place, len(side))
    group = None if unpaired else others.get("group")
    label, names = _labels(table, others.get("label"), images)
    return Corpus.from_arrays(
        vectors[: len(images)],
        vectors[len(images) :],
        None if group is None else _pairs(table, group, images, texts),
        label,
        _given(table, others.get("caption"), texts, empty=True),
        class_names=names,
        # Without a group, no order of items says which text is of which image.
        paired=False if group is None else None,
        encoder=table.metadata().get("encoder"),
        sources=_given(table, others.get("source"), images, empty=True),
        image_ids=_given(table, others.get("id"), images),
        text_ids=_given(table, others.get("id"), texts),
    )


def _count(table: Table, column: str) -> int:
    rows: int = sum(batch.num_rows for batch in table.batches([column]))
    if rows == 0:
        raise CorpusError(f"{table.path} has no rows.", hint="Write it again.")
    return rows


def _matrix(
    table: Table, column: VectorColumn, place: I64, count: int, key: str | None = None
) -> NDArray[Any]:
    """Return (count, d): row i of the table at `place[i]`; rows of one place must be equal."""
    out: NDArray[Any] | None = None
    filled = np.zeros(count, bool)
    start = 0
    for batch in table.batches(column.parts):
        if not batch.num_rows:
            continue
        if column.numbered:
            rows = numbered_rows(batch, column, table.path, start)
        else:
            rows = list_rows(batch.column(column.name), column.name, table.path, start)
        if out is None:
            out = np.empty((count, rows.shape[1]), rows.dtype)
        if rows.shape[1] != out.shape[1]:
            raise CorpusError(
                f"{table.path}, column {column}: row {start} is missing or has another length.",
                hint="Drop that row or embed the item again.",
            )
        _put(out, filled, place[start : start + len(rows)], rows, (table, column, key, start))
        start += len(rows)
    assert out is not None  # `_count` or `_sides` saw rows
    return out


def _put(
    out: NDArray[Any],
    filled: NDArray[np.bool_],
    place: I64,
    rows: NDArray[Any],
    told: tuple[Table, VectorColumn, str | None, int],
) -> None:
    first = np.zeros(len(place), bool)
    first[np.unique(place, return_index=True)[1]] = True
    first &= ~filled[place]
    out[place[first]] = rows[first]
    filled[place[first]] = True
    again = np.flatnonzero(~first)
    differ = again[(out[place[again]] != rows[again]).any(axis=1)]
    if len(differ):
        table, column, key, start = told
        raise CorpusError(
            f"{table.path}, column {column}: row {start + differ[0]} has the same {key} as an "
            "earlier row, but another vector.",
            hint="Give every image an id of its own, the same vector wherever it comes again.",
        )


def _column(table: Table, name: str) -> Any:
    """Return one column as a chunked array, dictionaries written out."""
    kind = table.schema.field(name).type
    chunks = [batch.column(name) for batch in table.batches([name])]
    whole = pa.chunked_array(chunks, type=kind)
    if pa.types.is_dictionary(kind):
        whole = whole.cast(kind.value_type)
    return whole


def _strings(table: Table, name: str, *, empty: bool = False) -> list[str]:
    """Return a column of strings or whole numbers; a null is an error, or an empty string."""
    column = _column(table, name)
    if not (is_string(column.type) or pa.types.is_integer(column.type)):
        raise CorpusError(
            f"{table.path}, column {name} holds {column.type}.",
            hint="It must hold strings or whole numbers.",
        )
    if column.null_count and not empty:
        raise _null(table, name, _first_null(column))
    column = column.cast(pa.large_string())
    listed: list[str] = (pc.fill_null(column, "") if empty else column).to_pylist()
    return listed


def _given(
    table: Table, name: str | None, rows: I64, *, empty: bool = False
) -> Sequence[str] | None:
    """Return some rows of a column of strings; None where there is none or all are null."""
    if name is None:
        return None
    column = _column(table, name)
    if column.take(pa.array(rows)).null_count == len(rows):
        return None
    if not empty:
        _check_given(table, name, column, rows)
    strings = _strings(table, name, empty=True)
    return [strings[row] for row in rows.tolist()]


def _check_given(table: Table, name: str, column: Any, rows: I64) -> None:
    nulls = rows[column.is_null().to_numpy()[rows]]
    if len(nulls):
        raise _null(table, name, int(nulls[0]))


def _first_null(column: Any) -> int:
    return int(np.flatnonzero(column.is_null().to_numpy())[0])


def _null(table: Table, name: str, row: int) -> CorpusError:
    return CorpusError(
        f"{table.path}, column {name}: row {row} is null.",
        hint="Fill it, or leave the column out: --columns with nothing behind its meaning.",
    )


def _labels(
    table: Table, name: str | None, rows: I64
) -> tuple[NDArray[Any] | None, Sequence[str] | None]:
    """Return the classes of some rows by number, and their names where they are known."""
    if name is None:
        return None, None
    column = _column(table, name)
    if column.take(pa.array(rows)).null_count == len(rows):
        return None, None
    _check_given(table, name, column, rows)
    if pa.types.is_integer(column.type):
        filled: NDArray[Any] = pc.fill_null(column, 0).to_numpy()
        return filled[rows], table.class_names(name)
    strings = _strings(table, name, empty=True)
    names, number = np.unique([strings[row] for row in rows.tolist()], return_inverse=True)
    return number, names.tolist()


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
    words = _strings(table, name)
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
    groups = _strings(table, name)
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
