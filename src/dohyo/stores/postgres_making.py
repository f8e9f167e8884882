"""Tables that dohyo makes in PostgreSQL, and views that stand for them."""

import re
from collections.abc import Callable
from typing import Any

from dohyo.errors import StoreError
from dohyo.stores.postgres_catalogue import MADE, Column, Relation, Table, read_relations
from dohyo.stores.postgres_connection import Ask, Connection, Refused
from dohyo.stores.refusals import collection_exists

Quote = Callable[[str], str]

NAME = 63
"""Bytes of a name; PostgreSQL would cut off what is longer and say so to nobody."""
INDEXED = 2_000
"""Columns that an index of pgvector takes; longer vectors are compared one by one."""
HAS_DEPENDENTS = "2BP01"


def make_table(
    link: Connection,
    quote: Quote,
    name: str,
    dimension: int,
    like: Table,
    key: Column,
    vector: Column,
) -> None:
    """Make an empty table with the columns and indexes of another, and longer or shorter vectors.

    Vectors are float32 whatever the other's are; who may read the other may read this one. Where
    the other has an index of its vectors, this one has an HNSW for the inner product.

    Raises
    ------
    StoreError
        If the name is taken or too long, or policies decide who sees which row.
    """
    old = like.relation
    name = name.removeprefix(f"{old.schema}.")
    name_too_long(link.where, name)
    source, made = _of(quote, old.schema, old.name), _of(quote, old.schema, name)
    column = quote(vector.name)

    def make(ask: Ask) -> None:
        if _kind(ask, old.schema, name):
            raise collection_exists(link.where, name)
        [[guarded]] = ask("SELECT relrowsecurity FROM pg_class WHERE oid = :oid", oid=old.oid)
        if guarded:
            raise StoreError(
                f"{link.where}: policies decide who sees which row of {old.shown}, and dohyo "
                "copies none.",
                hint=f"Make {name} yourself, with its policies, then say the same again.",
            )
        ask(f"CREATE TABLE {made} (LIKE {source} INCLUDING INDEXES INCLUDING STORAGE)")
        for (index,) in ask(VECTOR_INDEXES, schema=old.schema, name=name, number=vector.name):
            ask(f"DROP INDEX {_of(quote, old.schema, index)}")
        ask(f"ALTER TABLE {made} ALTER COLUMN {column} TYPE vector({int(dimension)})")
        ask(f"COMMENT ON COLUMN {made}.{column} IS '{MADE}'")
        index = like.index(vector.name)
        if index is not None and dimension <= INDEXED:
            options = [o for o in index[1] if re.fullmatch(r"(m|ef_construction)=\d+", o)]
            chosen = f" WITH ({', '.join(options)})" if options else ""
            ask(f"CREATE INDEX ON {made} USING hnsw ({column} vector_ip_ops){chosen}")
        _grant(ask, quote, old.oid, made)

    link.together(make)


VECTOR_INDEXES = """
SELECT x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = CAST(:number AS name)
WHERE n.nspname = CAST(:schema AS name) AND c.relname = CAST(:name AS name) AND EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = x.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum)
"""


def switch_view(link: Connection, quote: Quote, alias: str, target: Relation) -> None:
    """Let a view show a table, from one moment to the next; its grants and owner stay.

    A view's columns cannot change their type, so it is dropped and made again, in one transaction.

    Raises
    ------
    StoreError
        If a table has the name, the view does more than show a table, or something needs the view.
    """
    name = alias.removeprefix(f"{target.schema}.")
    name_too_long(link.where, name)
    view, table = _of(quote, target.schema, name), _of(quote, target.schema, target.name)

    def switch(ask: Ask) -> None:
        kind = _kind(ask, target.schema, name)
        if kind and kind != "v":
            raise _name_is_taken(link.where, quote, name, target)
        there = [each for each in read_relations(ask).values() if each.oid == _oid(ask, view)]
        if not kind:
            ask(f"CREATE VIEW {view} AS SELECT * FROM {table}")
            return
        if not there or there[0].stands_for is None:
            raise StoreError(
                f"{link.where}: {name} is a view that does more than show a table.",
                hint="Choose another name for the alias.",
            )
        if there[0].stands_for == target.oid:
            return
        old = ask(
            "SELECT oid, pg_get_userbyid(relowner), reloptions, obj_description(oid, 'pg_class') "
            "FROM pg_class WHERE oid = :oid",
            oid=there[0].oid,
        )[0]
        kept = ask(GRANTS, oid=old[0])
        ask(f"DROP VIEW {view}")
        options = f" WITH ({', '.join(old[2])})" if old[2] else ""
        ask(f"CREATE VIEW {view}{options} AS SELECT * FROM {table}")
        _restore(ask, quote, view, old, kept)

    try:
        link.together(switch)
    except Refused as error:
        if error.code != HAS_DEPENDENTS:
            raise
        raise _is_needed(link.where, quote, name, target, error.detail) from error


GRANTS = """
SELECT g.privilege_type, CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END,
       g.is_grantable
FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = :oid AND g.grantee <> c.relowner
"""


def _grant(ask: Ask, quote: Quote, source: int, made: str) -> None:
    """Let whoever may use one table use the other in the same way."""
    _apply(ask, quote, made, ask(GRANTS, oid=source))


def _restore(ask: Ask, quote: Quote, view: str, old: Any, kept: list[list[Any]]) -> None:
    _, owner, _, comment = old
    _apply(ask, quote, view, kept)
    if comment is not None:
        [[text]] = ask("SELECT quote_literal(CAST(:comment AS text))", comment=comment)
        ask(f"COMMENT ON VIEW {view} IS {text}")
    [[mine]] = ask("SELECT CAST(current_user AS text)")
    if owner != mine:
        ask(f"ALTER VIEW {view} OWNER TO {quote(owner)}")


def _apply(ask: Ask, quote: Quote, name: str, grants: list[list[Any]]) -> None:
    for privilege, role, grantable in grants:
        to = "PUBLIC" if role is None else quote(role)
        ask(f"GRANT {privilege} ON {name} TO {to}{' WITH GRANT OPTION' if grantable else ''}")


def _of(quote: Quote, schema: str, name: str) -> str:
    return f"{quote(schema)}.{quote(name)}"


def _kind(ask: Ask, schema: str, name: str) -> str | None:
    """Return what has a name: "r" for a table, "v" for a view …; None for nothing."""
    found = ask(
        "SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = CAST(:schema AS name) AND c.relname = CAST(:name AS name)",
        schema=schema,
        name=name,
    )
    return found[0][0] if found else None


def _oid(ask: Ask, name: str) -> int | None:
    [[oid]] = ask("SELECT CAST(to_regclass(CAST(:name AS text)) AS oid)", name=name)
    return None if oid is None else int(oid)


def name_too_long(where: str, name: str) -> None:
    """Refuse a name that PostgreSQL would cut off."""
    if len(name.encode()) > NAME:
        raise StoreError(
            f"{where}: {name} is longer than the {NAME} bytes of a name in PostgreSQL.",
            hint="Rename the table to something shorter first.",
        )


def _name_is_taken(where: str, quote: Quote, name: str, target: Relation) -> StoreError:
    """Return the error for an alias whose name a table has, with the steps that free it."""
    raw, renamed = f"{name}__raw", target.name
    steps = [f"ALTER TABLE {_of(quote, target.schema, name)} RENAME TO {quote(raw)}"]
    if target.name.startswith(f"{name}__dohyo_"):
        # dohyo finds the raw table by the corrected one's name.
        renamed = raw + target.name.removeprefix(name)
        steps.append(
            f"ALTER TABLE {_of(quote, target.schema, target.name)} RENAME TO {quote(renamed)}"
        )
    elif target.name == name:
        renamed = raw
    view, table = _of(quote, target.schema, name), _of(quote, target.schema, renamed)
    steps.append(f"CREATE VIEW {view} AS SELECT * FROM {table}")
    return StoreError(
        f"{where}: {name} is a table, and a view cannot have its name.",
        hint="Choose another name for the alias, or say to PostgreSQL: BEGIN; "
        + "; ".join(steps)
        + "; COMMIT;",
    )


def _is_needed(where: str, quote: Quote, name: str, target: Relation, detail: str) -> StoreError:
    """Return the error for an alias that other objects need, with the steps around them."""
    view, table = _of(quote, target.schema, name), _of(quote, target.schema, target.name)
    return StoreError(
        f"{where}: other objects need the view {name} ({'; '.join(detail.splitlines())}).",
        hint=f"Say to PostgreSQL: BEGIN; drop those; DROP VIEW {view}; CREATE VIEW {view} AS "
        f"SELECT * FROM {table}; make those again and grant what {name} had granted; COMMIT;",
    )
