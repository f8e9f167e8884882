"""Qdrant: a folder in its client's local mode, or a server by URL."""

import math
import sqlite3
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.rows import F32
from dohyo.stores.address import Address
from dohyo.stores.fields import VECTORS, choose_field
from dohyo.stores.patience import patiently
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows
from dohyo.stores.refusals import (
    alias_is_collection,
    collection_exists,
    no_collection,
    no_vector,
    other_dimension,
)

METRICS = {"Dot": "dot", "Cosine": "cosine", "Euclid": "l2", "Manhattan": "l1"}
PASSING = (429, 502, 503, 504)
"""Answers of a server, or of a proxy before it, that may be another one a moment later."""
MESSAGE = 8_000_000
"""Bytes of vectors in one request: a server takes 32 MB unless told otherwise, payload and all."""
NUMBER = 22
"""Bytes that one number of a vector takes in JSON, at most."""
LARGE = "Local mode is not recommended"
"""How the client begins to say what docs/stores.md says: a folder is for small collections."""


class _Busy(Exception):
    """The server asks for patience."""


class _Vector(NamedTuple):
    """The vector of a collection that dohyo works on; the unnamed one is called ""."""

    name: str
    params: Any

    @property
    def size(self) -> int:
        return int(self.params.size)

    @property
    def metric(self) -> str | None:
        return METRICS.get(str(self.params.distance.value))

    def named(self, value: Any) -> Any:
        """Return what stands for vectors (or their settings) in a request."""
        return {self.name: value} if self.name else value


def open_qdrant(address: Address, fields: Fields, token: str | None, timeout: float) -> "Qdrant":
    """Open a folder or a server; a folder that is not there is empty, and reading makes none.

    Parameters
    ----------
    timeout : seconds; the client takes whole ones, so it is rounded up

    Raises
    ------
    UsageError
        If the address is a file or a folder of something else.
    MissingExtra
        If qdrant-client is not installed.
    StoreError
        If the folder is open elsewhere, or broken.
    """
    client = require("qdrant_client", extra="qdrant", needed_by="A Qdrant store")
    if address.is_server:
        arguments = {
            "url": address.location,
            "api_key": token,
            "timeout": math.ceil(timeout),
            "check_compatibility": False,  # it asks at once, and warns where nothing answers
        }
        return Qdrant(client, address, fields, arguments, None)
    folder = Path(address.location)
    if folder.is_file():
        raise UsageError(f"{address.shown} is a file.", hint="Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "meta.json").is_file():
        raise UsageError(
            f"{address.shown} is a folder of something else: it has no meta.json.",
            hint="Name the folder that was given to QdrantClient(path=…).",
        )
    return Qdrant(client, address, fields, {"path": str(folder)}, folder)


class Qdrant:
    """Collections of one Qdrant, with their aliases."""

    kind = "qdrant"
    has_aliases = True

    def __init__(
        self,
        client: Any,
        address: Address,
        fields: Fields,
        arguments: Mapping[str, Any],
        folder: Path | None,
    ) -> None:
        self._library, self._arguments, self._folder = client, arguments, folder
        self._models = client.models
        self._where, self._fields = address.shown, fields
        if fields.id is not None:
            raise UsageError(
                f"{self._where}: a key of Qdrant is the id of its point, no field.",
                hint="Leave --id-field out.",
            )

    @cached_property
    def _client(self) -> Any:
        try:
            with _without_advice():
                return self._library.QdrantClient(**self._arguments)
        except Exception as error:  # of a broken folder anything may come: it holds pickles
            if "already accessed by another instance" in str(error):
                raise StoreError(
                    f"{self._where} is open in another program, and only one may use a folder.",
                    hint="Close it there, or run a Qdrant server.",
                ) from error
            raise self._refused(error) from error

    def collections(self) -> tuple[str, ...]:
        if self._folder is not None and not (self._folder / "meta.json").is_file():
            return ()
        found = self._ask("get_collections").collections
        return tuple(sorted(each.name for each in found))

    def resolve(self, name: str) -> str | None:
        return name if name in (there := self.collections()) else self._aliases(there).get(name)

    def describe(self, collection: str) -> Description:
        name = self._named(collection)
        info, vector = self._info(name)
        count = self._ask("count", name, exact=True).count
        return Description(
            name=name,
            rows=count,
            dimension=vector.size,
            metric=vector.metric,
            fields=tuple(sorted(info.payload_schema or {})),
        )

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        name = self._named(collection)
        _, vector = self._info(name)
        after: Any = None
        while True:
            points, after = self._ask(
                "scroll", name, limit=size, offset=after, with_payload=True, with_vectors=True
            )
            if points:
                yield self._rows(points, name, vector)
            if after is None:
                return

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        name = self._named(collection)
        _, vector = self._info(name)
        possible = [each for each in ids if _is_key(each)]
        points = possible and self._ask(
            "retrieve", name, possible, with_payload=True, with_vectors=True
        )
        return self._rows(points, name, vector)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        old = self._named(like)
        info, vector = self._info(old)
        there = self.collections()
        if collection in there or collection in self._aliases(there):
            raise collection_exists(self._where, collection)
        models, params = self._models, info.config.params
        vectors = models.VectorParams(
            size=dimension,
            distance=models.Distance.DOT,
            on_disk=vector.params.on_disk,
            hnsw_config=vector.params.hnsw_config,
            quantization_config=vector.params.quantization_config,
        )
        self._ask(
            "create_collection",
            collection,
            vectors_config=vector.named(vectors),
            shard_number=params.shard_number,
            replication_factor=params.replication_factor,
            write_consistency_factor=params.write_consistency_factor,
            on_disk_payload=params.on_disk_payload,
        )
        for field, index in (info.payload_schema or {}).items():
            schema = index.params or index.data_type
            self._ask("create_payload_index", collection, field, field_schema=schema)

    def upsert(self, collection: str, rows: Rows) -> None:
        name = self._named(collection)
        _, vector = self._info(name)
        for each in rows.ids:
            if not _is_key(each):
                raise StoreError(
                    f"{self._where} takes whole numbers from 0 and UUIDs as keys, not {each!r}.",
                    hint="Keep your own key in the payload.",
                )
        if len(rows) and rows.vectors.shape[1] != vector.size:
            raise other_dimension(self._where, name, vector.size, rows.vectors.shape[1])
        step = max(1, MESSAGE // (NUMBER * vector.size))
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            batch = self._models.Batch(
                ids=list(rows.ids[part]),
                vectors=vector.named(rows.vectors[part].tolist()),
                payloads=[dict(held) for held in rows.payload[part]],
            )
            self._ask("upsert", name, batch, wait=True)

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        name = self._named(collection)
        possible = [each for each in ids if _is_key(each)]
        if possible:
            chosen = self._models.PointIdsList(points=possible)
            self._ask("delete", name, chosen, wait=True)

    def drop(self, collection: str) -> None:
        if collection in self.collections():
            self._ask("delete_collection", collection)

    def switch(self, alias: str, collection: str) -> None:
        models, name, there = self._models, self._named(collection), self.collections()
        if alias in there:
            raise alias_is_collection(self._where, alias)
        new = models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=name, alias_name=alias)
        )
        old = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
        steps = [old, new] if alias in self._aliases(there) else [new]  # one request, one moment
        self._ask("update_collection_aliases", steps)

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        name = self._named(collection)
        _, kind = self._info(name)
        if len(vector) != kind.size:
            raise other_dimension(self._where, name, kind.size, len(vector))
        wanted = [self._condition(*each) for each in (where or {}).items()]
        found = self._ask(
            "query_points",
            name,
            query=np.asarray(vector, np.float32).tolist(),
            using=kind.name or None,
            limit=k,
            query_filter=self._models.Filter(must=wanted) if wanted else None,
            with_payload=True,
        ).points
        sign = -1 if kind.metric in ("l2", "l1") else 1
        return tuple(
            Hit(id=each.id, score=sign * each.score, payload=each.payload or {}) for each in found
        )

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def _named(self, collection: str) -> str:
        """Return the collection that a name or an alias stands for."""
        there = self.collections()
        if collection in there:
            return collection
        aliases = self._aliases(there)
        if collection not in aliases:
            raise no_collection(self._where, collection, (*there, *aliases))
        return aliases[collection]

    def _aliases(self, there: Sequence[str]) -> dict[str, str]:
        if not there:
            return {}  # an alias always points at a collection
        found = self._ask("get_aliases").aliases
        return {each.alias_name: each.collection_name for each in found}

    def _info(self, name: str) -> tuple[Any, _Vector]:
        """Return the settings of a collection, and the vector of it that is meant."""
        info = self._ask("get_collection", name)
        vectors = info.config.params.vectors or {}
        if not isinstance(vectors, Mapping):
            vectors = {"": vectors}
        dense = {key: each for key, each in vectors.items() if each.multivector_config is None}
        if list(dense) == [""] and self._fields.vector is None:
            return info, _Vector("", dense[""])
        where = f"{self._where}, collection {name},"
        there = tuple(key for key in dense if key)
        chosen = choose_field("vector", self._fields.vector, there, VECTORS, where)
        return info, _Vector(chosen, dense[chosen])

    def _rows(self, points: Sequence[Any], collection: str, vector: _Vector) -> Rows:
        rows = np.empty((len(points), vector.size), np.float32)
        for row, point in enumerate(points):
            held = point.vector
            held = held.get(vector.name) if isinstance(held, Mapping) else held
            if held is None:
                raise no_vector(self._where, collection, point.id)
            rows[row] = held
        return Rows(
            tuple(point.id for point in points),
            rows,
            tuple(point.payload or {} for point in points),
        )

    def _condition(self, field: str, value: Any) -> Any:
        models, key = self._models, _path(field)
        if isinstance(value, float):  # Qdrant compares fractions by range alone
            return models.FieldCondition(key=key, range=models.Range(gte=value, lte=value))
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))

    def _ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return what the client returns, patiently; what it cannot do is one sentence."""
        transport = require("httpx", extra="qdrant", needed_by="A Qdrant server").TransportError
        errors = require("qdrant_client.http.exceptions", extra="qdrant", needed_by="Qdrant")
        busy = require("qdrant_client.common.client_exceptions", extra="qdrant", needed_by="Qdrant")

        def ask() -> Any:
            try:
                with _without_advice():
                    return getattr(self._client, method)(*arguments, **named)
            except errors.ResponseHandlingException as error:
                if isinstance(error.source, transport):
                    raise error.source from error
                raise
            except errors.UnexpectedResponse as error:
                if error.status_code in PASSING:
                    raise _Busy(str(error.status_code)) from error
                raise

        passing = (transport, busy.ResourceExhaustedResponse, _Busy)
        try:
            return patiently(ask, passing=passing, where=self._where)
        except StoreError:
            raise
        except errors.UnexpectedResponse as error:
            raise self._answered(error) from error
        except (
            OSError,
            RuntimeError,
            ValueError,
            KeyError,
            sqlite3.Error,
            errors.ApiException,
        ) as error:
            raise self._refused(error) from error

    def _answered(self, error: Any) -> StoreError:
        """Return the sentence for an answer that says no."""
        if error.status_code in (401, 403):
            return StoreError(
                f"{self._where} refuses the key ({error.status_code}).",
                hint="Set DOHYO_STORE_TOKEN to one that may do this.",
            )
        try:
            said = error.structured()["status"]["error"]
        except (ValueError, KeyError, TypeError):
            said = f"{error.status_code} {error.reason_phrase}"
        return self._refused(said)

    def _refused(self, said: object) -> StoreError:
        text = " ".join(str(said).split())[:200].rstrip(".")
        hint = (
            "Check that it is a Qdrant, and its version."
            if self._folder is None
            else "Check that the folder is whole, may be written, and has room on its disk."
        )
        return StoreError(f"{self._where} refuses: {text}.", hint=hint)


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keep the client's advice about large folders off the terminal."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=LARGE, category=UserWarning)
        yield


def _is_key(key: Id) -> bool:
    """Say whether Qdrant can hold a key: it takes unsigned numbers and UUIDs alone."""
    if isinstance(key, int):
        return 0 <= key < 1 << 64
    try:
        uuid.UUID(key)
    except ValueError:
        return False
    return True


def _path(field: str) -> str:
    """Return a field's name as Qdrant reads names, as a path: in quotes it is one step."""
    return f'"{field}"' if set(field) & set(".[]") else field
