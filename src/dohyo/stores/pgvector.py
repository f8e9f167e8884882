"""pgvector: tables of a PostgreSQL, reached by URL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dohyo.errors import StoreError
from dohyo.extras import require
from dohyo.rows import F32
from dohyo.stores.address import Address
from dohyo.stores.fields import IDS, VECTORS, choose_field
from dohyo.stores.postgres_catalogue import Column, Relation, Table, read_relations, read_table
from dohyo.stores.postgres_connection import Connection
from dohyo.stores.postgres_making import make_table, switch_view
from dohyo.stores.postgres_values import (
    array,
    possible_keys,
    read_as,
    read_vectors,
    vector_text,
    written,
)
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows
from dohyo.stores.refusals import no_collection, no_vector, other_dimension

SENT = 1_000
"""Rows of one statement that writes: each is done or not as a whole."""
OPERATORS = {"dot": "<#>", "cosine": "<=>", "l2": "<->", "l1": "<+>"}
CANDIDATES = (40, 1_000)
"""How many rows pgvector's index looks at unless told otherwise, and at most."""


@dataclass(frozen=True)
class _Layout:
    """A table, and which of its columns are key and vector."""

    table: Table
    key: Column
    vector: Column

    @property
    def payload(self) -> tuple[Column, ...]:
        return tuple(c for c in self.table.columns if c not in (self.key, self.vector))


def open_pgvector(
    address: Address, fields: Fields, token: str | None, timeout: float
) -> "Pgvector":
    """Open a database; it is asked when something is wanted of it.

    Parameters
    ----------
    token : the password, where the URL has none

    Raises
    ------
    UsageError
        If the URL asks for what is not understood.
    MissingExtra
        If pg8000 is not installed.
    """
    return Pgvector(Connection(address, token, timeout), fields)


class Pgvector:
    """Tables with a column of vectors. An alias is a view that shows a table and no more."""

    kind = "pgvector"
    has_aliases = True

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._link, self._where, self._fields = connection, connection.where, fields
        quoting = require("pg8000.native", extra="pgvector", needed_by="A PostgreSQL store")
        self._quote = quoting.identifier

    def collections(self) -> tuple[str, ...]:
        found = read_relations(self._link.run)
        return tuple(sorted(name for name, each in found.items() if not each.is_view))

    def resolve(self, name: str) -> str | None:
        found = _table_of(read_relations(self._link.run), name)
        return None if found is None else found.shown

    def describe(self, collection: str) -> Description:
        it = self._layout(collection)
        [[count]] = self._link.run(f"SELECT count(*) FROM {self._of(it.table.relation)}")
        return Description(
            name=it.table.relation.shown,
            rows=count,
            dimension=self._dimension(it),
            metric=it.table.metric(it.vector.name),
            fields=tuple(column.name for column in it.payload),
        )

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        it = self._layout(collection)
        key = self._quote(it.key.name)
        after: dict[str, str] = {}
        while True:
            beyond = f"WHERE {key} > CAST(:after AS {it.key.cast})" if after else ""
            found = self._link.run(
                f"{self._select(it)} {beyond} ORDER BY {key} LIMIT CAST(:size AS bigint)",
                size=size,
                **after,
            )
            if found:
                yield self._rows(it, found)
            if len(found) < size:
                return
            after = {"after": str(found[-1][0])}

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        it = self._layout(collection)
        wanted = possible_keys(ids, it.key.kind)
        found = wanted and self._link.run(
            f"{self._select(it)} WHERE {self._among(it)}", ids=array(wanted)
        )
        return self._rows(it, found)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        it = self._layout(like)
        make_table(self._link, self._quote, collection, dimension, it.table, it.key, it.vector)

    def upsert(self, collection: str, rows: Rows) -> None:
        it = self._layout(collection)
        if not len(rows):
            return
        has = self._dimension(it)
        if rows.vectors.shape[1] != has:
            raise other_dimension(self._where, it.table.relation.shown, has, rows.vectors.shape[1])
        self._refuse_keys(it, rows.ids)
        columns = [c for c in it.table.columns if not c.generated or c == it.key]
        names = [self._quote(column.name) for column in columns]
        given = [f"c{number}" for number in range(len(columns))]
        replaced = [
            f"{name} = EXCLUDED.{name}"
            for name, c in zip(names, columns, strict=True)
            if c != it.key
        ]
        statement = (
            f"INSERT INTO {self._of(it.table.relation)} ({', '.join(names)}) "
            "OVERRIDING SYSTEM VALUE SELECT "
            + ", ".join(f"CAST({g} AS {c.cast})" for g, c in zip(given, columns, strict=True))
            + f" FROM unnest({', '.join(f'CAST(:{g} AS text[])' for g in given)}) "
            f"AS given({', '.join(given)}) "
            f"ON CONFLICT ({self._quote(it.key.name)}) DO UPDATE SET {', '.join(replaced)}"
        )
        for start in range(0, len(rows), SENT):
            part = slice(start, start + SENT)
            held = [_texts(it, column, rows, part) for column in columns]
            self._link.run(statement, **dict(zip(given, held, strict=True)))

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        it = self._layout(collection)
        wanted = possible_keys(ids, it.key.kind)
        if wanted:
            self._link.run(
                f"DELETE FROM {self._of(it.table.relation)} WHERE {self._among(it)}",
                ids=array(wanted),
            )

    def drop(self, collection: str) -> None:
        there = read_relations(self._link.run).get(collection)
        if there is not None and not there.is_view:
            self._link.run(f"DROP TABLE {self._of(there)}")

    def switch(self, alias: str, collection: str) -> None:
        it = self._layout(collection)
        switch_view(self._link, self._quote, alias, it.table.relation)

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        it = self._layout(collection)
        has = self._dimension(it)
        if len(vector) != has:
            raise other_dimension(self._where, it.table.relation.shown, has, len(vector))
        # Without an index the cosine: of unit vectors it is the inner product.
        metric = it.table.metric(it.vector.name) or "cosine"
        if it.table.index(it.vector.name):
            low, high = CANDIDATES
            self._link.run(f"SET hnsw.ef_search = {min(max(k, low), high)}")
        far = f"{self._quote(it.vector.name)} {OPERATORS[metric]} CAST(:query AS {it.vector.cast})"
        wanted = {f"w{n}": pair for n, pair in enumerate((where or {}).items())}
        conditions = [self._is(it, label, name) for label, (name, _) in wanted.items()]
        found = self._link.run(
            f"{self._select(it, f', CAST({far} AS float8)')} "
            + (f"WHERE {' AND '.join(conditions)} " if conditions else "")
            + f"ORDER BY {far} LIMIT CAST(:k AS bigint)",
            query=vector_text(np.asarray(vector, np.float32)),
            k=k,
            **{n: written(v, it.table.named[name].kind) for n, (name, v) in wanted.items()},
        )
        scores = [_score(row[-1], metric) for row in found]
        rows = self._rows(it, [row[:-1] for row in found])
        hits = [
            Hit(id=each, score=score, payload=held)
            for each, score, held in zip(rows.ids, scores, rows.payload, strict=True)
        ]
        return tuple(sorted(hits, key=lambda hit: -hit.score))  # an index is a little out of order

    def close(self) -> None:
        self._link.close()

    def _layout(self, collection: str) -> _Layout:
        """Return the table that a name or an alias stands for, its key and its vector."""
        relations = read_relations(self._link.run)
        relation = _table_of(relations, collection)
        if relation is None:
            raise no_collection(
                self._where,
                collection,
                [n for n, each in relations.items() if not each.is_view or each.stands_for],
            )
        table = read_table(self._link.run, relation)
        where = f"{self._where}, table {relation.shown},"
        if not table.keys:
            raise StoreError(
                f"{where} has no key of one column of numbers, text or UUIDs.",
                hint="Give it one with ALTER TABLE … ADD PRIMARY KEY (…).",
            )
        wanted = self._fields.id or (table.primary if table.primary in table.keys else None)
        key = choose_field("key", wanted, table.keys, IDS, where)
        vector = choose_field("vector", self._fields.vector, table.vectors, VECTORS, where)
        return _Layout(table, table.named[key], table.named[vector])

    def _dimension(self, it: _Layout) -> int:
        if it.vector.size is not None:
            return it.vector.size
        name = self._quote(it.vector.name)
        found = self._link.run(
            f"SELECT vector_dims({name}) FROM {self._of(it.table.relation)} "
            f"WHERE {name} IS NOT NULL LIMIT 1"
        )
        if not found:
            raise StoreError(
                f"{self._where}: nothing in {it.table.relation.shown} tells how long its vectors "
                "are.",
                hint=f"Say it with ALTER TABLE … ALTER COLUMN {it.vector.name} TYPE vector(…).",
            )
        return int(found[0][0])

    def _of(self, relation: Relation) -> str:
        return f"{self._quote(relation.schema)}.{self._quote(relation.name)}"

    def _select(self, it: _Layout, more: str = "") -> str:
        """Return the statement that reads rows: key, vector, payload."""
        read = [read_as(self._quote(c.name), c.kind) for c in (it.key, *it.payload)]
        sent = f"{it.vector.kind}_send({self._quote(it.vector.name)})"
        columns = ", ".join([read[0], sent, *read[1:]])
        return f"SELECT {columns}{more} FROM {self._of(it.table.relation)}"

    def _among(self, it: _Layout) -> str:
        return f"{self._quote(it.key.name)} = ANY (CAST(:ids AS {it.key.cast}[]))"

    def _is(self, it: _Layout, label: str, name: str) -> str:
        if name not in {column.name for column in it.payload}:
            raise StoreError(
                f"{self._where}: {it.table.relation.shown} has no field {' '.join(name.split())}.",
                hint=f"There are: {', '.join(column.name for column in it.payload)}.",
            )
        cast = it.table.named[name].cast
        same = "::text" if it.table.named[name].kind == "json" else ""  # it knows no equality
        return f"{self._quote(name)}{same} = CAST(:{label} AS {cast}){same}"

    def _rows(self, it: _Layout, found: Sequence[Sequence[Any]]) -> Rows:
        names = [column.name for column in it.payload]
        lengths: dict[int, Id] = {}
        for row in found:
            if row[1] is None:
                raise no_vector(self._where, it.table.relation.shown, row[0])
            lengths.setdefault(len(row[1]), row[0])
        if len(lengths) > 1:
            width = (2 if it.vector.kind == "halfvec" else 4,)
            first, odd = ((length - 4) // width[0] for length in list(lengths)[:2])
            where = f"{self._where}, row {list(lengths.values())[1]}"
            raise other_dimension(where, it.table.relation.shown, first, odd)
        vectors = (
            read_vectors([row[1] for row in found], it.vector.kind)
            if found
            else np.empty((0, self._dimension(it)), np.float32)
        )
        return Rows(
            tuple(row[0] for row in found),
            vectors,
            tuple(dict(zip(names, row[2:], strict=True)) for row in found),
        )

    def _refuse_keys(self, it: _Layout, ids: Sequence[Id]) -> None:
        if len(possible_keys(ids, it.key.kind)) == len(ids):
            return
        odd = next(each for each in ids if not possible_keys([each], it.key.kind))
        raise StoreError(
            f"{self._where}: {it.key.name} of {it.table.relation.shown} is {it.key.cast} and "
            f"cannot be {odd!r}.",
            hint="Keep keys of another kind in a column of their own.",
        )


def _table_of(relations: Mapping[str, Relation], name: str) -> Relation | None:
    """Return the table that a name, or a view of that name, stands for."""
    found = relations.get(name)
    if found is None or not found.is_view:
        return found
    return next((each for each in relations.values() if each.oid == found.stands_for), None)


def _texts(it: _Layout, column: Column, rows: Rows, part: slice) -> str:
    """Return some rows' values of a column as an array of texts."""
    if column == it.key:
        return array(possible_keys(rows.ids[part], column.kind))
    if column == it.vector:
        return array(vector_text(np.asarray(v, np.float32)) for v in rows.vectors[part])
    return array(written(held.get(column.name), column.kind) for held in rows.payload[part])


def _score(distance: float, metric: str) -> float:
    return 1 - distance if metric == "cosine" else -distance
