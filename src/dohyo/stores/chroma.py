"""Chroma: a folder, or a server by URL."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import numpy as np

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.rows import F32
from dohyo.stores.address import Address
from dohyo.stores.patience import patiently
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows
from dohyo.stores.refusals import collection_exists, no_collection, no_vector, other_dimension

T = TypeVar("T")

METRICS = {"ip": "dot", "cosine": "cosine", "l2": "l2"}
TEXTS = {"document": "documents", "uri": "uris"}
"""Fields of the payload that Chroma keeps beside its metadata, and what it calls them."""
DIMENSION = "dohyo:dimension"
"""Metadata of an empty collection that dohyo made: Chroma learns it from the first row."""
DEFAULTS = ("default_tenant", "default_database")
SENT = 1_000
"""Rows of one request; Chroma takes a few thousand."""


class _Busy(Exception):
    """The server asks for patience."""


def open_chroma(address: Address, fields: Fields, token: str | None, timeout: float) -> "Chroma":
    """Open a folder or a server; a folder that is not there is empty, and reading makes none.

    The address of a server may end in `/TENANT/DATABASE`.

    Raises
    ------
    UsageError
        If the address is a file or a folder of something else, or a field is named.
    MissingExtra
        If chromadb is not installed.
    """
    require("chromadb", extra="chroma", needed_by="A Chroma store")
    for option, name in (("--id-field", fields.id), ("--vector-field", fields.vector)):
        if name is not None:
            raise UsageError(
                f"{address.shown}: key and vector of a row in Chroma have no names.",
                hint=f"Leave {option} out.",
            )
    if address.is_server:
        return Chroma(address, token, timeout)
    folder = Path(address.location)
    if folder.is_file():
        raise UsageError(f"{address.shown} is a file.", hint="Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "chroma.sqlite3").is_file():
        raise UsageError(
            f"{address.shown} is a folder of something else: it has no chroma.sqlite3.",
            hint="Name the one that was given to PersistentClient.",
        )
    return Chroma(address, token, timeout)


class Chroma:
    """Collections of one Chroma. No aliases: renaming two collections is no single moment."""

    kind = "chroma"
    has_aliases = False

    def __init__(self, address: Address, token: str | None, timeout: float) -> None:
        self._library = require("chromadb", extra="chroma", needed_by="A Chroma store")
        self._http = require("httpx", extra="chroma", needed_by="A Chroma server")
        self._address, self._token, self._timeout = address, token, timeout
        self._where = address.shown
        self._folder = None if address.is_server else Path(address.location)

    @cached_property
    def _client(self) -> Any:
        settings = self._library.config.Settings(anonymized_telemetry=False)
        if self._folder is not None:
            return self._library.PersistentClient(str(self._folder), settings=settings)
        parts = urlsplit(self._address.location)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 8000)
        tenant, database = (*(part for part in parts.path.split("/") if part), *DEFAULTS)[:2]
        headers = {"x-chroma-token": self._token} if self._token else {}
        # The client waits for ever when it is made, so somebody else sees first who is there.
        base = f"{parts.scheme}://{parts.hostname}:{port}"
        answer = self._http.get(
            f"{base}/api/v2/tenants/{quote(tenant)}/databases/{quote(database)}",
            headers=headers,
            timeout=self._timeout,
        )
        if answer.status_code in (401, 403):
            raise self._library.errors.ChromaAuthError
        if answer.status_code != 200:
            raise ValueError(f"it has no database {database} of {tenant} ({answer.status_code})")
        client = self._library.HttpClient(
            parts.hostname,
            port,
            ssl=secure,
            headers=headers,
            settings=settings,
            tenant=tenant,
            database=database,
        )
        for session in _sessions(client):
            session.timeout = self._timeout  # there is no setting for it
        return client

    def collections(self) -> tuple[str, ...]:
        if self._folder is not None and not (self._folder / "chroma.sqlite3").is_file():
            return ()
        names: list[str] = []
        while page := self._page(len(names)):
            names += page
        return tuple(sorted(names))

    def _page(self, start: int) -> list[str]:
        found = self._told(lambda: self._client.list_collections(limit=SENT, offset=start))
        return [each.name for each in found]

    def resolve(self, name: str) -> str | None:
        return name if name in self.collections() else None

    def describe(self, collection: str) -> Description:
        it = self._collection(collection)
        return Description(
            name=collection,
            rows=self._told(it.count),
            dimension=self._dimension(it),
            metric=_metric(it),
        )

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        it = self._collection(collection)
        # By number of row a page would skip rows where others are deleted before it.
        ids = self._told(lambda: it.get(include=[]))["ids"]
        for start in range(0, len(ids), size):
            found = self._rows(it, ids[start : start + size])
            if len(found):
                yield found

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        return self._rows(self._collection(collection), ids)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        it = self._collection(like)
        if collection in self.collections():
            raise collection_exists(self._where, collection)
        index = "spann" if it.configuration_json.get("spann") else "hnsw"
        kept = {k: v for k, v in (it.metadata or {}).items() if not k.startswith("hnsw:")}
        self._told(
            lambda: self._client.create_collection(
                collection,
                configuration={index: {**(it.configuration_json[index] or {}), "space": "ip"}},
                metadata={**kept, DIMENSION: dimension},
                embedding_function=None,
            )
        )

    def upsert(self, collection: str, rows: Rows) -> None:
        it = self._collection(collection)
        if not len(rows):
            return
        has = self._dimension(it)
        if rows.vectors.shape[1] != has:
            raise other_dimension(self._where, collection, has, rows.vectors.shape[1])
        for each in rows.ids:
            if not _is_key(each):
                raise StoreError(
                    f"{self._where} takes texts as keys, not {each!r}.",
                    hint="Write the key as text.",
                )
        for start in range(0, len(rows), SENT):
            self._write(it, rows, slice(start, start + SENT))

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        it = self._collection(collection)
        wanted = [each for each in ids if _is_key(each)]
        for start in range(0, len(wanted), SENT):
            self._told(partial(it.delete, ids=wanted[start : start + SENT]))

    def drop(self, collection: str) -> None:
        if collection in self.collections():
            self._told(lambda: self._client.delete_collection(collection))

    def switch(self, alias: str, collection: str) -> None:
        raise StoreError(
            f"{self._where} has no aliases.", hint=f"Let your program open {collection}."
        )

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        it = self._collection(collection)
        has = self._dimension(it)
        if len(vector) != has:
            raise other_dimension(self._where, collection, has, len(vector))
        wanted = [self._is(*each) for each in (where or {}).items()]
        condition = {"$and": wanted} if len(wanted) > 1 else wanted[0] if wanted else None
        found = self._told(
            lambda: it.query(
                query_embeddings=[np.asarray(vector, np.float32)],
                n_results=k,
                where=condition,
                include=["metadatas", "documents", "uris", "distances"],
            )
        )
        metric = _metric(it)
        columns = [found[name] and found[name][0] for name in ("metadatas", "documents", "uris")]
        return tuple(
            Hit(id=each, score=_score(far, metric), payload=held)
            for each, far, held in zip(
                found["ids"][0],
                found["distances"][0],
                self._payloads(found["ids"][0], *columns),
                strict=True,
            )
        )

    def close(self) -> None:
        client = self.__dict__.pop("_client", None)
        if client is not None:
            sessions = _sessions(client)
            client.close()
            for session in sessions:
                session.close()  # the client leaves it open

    def _collection(self, name: str) -> Any:
        there = self.collections()
        if name not in there:
            raise no_collection(self._where, name, there)
        return self._told(lambda: self._client.get_collection(name, embedding_function=None))

    def _dimension(self, it: Any) -> int:
        told = it.get_model().dimension or (it.metadata or {}).get(DIMENSION)
        if told is None:
            raise StoreError(
                f"{self._where}: {it.name} is empty, and nothing tells how long its vectors are.",
                hint="Put a row into it.",
            )
        return int(told)

    def _rows(self, it: Any, ids: Sequence[Id]) -> Rows:
        """Return those of the rows that exist, in the order of the keys."""
        wanted = [each for each in ids if _is_key(each)]
        found: dict[Id, tuple[Any, dict[str, Any]]] = {}
        for start in range(0, len(wanted), SENT):
            include = ["embeddings", "metadatas", "documents", "uris"]
            page = self._told(partial(it.get, ids=wanted[start : start + SENT], include=include))
            held = self._payloads(page["ids"], page["metadatas"], page["documents"], page["uris"])
            found.update(zip(page["ids"], zip(page["embeddings"], held, strict=True), strict=True))
        there = [each for each in dict.fromkeys(wanted) if each in found]
        for each in there:
            if found[each][0] is None:
                raise no_vector(self._where, it.name, each)
        vectors = [found[each][0] for each in there]
        return Rows(
            tuple(there),
            np.asarray(vectors, np.float32).reshape(len(there), self._dimension(it)),
            tuple(found[each][1] for each in there),
        )

    def _payloads(
        self, ids: Sequence[Id], metadatas: Any, documents: Any, uris: Any
    ) -> list[dict[str, Any]]:
        """Put document and URI, which Chroma keeps beside the metadata, among its fields."""
        payloads = []
        for row, key in enumerate(ids):
            payload = dict((metadatas and metadatas[row]) or {})
            for field, values in (("document", documents), ("uri", uris)):
                if not values or values[row] is None:
                    continue
                if field in payload:
                    raise StoreError(
                        f"{self._where}: row {key} has a {field}, and metadata of that name.",
                        hint="Give the metadata another name.",
                    )
                payload[field] = values[row]
            payloads.append(payload)
        return payloads

    def _write(self, it: Any, rows: Rows, part: slice) -> None:
        """Write some rows whole: Chroma keeps what a new row does not name."""
        ids = list(rows.ids[part])
        old = self._told(lambda: it.get(ids=ids, include=["metadatas", "documents", "uris"]))
        had = dict(
            zip(
                old["ids"],
                self._payloads(old["ids"], old["metadatas"], old["documents"], old["uris"]),
                strict=True,
            )
        )
        new = [
            {name: value for name, value in held.items() if value is not None}
            for held in rows.payload[part]
        ]
        # A text cannot be taken away from a row.
        bare = [
            key
            for key, held in zip(ids, new, strict=True)
            if any(name in had.get(key, ()) and name not in held for name in TEXTS)
        ]
        if bare:
            self._told(lambda: it.delete(ids=bare))
        metadatas = []
        for key, held in zip(ids, new, strict=True):
            gone = () if key in bare else had.get(key, ())
            fields = {**dict.fromkeys(gone), **held}
            metadatas.append({n: v for n, v in fields.items() if n not in TEXTS} or None)
        texts = {
            plural: [held.get(name) for held in new]
            for name, plural in TEXTS.items()
            if any(name in held for held in new)
        }
        vectors = np.asarray(rows.vectors[part], np.float32)
        self._told(lambda: it.upsert(ids=ids, embeddings=vectors, metadatas=metadatas, **texts))

    def _is(self, field: str, value: Any) -> dict[str, Any]:
        if field in TEXTS or field.startswith("$"):
            raise StoreError(
                f"{self._where} compares metadata alone, and {field} is none.",
                hint="Choose a field of the metadata.",
            )
        return {field: {"$eq": value}}

    def _told(self, action: Callable[[], T]) -> T:
        """Return what the client returns, patiently; what it cannot do is one sentence."""
        transport, errors = self._http.TransportError, self._library.errors

        def ask() -> T:
            try:
                return action()
            except errors.RateLimitError as error:
                raise _Busy from error
            except ValueError as error:
                if isinstance(error.__context__, transport):
                    raise error.__context__ from error
                raise

        try:
            return patiently(ask, passing=(transport, _Busy), where=self._where)
        except StoreError:
            raise
        except BaseException as error:
            # For many answers of a server it raises no class of its own, and what its core
            # stumbles over is no Exception at all.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise self._refused(error) from error
            raise

    def _refused(self, error: BaseException) -> StoreError:
        errors, said = self._library.errors, " ".join(str(error).split())[:200].rstrip(".")
        auth = (errors.ChromaAuthError, errors.AuthorizationError)
        if isinstance(error, auth):
            return StoreError(
                f"{self._where} refuses the key.",
                hint="Set DOHYO_STORE_TOKEN to one that may do this.",
            )
        hint = (
            "Check that it is a Chroma, and its version."
            if self._folder is None
            else "Check that the folder is whole, may be written, and has room on its disk."
        )
        return StoreError(f"{self._where} refuses: {said or type(error).__name__}.", hint=hint)


def _sessions(client: Any) -> list[Any]:
    """Return the HTTP sessions of a client, its own and the one that it administers with."""
    servers = [
        getattr(each, "_server", None) for each in (client, getattr(client, "_admin_client", None))
    ]
    return [each._session for each in servers if each is not None and hasattr(each, "_session")]


def _is_key(key: Id) -> bool:
    return isinstance(key, str) and key != ""


def _metric(it: Any) -> str | None:
    for index in ("hnsw", "spann"):
        if it.configuration_json.get(index):
            return METRICS.get(it.configuration_json[index].get("space") or "l2")
    return None


def _score(distance: float, metric: str | None) -> float:
    # Chroma gives the square of the distance, and one minus the product.
    return -float(max(distance, 0.0) ** 0.5) if metric == "l2" else 1 - float(distance)
