"""LanceDB: a folder of tables, embedded in the process; the default store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.rows import F32
from dohyo.stores.address import Address
from dohyo.stores.fields import IDS, VECTORS, choose_field
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows

FRAGMENTS = 64
"""Small writes that gather before they are put together."""


def open_lancedb(address: Address, fields: Fields, token: str | None, timeout: float) -> "LanceDB":
    """Open a folder of LanceDB tables; one that is not there is empty until the first write.

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
    if "://" not in address.location and Path(address.location).is_file():
        raise UsageError(f"{address.shown} is a file.", hint="Name a folder.")
    return LanceDB(client, address, fields)


class LanceDB:
    """Tables of one LanceDB folder. No aliases: a table's name is the name of its folder."""

    kind = "lancedb"
    has_aliases = False

    def __init__(self, client: Any, address: Address, fields: Fields) -> None:
        self._where, self._fields = address.shown, fields
        with self._told():
            self._db = client.connect(address.location)
        self._writes = 0

    def collections(self) -> tuple[str, ...]:
        with self._told():
            return tuple(sorted(_tables(self._db)))

    def resolve(self, name: str) -> str | None:
        return name if name in self.collections() else None

    def describe(self, collection: str) -> Description:
        table, key, vector = self._table(collection)
        payload = tuple(name for name in table.schema.names if name not in (key, vector))
        with self._told():
            return Description(
                name=collection,
                rows=table.count_rows(),
                dimension=table.schema.field(vector).type.list_size,
                metric=None,
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
                yield _rows(pa.Table.from_batches([batch.slice(start, size)]), key, vector)

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        table, key, vector = self._table(collection)
        with self._told():
            chosen = table.search().where(_among(key, ids)).limit(max(len(ids), 1))
            return _rows(chosen.to_arrow(), key, vector)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        table, key, vector = self._table(like)
        kind = pa.list_(pa.float32(), dimension)
        old = table.schema
        schema = old.set(old.get_field_index(vector), pa.field(vector, kind))
        with self._told():
            made = self._db.create_table(collection, schema=schema)
            made.create_index(key, config=_index())

    def upsert(self, collection: str, rows: Rows) -> None:
        table, key, vector = self._table(collection)
        with self._told():
            (
                table.merge_insert(key)
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .execute(_arrow(rows, table.schema, key, vector))
            )
            self._writes += 1
            if self._writes % FRAGMENTS == 0:
                table.optimize()

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        table, key, _ = self._table(collection)
        with self._told():
            table.delete(_among(key, ids))

    def drop(self, collection: str) -> None:
        with self._told():
            self._db.drop_table(collection, ignore_missing=True)

    def switch(self, alias: str, collection: str) -> None:
        raise StoreError(
            f"{self._where} has no aliases.", hint=f"Let your program open {collection}."
        )

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        table, key, column = self._table(collection)
        with self._told():
            # Of unit vectors, which is what dohyo writes, the cosine is the inner product.
            query = table.search(vector, vector_column_name=column).metric("cosine").limit(k)
            if where:
                query = query.where(" AND ".join(_is(*each) for each in where.items()))
            found = query.to_arrow()
        distance = found.column("_distance").to_pylist()
        rows = _rows(found.drop_columns(["_distance"]), key, column)
        return tuple(
            Hit(id=each, score=1 - far, payload=held)
            for each, far, held in zip(rows.ids, distance, rows.payload, strict=True)
        )

    def close(self) -> None:
        """Nothing is held open."""

    def _table(self, collection: str) -> tuple[Any, str, str]:
        """Return a table with the names of its key and of its column of vectors."""
        with self._told():
            there = _tables(self._db)
            if collection not in there:
                raise StoreError(
                    f"{self._where} has no table {collection}.",
                    hint=f"There are: {', '.join(sorted(there)) or 'none'}.",
                )
            table = self._db.open_table(collection)
        where = f"{self._where}, table {collection},"
        schema = table.schema
        vectors = [f.name for f in schema if pa.types.is_fixed_size_list(f.type)]
        keys = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_integer(f.type)]
        return (
            table,
            choose_field("key", self._fields.id, keys, IDS, where),
            choose_field("vector", self._fields.vector, vectors, VECTORS, where),
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the client says into one sentence."""
        try:
            yield
        except StoreError:
            raise
        except (OSError, RuntimeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            raise StoreError(
                f"{self._where} refuses: {said}.", hint="Check the folder and its permissions."
            ) from error


def _tables(db: Any) -> set[str]:
    names: set[str] = set()
    token = None
    while True:
        page = db.list_tables(page_token=token)
        names.update(page.tables)
        token = page.page_token
        if not token:
            return names


def _index() -> Any:
    return require("lancedb.index", extra="lancedb", needed_by="A LanceDB store").BTree()


def _rows(found: Any, key: str, vector: str) -> Rows:
    column = found.column(vector).combine_chunks()
    if column.null_count:
        raise StoreError(
            f"Row {found.column(key)[column.is_null().index(True).as_py()]} has no vector.",
            hint="Delete it or embed it again.",
        )
    flat = np.asarray(column.flatten(), np.float32)
    rest = [name for name in found.schema.names if name not in (key, vector)]
    return Rows(
        tuple(found.column(key).to_pylist()),
        flat.reshape(len(found), -1) if len(found) else flat.reshape(0, column.type.list_size),
        tuple(found.select(rest).to_pylist()) if rest else ({},) * len(found),
    )


def _arrow(rows: Rows, schema: Any, key: str, vector: str) -> Any:
    columns = []
    for field in schema:
        if field.name == key:
            columns.append(pa.array(rows.ids, field.type))
        elif field.name == vector:
            flat = pa.array(np.ascontiguousarray(rows.vectors, np.float32).ravel())
            columns.append(
                pa.FixedSizeListArray.from_arrays(flat.cast(field.type.value_type), type=field.type)
            )
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


def _among(key: str, ids: Sequence[Id]) -> str:
    if not ids:
        return "false"
    return f"`{key}` IN ({', '.join(map(_literal, ids))})"
