"""A corpus as columns: one row a pair where every image has one text, else one row an item."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.table import DOHYO
from dohyo.rows import ROWS_PER_BLOCK, blocks


def corpus_schema(corpus: Corpus) -> Any:
    """Return the Arrow schema of a corpus; encoder and class names travel as metadata.

    Raises
    ------
    UsageError
        If it holds class texts or pictures, which have no column.
    """
    for key in ("class_text", "picture"):
        if getattr(corpus, key) is not None:
            raise UsageError(f"{key} has no column in a table.", hint="Write .npz instead.")
    if is_wide(corpus):
        fields = [("image", _list(corpus.image)), ("text", _list(corpus.text))]
        strings = ["image_id", "text_id", "caption", "source"]
    else:
        wider = np.result_type(corpus.image, corpus.text)
        kind = pa.list_(pa.from_numpy_dtype(wider), corpus.dim)
        fields = [("modality", pa.string()), ("vector", kind)]
        if corpus.text_to_image is not None:
            fields.append(("group", pa.int64()))
        if corpus.image_id is not None or corpus.text_id is not None:
            fields.append(("id", pa.string()))
        strings = ["caption", "source"]
    fields += [(key, pa.string()) for key in strings if getattr(corpus, key) is not None]
    if corpus.label is not None:
        fields.append(("label", pa.int64()))
    said = {"encoder": corpus.encoder, "class_name": corpus.class_name}
    said = {key: value for key, value in said.items() if value is not None}
    return pa.schema(fields, metadata={DOHYO: json.dumps(said)} if said else None)


def is_wide(corpus: Corpus) -> bool:
    """Return whether row by row pairs hold the whole corpus."""
    pairs = corpus.text_to_image
    return pairs is not None and np.array_equal(pairs, np.arange(len(corpus.image)))


def corpus_batches(corpus: Corpus, schema: Any) -> Iterator[Any]:
    """Yield the rows of a corpus as Arrow batches of the schema that `corpus_schema` gave."""
    if is_wide(corpus):
        for part in blocks(len(corpus.image), ROWS_PER_BLOCK):
            held = {name: _part(getattr(corpus, name), part) for name in schema.names}
            yield _batch(schema, held, part.stop - part.start)
        return
    own: dict[str, dict[str, Any]] = {
        "image": {
            "vector": corpus.image,
            "group": np.arange(len(corpus.image)),
            "id": corpus.image_id,
            "source": corpus.source,
            "label": corpus.label,
        },
        "text": {
            "vector": corpus.text,
            "group": corpus.text_to_image,
            "id": corpus.text_id,
            "caption": corpus.caption,
        },
    }
    for modality, columns in own.items():
        for part in blocks(len(columns["vector"]), ROWS_PER_BLOCK):
            count = part.stop - part.start
            held = {name: _part(columns.get(name), part) for name in schema.names}
            yield _batch(schema, held | {"modality": [modality] * count}, count)


def _part(column: NDArray[Any] | Sequence[str] | None, part: slice) -> Any:
    return None if column is None else column[part]


def _batch(schema: Any, held: dict[str, Any], count: int) -> Any:
    columns = []
    for field in schema:
        values = held[field.name]
        if values is None:
            columns.append(pa.nulls(count, field.type))
        elif pa.types.is_fixed_size_list(field.type):
            rows = np.ascontiguousarray(values, field.type.value_type.to_pandas_dtype())
            flat = pa.array(rows.ravel())
            columns.append(pa.FixedSizeListArray.from_arrays(flat, type=field.type))
        else:
            columns.append(pa.array(values, field.type))
    return pa.record_batch(columns, schema=schema)


def _list(rows: NDArray[Any]) -> Any:
    return pa.list_(pa.from_numpy_dtype(rows.dtype), rows.shape[1])
