"""What PostgreSQL tells of tables with vectors, and of the views that stand for them."""

from dataclasses import dataclass
from functools import cached_property

from dohyo.stores.postgres_connection import Ask
from dohyo.stores.postgres_values import KEYS, VECTORS

# One statement, so that a switch meanwhile is seen whole or not at all. A view is an alias where it
# shows columns of one table and does nothing else; before release 16 PostgreSQL writes the table's
# name before each column.
RELATIONS = r"""
WITH aliases AS (
  SELECT v.oid, min(t.oid) AS table FROM pg_class v
  JOIN pg_rewrite r ON r.ev_class = v.oid
  JOIN (SELECT DISTINCT objid, refobjid FROM pg_depend
        WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass) d
    ON d.objid = r.oid AND d.refobjid <> v.oid
  JOIN pg_class t ON t.oid = d.refobjid
  CROSS JOIN LATERAL (
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS bare,
           string_agg(quote_ident(t.relname) || '.' || quote_ident(attname), ', ' ORDER BY attnum)
             AS long
    FROM pg_attribute WHERE attrelid = v.oid AND attnum > 0 AND NOT attisdropped) a
  WHERE v.relkind = 'v' AND t.relkind IN ('r', 'p')
    AND regexp_replace(btrim(pg_get_viewdef(v.oid)), '\s+', ' ', 'g') IN (
      'SELECT ' || a.bare || ' FROM ' || t.oid::regclass::text || ';',
      'SELECT ' || a.long || ' FROM ' || t.oid::regclass::text || ';')
  GROUP BY v.oid HAVING count(*) = 1)
SELECT c.oid, n.nspname, c.relname, c.relkind::text, aliases.table, n.nspname = (
  SELECT s.nspname FROM pg_class o JOIN pg_namespace s ON s.oid = o.relnamespace
  WHERE o.relname = c.relname AND s.nspname = ANY (current_schemas(true))
  ORDER BY array_position(current_schemas(true), s.nspname) LIMIT 1)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN aliases ON aliases.oid = c.oid
WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND n.nspname !~ '^pg_'
  AND EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND t.typname IN ('vector', 'halfvec'))
"""
COLUMNS = """
SELECT a.attname, t.typname, format_type(a.atttypid, -1), a.atttypmod, a.attgenerated::text,
       a.attidentity::text, col_description(a.attrelid, a.attnum), a.attnum
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
KEY_COLUMNS = """
SELECT a.attname FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = :oid AND i.indisunique AND i.indnkeyatts = 1 AND i.indisvalid
  AND i.indimmediate AND i.indpred IS NULL AND a.attnotnull ORDER BY i.indisprimary DESC, a.attnum
"""
PRIMARY = """
SELECT a.attname FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = :oid AND i.indisprimary AND i.indnkeyatts = 1
"""
INDEXES = """
SELECT a.attname, m.amname, o.opcname, c.reloptions FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_opclass o ON o.oid = i.indclass[0]
WHERE i.indrelid = :oid AND i.indisvalid AND m.amname IN ('hnsw', 'ivfflat')
"""
METRICS = {"ip": "dot", "cosine": "cosine", "l2": "l2", "l1": "l1"}
MADE = "dohyo: compared by inner product"
"""Comment on a column of vectors that dohyo made: a table without an index knows no metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or view with a column of vectors.

    Attributes
    ----------
    shown : its name as a user types it, with the schema where it would not be found without
    stands_for : oid of the table that a view shows and nothing else; None else
    """

    oid: int
    schema: str
    name: str
    shown: str
    is_view: bool
    stands_for: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    kind : name of its type in the catalogue
    cast : its type as it is written in a statement, without a length
    size : number of columns of its vectors, None where they may differ or it has none
    generated : whether PostgreSQL computes it
    by_dohyo : whether dohyo made it, for the inner product
    """

    name: str
    kind: str
    cast: str
    size: int | None
    generated: bool
    by_dohyo: bool
    number: int


@dataclass(frozen=True)
class Table:
    """What is known of one table."""

    relation: Relation
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    primary: str | None
    indexes: tuple[tuple[str, str, str, tuple[str, ...]], ...]

    @cached_property
    def named(self) -> dict[str, Column]:
        """Columns by name."""
        return {each.name: each for each in self.columns}

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that could be the key."""
        return tuple(name for name in self.unique if self.named[name].kind in KEYS)

    @property
    def vectors(self) -> tuple[str, ...]:
        """Columns that could be the vector."""
        return tuple(each.name for each in self.columns if each.kind in VECTORS)

    def index(self, vector: str) -> tuple[str, tuple[str, ...]] | None:
        """Return method and options of the first index of a column of vectors."""
        found = [(method, options) for name, method, _, options in self.indexes if name == vector]
        return found[0] if found else None

    def metric(self, vector: str) -> str | None:
        """Return how a column of vectors is compared, None where each search may choose."""
        for name, _, operators, _ in self.indexes:
            if name == vector:
                return METRICS.get(operators.split("_")[-2])
        return "dot" if self.named[vector].by_dohyo else None


def read_relations(ask: Ask) -> dict[str, Relation]:
    """Return every table and view with a column of vectors, by the name a user types."""
    found = {}
    for oid, schema, name, kind, stands_for, visible in ask(RELATIONS):
        shown = name if visible else f"{schema}.{name}"
        found[shown] = Relation(
            oid=oid,
            schema=schema,
            name=name,
            shown=shown,
            is_view=kind == "v",
            stands_for=stands_for,
        )
    return found


def read_table(ask: Ask, relation: Relation) -> Table:
    """Return what is known of a table."""
    oid = relation.oid
    columns = [
        Column(
            name=name,
            kind=kind,
            cast=cast,
            size=size if kind in VECTORS and size > 0 else None,
            generated=bool(generated) or identity == "a",
            by_dohyo=comment == MADE,
            number=number,
        )
        for name, kind, cast, size, generated, identity, comment, number in ask(COLUMNS, oid=oid)
    ]
    primary = ask(PRIMARY, oid=oid)
    return Table(
        relation=relation,
        columns=tuple(columns),
        unique=tuple(dict.fromkeys(row[0] for row in ask(KEY_COLUMNS, oid=oid))),
        primary=primary[0][0] if primary else None,
        indexes=tuple((*row[:3], tuple(row[3] or ())) for row in ask(INDEXES, oid=oid)),
    )
