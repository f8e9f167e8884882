"""A corpus as columns: one row a pair where every image has one text, else one row an item."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.io.table_metadata import PICTURE, metadata_of
from dohyo.rows import ROWS_PER_BLOCK, blocks, give_back

BYTES_OF_PICTURES = 32 << 20
"""How many bytes of thumbnails are written at once."""


def corpus_schema(corpus: Corpus) -> Any:
    """Return the Arrow schema of a corpus; what has no rows travels as metadata."""
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
    if corpus.picture is not None:
        fields.append((PICTURE, pa.binary(int(np.prod(corpus.picture.shape[1:])))))
    return pa.schema(fields, metadata=metadata_of(corpus))


def is_wide(corpus: Corpus) -> bool:
    """Return whether row by row pairs hold the whole corpus."""
    pairs = corpus.text_to_image
    return pairs is not None and np.array_equal(pairs, np.arange(len(corpus.image)))


def corpus_batches(corpus: Corpus, schema: Any) -> Iterator[Any]:
    """Yield the rows of a corpus as Arrow batches of the schema that `corpus_schema` gave."""
    if is_wide(corpus):
        for part in blocks(len(corpus.image), _block(corpus)):
            held = {name: _part(getattr(corpus, name), part) for name in schema.names}
            yield _batch(schema, held, part.stop - part.start)
            give_back(corpus.image)
            give_back(corpus.text)
        return
    own: dict[str, dict[str, Any]] = {
        "image": {
            "vector": corpus.image,
            "group": np.arange(len(corpus.image)),
            "id": corpus.image_id,
            "source": corpus.source,
            "label": corpus.label,
            PICTURE: corpus.picture,
        },
        "text": {
            "vector": corpus.text,
            "group": corpus.text_to_image,
            "id": corpus.text_id,
            "caption": corpus.caption,
        },
    }
    for modality, columns in own.items():
        for part in blocks(len(columns["vector"]), _block(corpus)):
            count = part.stop - part.start
            held = {name: _part(columns.get(name), part) for name in schema.names}
            yield _batch(schema, held | {"modality": [modality] * count}, count)
            give_back(columns["vector"])


def _block(corpus: Corpus) -> int:
    """Return how many rows are written at once: fewer where each has a picture."""
    if corpus.picture is None:
        return ROWS_PER_BLOCK
    each = int(corpus.picture[0].nbytes)
    return max(1, min(ROWS_PER_BLOCK, BYTES_OF_PICTURES // each))


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
        elif field.name == PICTURE:
            columns.append(pa.array([picture.tobytes() for picture in values], field.type))
        else:
            columns.append(pa.array(values, field.type))
    return pa.record_batch(columns, schema=schema)


def _list(rows: NDArray[Any]) -> Any:
    return pa.list_(pa.from_numpy_dtype(rows.dtype), rows.shape[1])
