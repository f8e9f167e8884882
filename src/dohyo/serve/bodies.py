"""Vectors in a request's body: JSON, NumPy's .npy, an Arrow stream; anything else is refused."""

import ast
import io
import struct
from typing import Any, Final, Literal

import numpy as np
import orjson
import pyarrow as pa

from dohyo.rollout.refusal import Refusal, too_large
from dohyo.rows import F32
from dohyo.serve.settings import Limits

JSON: Final = "application/json"
NPY: Final = "application/x-npy"
ARROW: Final = "application/vnd.apache.arrow.stream"
KINDS: Final = (JSON, NPY, ARROW)
DTYPES: Final = {"<f4": np.float32, "<f8": np.float64, "<f2": np.float16}
HEADS: Final = {1: (2, 10), 2: (4, 12), 3: (4, 12)}
"""By version of the format: bytes of the head's length, and where the head begins."""
LONGEST_HEAD: Final = 4_096
BOOLEANS: Final = (struct.pack("f", False), struct.pack("f", True))
"""What false and true become when packed as floats; real vectors seldom hold an exact 0 or 1."""


def kind_of(content_type: str) -> str:
    """Return which of `KINDS` a body is of.

    Raises
    ------
    Refusal
        415 for any other.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Refusal(
            415,
            "content_type",
            "A body of this content type is not read.",
            hint=f"Send {', '.join(KINDS)}.",
        )
    return kind


def read_json(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body.

    Raises
    ------
    Refusal
        400 if there is none.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise damaged("JSON") from error
    if not isinstance(found, dict):
        raise Refusal(400, "bad_body", "The body is no JSON object.", hint='Send {"…": …}.')
    return found


def vectors_of(value: Any, limits: Limits) -> F32:
    """Return rows from lists of numbers, one list or a list of lists.

    Raises
    ------
    Refusal
        400 if they are no vectors, 413 if there are too many.
    """
    if isinstance(value, list) and value and not isinstance(value[0], list):
        value = [value]
    if not isinstance(value, list) or not value or not isinstance(value[0], list) or not value[0]:
        raise _no_vectors()
    if len(value) > limits.rows:
        raise too_large("The request", f"{limits.rows:,} vectors")
    try:
        pack = struct.Struct(f"{len(value[0])}f").pack  # what is too large becomes infinite
        packed = b"".join([pack(*row) for row in value])
    except (struct.error, TypeError) as error:
        raise _no_vectors() from error
    if any(each in packed for each in BOOLEANS) and not _plain(value):
        raise _no_vectors()
    return np.frombuffer(packed, np.float32).reshape(len(value), -1)


def _plain(value: list[Any]) -> bool:
    """Whether no row holds true or false: packing takes them for 1 and 0."""
    return all(bool not in map(type, row) for row in value)


def npy(body: bytes, limits: Limits) -> F32:
    """Return rows from the bytes of a .npy file of floats.

    The head is parsed here, as a literal of bounded length: NumPy's own reader takes heads of
    10,000 characters and, where told to, pickles.

    Raises
    ------
    Refusal
        400, 413.
    """
    if body[:6] != b"\x93NUMPY" or len(body) < 12 or body[6] not in HEADS:
        raise damaged("npy")
    wide, start = HEADS[body[6]]
    end = start + int.from_bytes(body[8 : 8 + wide], "little")
    if end > min(len(body), LONGEST_HEAD):
        raise damaged("npy")
    try:
        head = ast.literal_eval(body[start:end].decode("latin-1").strip())
        kind, in_columns, shape = head["descr"], head["fortran_order"], head["shape"]
        rows, width = shape if len(shape) == 2 else (1, *shape)
        dtype = DTYPES[kind]
        sound = all(type(side) is int and side > 0 for side in (rows, width))
    except Exception as error:  # a literal of somebody's making can fail in any way
        raise damaged("npy", "Send one or two dimensions of little-endian floats.") from error
    if not sound or type(in_columns) is not bool:
        raise damaged("npy")
    if rows > limits.rows:
        raise too_large("The request", f"{limits.rows:,} vectors")
    if len(body) - end != rows * width * np.dtype(kind).itemsize:
        raise damaged("npy", "Its length is not what its head says.")
    order: Literal["F", "C"] = "F" if in_columns else "C"
    whole = np.frombuffer(body, dtype, offset=end).reshape((int(rows), int(width)), order=order)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
        return np.ascontiguousarray(whole, np.float32)


def arrow(body: bytes, limits: Limits, *, column: str | None = None) -> F32:
    """Return rows from one column of vectors of an Arrow stream.

    Parameters
    ----------
    column : its name; None for the only one

    Raises
    ------
    Refusal
        400, 413.
    """
    try:
        with pa.ipc.open_stream(io.BytesIO(body)) as stream:
            table = _bounded(stream, limits)
        names = [name for name in table.column_names if _holds_vectors(table[name].type)]
        chosen = column or (names[0] if len(names) == 1 else "vector")
        if chosen not in names:
            raise Refusal(
                400,
                "bad_body",
                "The Arrow stream has no such column of vectors.",
                hint="Send one column of lists of floats, or name it vector.",
            )
        return _column(table[chosen])
    except Refusal:
        raise
    except Exception as error:  # Arrow raises as many kinds as there are ways to damage a stream
        raise damaged("Arrow") from error


def _bounded(stream: Any, limits: Limits) -> Any:
    """Read a stream batch by batch: a few compressed bytes can stand for gigabytes."""
    batches, rows, size = [], 0, 0
    for batch in stream:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > limits.rows or size > 4 * limits.body:
            raise too_large("The request", f"{limits.rows:,} vectors")
        batch.validate(full=True)
        batches.append(batch)
    return pa.Table.from_batches(batches, stream.schema)


def _holds_vectors(kind: Any) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in lists) and pa.types.is_floating(kind.value_type)


def _column(column: Any) -> F32:
    whole = column.combine_chunks()
    flat = whole.flatten()
    if whole.null_count or flat.null_count or not len(whole) or len(flat) % len(whole):
        raise damaged("Arrow", "Every row needs a vector of the same length, without nulls.")
    lengths = {len(whole[0]), len(whole[-1])}
    if not pa.types.is_fixed_size_list(whole.type):
        lengths |= set(np.diff(np.asarray(whole.offsets)).tolist())
    if len(lengths) != 1 or not len(flat):
        raise damaged("Arrow", "Every row needs a vector of the same length.")
    rows = np.asarray(flat.to_numpy(zero_copy_only=False), np.float32)
    return np.ascontiguousarray(rows.reshape(len(whole), -1))


def to_npy(rows: F32) -> bytes:
    """Return rows as the bytes of a .npy file."""
    out = io.BytesIO()
    np.lib.format.write_array(out, np.ascontiguousarray(rows), allow_pickle=False)
    return out.getvalue()


def to_arrow(rows: F32) -> bytes:
    """Return rows as an Arrow stream with one column `vector`."""
    flat = pa.array(np.ascontiguousarray(rows).ravel())
    table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue()


def damaged(kind: str, hint: str = "Send it again, whole.") -> Refusal:
    """Return the refusal of a body that is not what it says it is."""
    return Refusal(400, "bad_body", f"The body is no {kind} that can be read.", hint=hint)


def _no_vectors() -> Refusal:
    return Refusal(
        400,
        "bad_body",
        "There are no vectors in the body.",
        hint="Send lists of numbers, all of the same length.",
    )
