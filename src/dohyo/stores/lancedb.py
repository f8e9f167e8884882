"""LanceDB: a folder of tables, embedded in the process; the default store."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.rows import F32, I64
from dohyo.stores.address import Address
from dohyo.stores.fields import IDS, VECTORS, choose_field
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows
from dohyo.stores.refusals import (
    collection_exists,
    no_collection,
    no_key,
    no_vector,
    other_dimension,
)

FRAGMENTS = 64
"""Writes that gather before a table is put together for the first time."""
PLACE_IN_SOURCE = re.compile(r", /\S+\.rs:\d+")
"""How LanceDB ends a sentence: with the place in its own source, which helps no user."""


def open_lancedb(address: Address, fields: Fields, token: str | None, timeout: float) -> "LanceDB":
    """Open a folder of LanceDB tables; one that is not there has none, and reading makes none.

    Raises
    ------
    UsageError
        If the address is a server's, or a file is in the way.
    MissingExtra
        If lancedb is not installed.
    """
    if address.is_server:
        raise UsageError(f"{address.shown} is a server.", hint="Write lancedb://FOLDER.")
    client = require("lancedb", extra="lancedb", needed_by="A LanceDB store")
    if Path(address.location).is_file():
        raise UsageError(f"{address.shown} is a file.", hint="Name a folder.")
    return LanceDB(client, address, fields)


class LanceDB:
    """Tables of one LanceDB folder. No aliases: a table's name is the name of its folder."""

    kind = "lancedb"
    has_aliases = False

    def __init__(self, client: Any, address: Address, fields: Fields) -> None:
        self._client, self._folder = client, Path(address.location)
        self._where, self._fields = address.shown, fields
        self._loose: Counter[str] = Counter()  # writes since a table was put together
        self._bound: dict[str, int] = {}

    @cached_property
    def _db(self) -> Any:
        with self._told():
            return self._client.connect(str(self._folder))  # makes the folder

    def collections(self) -> tuple[str, ...]:
        if not self._folder.is_dir():
            return ()
        names: set[str] = set()
        token = None
        with self._told():
            while True:
                page = self._db.list_tables(page_token=token)
                names.update(page.tables)
                token = page.page_token
                if not token:
                    return tuple(sorted(names))

    def resolve(self, name: str) -> str | None:
        return name if name in self.collections() else None

    def describe(self, collection: str) -> Description:
        table, key, vector = self._table(collection)
        payload = tuple(name for name in table.schema.names if name not in (key, vector))
        with self._told():
            return Description(
                name=collection,
                rows=table.count_rows(),
                dimension=self._dimension(table, vector),
                metric=_metric(table, vector),
                fields=payload,
            )

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        table, key, vector = self._table(collection)
        with self._told():
            table.checkout(table.version)  # what is written meanwhile does not show
            batches = iter(table.search().to_batches(batch_size=size))
        while True:
            with self._told():
                batch = next(batches, None)
            if batch is None:
                return
            for start in range(0, batch.num_rows, size):
                part = pa.Table.from_batches([batch.slice(start, size)])
                yield self._rows(part, collection, key, vector)

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        table, key, vector = self._table(collection)
        condition = _among(key, ids, table.schema.field(key).type)
        with self._told():
            found = table.search().where(condition).limit(max(len(ids), 1)).to_arrow()
            return self._rows(found, collection, key, vector)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        table, key, vector = self._table(like)
        if collection in self.collections():
            raise collection_exists(self._where, collection)
        kind = pa.list_(pa.float32(), dimension)
        old = table.schema
        schema = old.set(old.get_field_index(vector), pa.field(vector, kind))
        with self._told():
            made = self._db.create_table(collection, schema=schema)
            made.create_index(key, config=_index())

    def upsert(self, collection: str, rows: Rows) -> None:
        table, key, vector = self._table(collection)
        if not len(rows):
            return
        has = self._dimension(table, vector)
        if rows.vectors.shape[1] != has:
            raise other_dimension(self._where, collection, has, rows.vectors.shape[1])
        with self._told():
            (
                table.merge_insert(key)
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .execute(_arrow(rows, table.schema, key, vector))
            )
            self._loose[collection] += 1
            # Every write is a file more for each later read, and putting them together copies
            # them all: done at 64 writes, 128, 256 …, the copies cost as much as the writes.
            if self._loose[collection] >= self._bound.get(collection, FRAGMENTS):
                self._bound[collection] = 2 * self._bound.get(collection, FRAGMENTS)
                self._put_together(collection)

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        table, key, _ = self._table(collection)
        with self._told():
            table.delete(_among(key, ids, table.schema.field(key).type))

    def drop(self, collection: str) -> None:
        with self._told():
            if collection in self.collections():
                self._db.drop_table(collection)
        self._loose.pop(collection, None)

    def switch(self, alias: str, collection: str) -> None:
        raise StoreError(
            f"{self._where} has no aliases.", hint=f"Let your program open {collection}."
        )

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        table, key, column = self._table(collection)
        has = self._dimension(table, column)
        if len(vector) != has:
            raise other_dimension(self._where, collection, has, len(vector))
        if not pa.types.is_fixed_size_list(table.schema.field(column).type):
            raise StoreError(
                f"{self._where}: LanceDB searches no lists of varying length, as {column} of "
                f"{collection} is.",
                hint="Write the table again with vectors of one fixed length.",
            )
        self._known(collection, where or {}, table.schema.names)
        # An index answers in its own metric alone. Without one the cosine: of unit vectors, which
        # is what dohyo writes, it is the inner product.
        metric = _metric(table, column) or "cosine"
        with self._told():
            query = table.search(np.asarray(vector, np.float32), vector_column_name=column)
            query = query.distance_type(metric).limit(k)
            if where:
                query = query.where(" AND ".join(_is(*each) for each in where.items()))
            found = query.to_arrow()
        distance = found.column("_distance").to_numpy()
        scores = -np.sqrt(distance) if metric == "l2" else 1 - distance
        rows = self._rows(found.drop_columns(["_distance"]), collection, key, column)
        return tuple(
            Hit(id=each, score=float(score), payload=held)
            for each, score, held in zip(rows.ids, scores, rows.payload, strict=True)
        )

    def close(self) -> None:
        """Put together what was written in small parts; nothing is held open."""
        for collection in [name for name, writes in self._loose.items() if writes > 1]:
            with suppress(StoreError):  # it is written; all that is left is to tidy up
                self._put_together(collection)

    def _put_together(self, collection: str) -> None:
        """Join small files and take new rows into the indexes."""
        self._loose[collection] = 0
        with self._told():
            self._db.open_table(collection).optimize()

    def _table(self, collection: str) -> tuple[Any, str, str]:
        """Return a table with the names of its key and of its column of vectors."""
        there = self.collections()
        if collection not in there:
            raise no_collection(self._where, collection, there)
        with self._told():
            table = self._db.open_table(collection)
            schema = table.schema
        where = f"{self._where}, table {collection},"
        fixed = [f.name for f in schema if pa.types.is_fixed_size_list(f.type) and _floats(f.type)]
        lists = [f.name for f in schema if pa.types.is_list(f.type) and _floats(f.type)]
        vectors = fixed + lists if self._fields.vector in lists else fixed or lists
        keys = [f.name for f in schema if _is_key(f.type)]
        return (
            table,
            choose_field("key", self._fields.id, keys, IDS, where),
            choose_field("vector", self._fields.vector, vectors, VECTORS, where),
        )

    def _dimension(self, table: Any, vector: str) -> int:
        kind = table.schema.field(vector).type
        if pa.types.is_fixed_size_list(kind):
            return int(kind.list_size)
        with self._told():
            first = table.search().select([vector]).limit(1).to_arrow().column(vector)
        if not len(first) or first[0].as_py() is None:
            raise StoreError(
                f"{self._where}: nothing in {table.name} tells how long its vectors are.",
                hint="Write the table again with vectors of one fixed length.",
            )
        return len(first[0])

    def _rows(self, found: Any, collection: str, key: str, vector: str) -> Rows:
        column = found.column(vector).combine_chunks()
        ids = tuple(found.column(key).to_pylist())
        if None in ids:
            raise no_key(self._where, collection)
        if column.null_count:
            raise no_vector(self._where, collection, ids[column.is_null().index(True).as_py()])
        fixed = pa.types.is_fixed_size_list(column.type)
        width = column.type.list_size if fixed else len(column[0]) if len(ids) else 0
        if not fixed:
            self._same_length(collection, ids, np.diff(column.offsets))
        rest = [name for name in found.schema.names if name not in (key, vector)]
        return Rows(
            ids,
            np.asarray(column.flatten(), np.float32).reshape(len(ids), width),
            tuple(found.select(rest).to_pylist()) if rest else ({},) * len(ids),
        )

    def _same_length(self, collection: str, ids: Sequence[Id], lengths: I64) -> None:
        odd = [int(row) for row in np.flatnonzero(lengths != lengths[:1])]
        if odd:
            where = f"{self._where}, row {ids[odd[0]]}"
            raise other_dimension(where, collection, int(lengths[0]), int(lengths[odd[0]]))

    def _known(self, collection: str, where: Mapping[str, Any], names: Sequence[str]) -> None:
        """Refuse a condition on a field that the table does not have."""
        for name in where:
            if name not in names:
                raise StoreError(
                    f"{self._where}: {collection} has no field {' '.join(name.split())}.",
                    hint=f"There are: {', '.join(names)}.",
                )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the client says into one sentence."""
        try:
            yield
        except StoreError:
            raise
        except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
            said = " ".join(PLACE_IN_SOURCE.split(str(error))[0].split())[:200]
            raise StoreError(
                f"{self._where} refuses: {said.rstrip('.')}.",
                hint="Check that the folder is whole, may be written, and has room on its disk.",
            ) from error


def _is_key(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind))


def _floats(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind.value_type))


def _index() -> Any:
    return require("lancedb.index", extra="lancedb", needed_by="A LanceDB store").BTree()


def _metric(table: Any, vector: str) -> str | None:
    """Return the metric of the index of the vectors, None where there is no index."""
    for index in table.list_indices():
        if index.columns == [vector]:
            told = table.index_stats(index.name)
            return None if told is None else told.distance_type
    return None


def _arrow(rows: Rows, schema: Any, key: str, vector: str) -> Any:
    columns = []
    for field in schema:
        if field.name == key:
            columns.append(pa.array(rows.ids, field.type))
        elif field.name == vector:
            flat = pa.array(np.ascontiguousarray(rows.vectors, np.float32).ravel())
            values = flat.cast(field.type.value_type)
            if pa.types.is_fixed_size_list(field.type):
                columns.append(pa.FixedSizeListArray.from_arrays(values, type=field.type))
            else:
                ends = np.arange(len(rows) + 1, dtype=np.int32) * rows.vectors.shape[1]
                columns.append(pa.ListArray.from_arrays(ends, values, type=field.type))
        else:
            columns.append(pa.array([held.get(field.name) for held in rows.payload], field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _literal(value: Any) -> str:
    """Write a value into a condition; strings come from outside and may hold anything."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _is(name: str, value: Any) -> str:
    return f"`{name}` = {_literal(value)}"


def _among(key: str, ids: Sequence[Id], kind: Any) -> str:
    """Return the condition on the key; what it can never be, of another kind, is left out."""
    possible = [_literal(each) for each in ids if _can_be(each, kind)]
    return f"`{key}` IN ({', '.join(possible)})" if possible else "false"


def _can_be(key: Id, kind: Any) -> bool:
    if not pa.types.is_integer(kind):
        return isinstance(key, str)
    negative = 0 if pa.types.is_unsigned_integer(kind) else 1 << (kind.bit_width - 1)
    return isinstance(key, int) and 0 <= key + negative < 1 << kind.bit_width
