"""Milvus: a folder in its embedded edition, Lite, or a server by URL."""

import logging
import math
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.rows import F32
from dohyo.stores.address import Address
from dohyo.stores.fields import VECTORS, choose_field
from dohyo.stores.milvus_schema import Layout, like_another, number_rows, read_layout
from dohyo.stores.patience import patiently
from dohyo.stores.protocol import BATCH, Description, Fields, Hit, Id, Rows
from dohyo.stores.refusals import (
    alias_is_collection,
    collection_exists,
    no_collection,
    no_vector,
    other_dimension,
)

T = TypeVar("T")

METRICS = {"IP": "dot", "COSINE": "cosine", "L2": "l2"}
ABSENT = (6, 100, 1100, 1600)
"""Codes for a name that stands for nothing, or that nothing could have."""
PASSING = ("UNAVAILABLE", "DEADLINE_EXCEEDED")
MESSAGE = 16_000_000
"""Bytes of vectors in one request; a server takes 64 MB, payload and all."""
LARGEST = 16_384
"""Rows of one answer; a server gives no more."""
STRONG = {"consistency_level": "Strong"}
"""Reads see what was written before, whatever the collection does for others."""


class _Busy(Exception):
    """The server does not answer, or asks for patience."""


@dataclass(frozen=True)
class _Listener(logging.Filter):
    """Keeps what Milvus Lite logs when it cannot open a folder, and off the terminal."""

    heard: list[BaseException]

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            self.heard.append(record.exc_info[1])
        return False


def open_milvus(address: Address, fields: Fields, token: str | None, timeout: float) -> "Milvus":
    """Open a folder or a server; a folder that is not there is empty, and reading makes none.

    Raises
    ------
    UsageError
        If the address is a file or a folder of something else, or does not end in `.db`.
    MissingExtra
        If pymilvus is not installed.
    """
    require("pymilvus", extra="milvus", needed_by="A Milvus store")
    if address.is_server:
        return Milvus(address, fields, {"uri": address.location, "token": token or ""}, timeout)
    folder = Path(address.location)
    if folder.suffix != ".db":
        raise UsageError(f"{address.shown} does not end in .db.", hint="Write milvus://NAME.db.")
    require("milvus_lite", extra="milvus", needed_by="A Milvus store")
    if folder.is_file():
        raise UsageError(
            f"{address.shown} is a file; this Milvus Lite keeps folders.",
            hint="A file of an older one is opened by that one: milvus-lite below 3.",
        )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "LOCK").is_file():
        raise UsageError(
            f"{address.shown} is a folder of something else.",
            hint="Name the one that was given to MilvusClient.",
        )
    return Milvus(address, fields, {"uri": str(folder)}, timeout)


class Milvus:
    """Collections of one Milvus, with their aliases."""

    kind = "milvus"
    has_aliases = True

    def __init__(
        self, address: Address, fields: Fields, arguments: Mapping[str, Any], timeout: float
    ) -> None:
        self._library = require("pymilvus", extra="milvus", needed_by="A Milvus store")
        self._arguments, self._timeout = dict(arguments), timeout
        self._where, self._fields = address.shown, fields
        self._folder = None if address.is_server else Path(address.location)
        self._started = False
        self._loaded: set[str] = set()

    @cached_property
    def _client(self) -> Any:
        if self._folder is None:
            self._knock()
            return self._library.MilvusClient(**self._arguments, timeout=self._timeout)
        lite = require("milvus_lite.server_manager", extra="milvus", needed_by="Milvus Lite")
        listener, log = _Listener([]), logging.getLogger("milvus_lite.server_manager")
        before = set(getattr(lite.server_manager_instance, "_servers", ()))
        level = log.level
        log.addFilter(listener)
        log.setLevel(logging.ERROR)  # else it would not even be asked
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            client = self._library.MilvusClient(**self._arguments, timeout=self._timeout)
        except (self._library.MilvusException, OSError) as error:
            raise self._not_opened([*listener.heard, error][0]) from error
        finally:
            log.removeFilter(listener)
            log.setLevel(level)
        self._started = str(self._folder.absolute()) not in before
        return client

    def collections(self) -> tuple[str, ...]:
        if self._folder is not None and not self._folder.is_dir():
            return ()
        return tuple(sorted(self._ask("list_collections")))

    def resolve(self, name: str) -> str | None:
        there = self.collections()
        if name in there:
            return name
        return self._behind(name) if there else None

    def describe(self, collection: str) -> Description:
        name, layout = self._layout(collection)
        found = self._ask("query", name, filter="", output_fields=["count(*)"], **STRONG)
        return Description(
            name=name,
            rows=int(found[0]["count(*)"]),
            dimension=layout.dimension,
            metric=self._metric(name, layout),
            fields=tuple(layout.payload),
        )

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        name, layout = self._layout(collection)
        size = min(size, LARGEST)
        pages = self._ask("query_iterator", name, batch_size=size, output_fields=["*"], **STRONG)
        try:
            while found := self._patiently(pages.next):
                yield self._rows(found, name, layout)
                if self._folder is not None and len(found) < size:
                    return  # Lite has no snapshot: it would follow a writer for ever
        finally:
            with suppress(Exception):
                pages.close()

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        name, layout = self._layout(collection)
        wanted = [each for each in ids if layout.can_be_key(each)]
        found: list[Any] = []
        for start in range(0, len(wanted), LARGEST):
            among = _among(layout.key, wanted[start : start + LARGEST])
            found += self._ask("query", name, filter=among, output_fields=["*"], **STRONG)
        return self._rows(found, name, layout)

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        name, layout = self._layout(like)
        if self.resolve(collection) is not None:
            raise collection_exists(self._where, collection)
        if layout.functions:
            raise StoreError(
                f"{self._where}: {name} computes fields itself (functions), which dohyo does not "
                "copy.",
                hint=f"Make {collection} yourself, then say the same again.",
            )
        indexes = {
            index["field_name"]: index
            for index in (
                self._ask("describe_index", name, each) for each in self._ask("list_indexes", name)
            )
        }
        made = like_another(self._library.MilvusClient, layout, indexes, dimension)
        self._ask("create_collection", collection, **made)

    def upsert(self, collection: str, rows: Rows) -> None:
        name, layout = self._layout(collection)
        if not len(rows):
            return
        if rows.vectors.shape[1] != layout.dimension:
            raise other_dimension(self._where, name, layout.dimension, rows.vectors.shape[1])
        for each in rows.ids:
            if not layout.can_be_key(each):
                raise StoreError(
                    f"{self._where}: {layout.key} of {name} cannot be {each!r}.",
                    hint="Its keys are whole numbers." if layout.numbers else "Its keys are texts.",
                )
        step = max(1, MESSAGE // (4 * layout.dimension))
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            ids, vectors = rows.ids[part], np.asarray(rows.vectors[part], np.float32)
            empty = self._emptied(name, layout, ids)
            data = [
                {**empty.get(each, {}), **held, layout.key: each, layout.vector: vector}
                for each, vector, held in zip(ids, vectors, rows.payload[part], strict=True)
            ]
            self._ask("upsert", name, data)

    def _emptied(self, name: str, layout: Layout, ids: Sequence[Id]) -> dict[Id, dict[str, None]]:
        """Return for each row the fields that it has, without values.

        Lite keeps a field that a new row does not name; a server replaces the whole row.
        """
        if self._folder is None:
            return {}
        found = self._ask("query", name, filter=_among(layout.key, ids), output_fields=["*"])
        return {row[layout.key]: dict.fromkeys(layout.rest(row)) for row in found}

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        name, layout = self._layout(collection)
        wanted = [each for each in ids if layout.can_be_key(each)]
        if wanted:
            self._ask("delete", name, filter=_among(layout.key, wanted))

    def drop(self, collection: str) -> None:
        if collection in self.collections():
            self._ask("drop_collection", collection)
            self._loaded.discard(collection)

    def switch(self, alias: str, collection: str) -> None:
        name = self._named(collection)
        if alias in self.collections():
            raise alias_is_collection(self._where, alias)
        now = self._behind(alias)
        if now != name:
            self._ask("create_alias" if now is None else "alter_alias", name, alias)

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        name, layout = self._layout(collection)
        if len(vector) != layout.dimension:
            raise other_dimension(self._where, name, layout.dimension, len(vector))
        metric = self._metric(name, layout)
        found = self._ask(
            "search",
            name,
            [np.asarray(vector, np.float32).tolist()],
            anns_field=layout.vector,
            limit=min(k, LARGEST),
            filter=" and ".join(self._is(layout, *each) for each in (where or {}).items()),
            output_fields=["*"],
            search_params={"params": {"ef": max(k, 64)}},
            **STRONG,
        )[0]
        return tuple(
            Hit(
                id=hit[layout.key],
                # Milvus gives the square of the distance.
                score=-math.sqrt(max(hit["distance"], 0.0)) if metric == "l2" else hit["distance"],
                payload=layout.rest(hit["entity"]),
            )
            for hit in found
        )

    def close(self) -> None:
        client = self.__dict__.pop("_client", None)
        if client is None:
            return
        with suppress(Exception):
            client.close()
        if self._started and self._folder is not None:
            lite = require("milvus_lite.server_manager", extra="milvus", needed_by="Milvus Lite")
            lite.server_manager_instance.release_server(str(self._folder))

    def _named(self, collection: str) -> str:
        """Return the collection that a name or an alias stands for."""
        name = self.resolve(collection)
        if name is None:
            raise no_collection(self._where, collection, self.collections())
        return name

    def _behind(self, alias: str) -> str | None:
        """Return what an alias stands for, None where there is none of that name."""
        try:
            return str(self._ask("describe_alias", alias)["collection_name"])
        except StoreError as error:
            if getattr(error.__cause__, "code", None) in ABSENT:
                return None
            raise

    def _layout(self, collection: str) -> tuple[str, Layout]:
        """Return the name of a collection and its fields; it is loaded if nobody did."""
        name = self._named(collection)
        info = self._ask("describe_collection", name)
        where = f"{self._where}, collection {name},"
        layout = read_layout(
            info, lambda there: choose_field("vector", self._fields.vector, there, VECTORS, where)
        )
        if self._fields.id not in (None, layout.key):
            raise StoreError(f"{where} has no key but {layout.key}.", hint="Leave --id-field out.")
        if name not in self._loaded:
            state = self._ask("get_load_state", name)["state"]
            if state.name != "Loaded":
                self._ask("load_collection", name)
            self._loaded.add(name)
        return name, layout

    def _metric(self, name: str, layout: Layout) -> str | None:
        for index in self._ask("list_indexes", name, field_name=layout.vector):
            told = self._ask("describe_index", name, index)
            return METRICS.get(told.get("metric_type", ""))
        return None

    def _rows(self, found: Sequence[Mapping[str, Any]], name: str, layout: Layout) -> Rows:
        for row in found:
            if row.get(layout.vector) is None:
                raise no_vector(self._where, name, row[layout.key])
        return Rows(
            tuple(row[layout.key] for row in found),
            number_rows([row[layout.vector] for row in found], layout),
            tuple(layout.rest(row) for row in found),
        )

    def _is(self, layout: Layout, field: str, value: Any) -> str:
        if field in layout.payload:
            return f"{field} == {_literal(value)}"
        if not layout.dynamic:
            raise StoreError(
                f"{self._where}: there is no field {' '.join(field.split())}.",
                hint=f"There are: {', '.join(layout.payload) or 'none'}.",
            )
        return f"$meta[{_literal(field)}] == {_literal(value)}"

    def _ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        return self._patiently(
            lambda: getattr(self._client, method)(*arguments, timeout=self._timeout, **named)
        )

    def _patiently(self, action: Callable[[], T]) -> T:
        """Return what the client returns; what it cannot do is one sentence."""

        def ask() -> T:
            try:
                with _quietly():
                    return action()
            except self._library.MilvusException as error:
                if _may_pass(error):
                    raise _Busy from error
                raise

        try:
            return patiently(ask, passing=(_Busy, OSError), where=self._where)
        except StoreError:
            raise
        except (self._library.MilvusException, ValueError, TypeError) as error:
            said = " ".join(str(getattr(error, "message", error)).split())[:200].rstrip(".")
            hint = (
                "Check the version of the server and what DOHYO_STORE_TOKEN may do."
                if self._folder is None
                else "Check that the folder is whole, may be written, and has room on its disk."
            )
            raise StoreError(f"{self._where} refuses: {said}.", hint=hint) from error

    def _knock(self) -> None:
        """See whether anything listens: the client would wait out its time to say no."""
        parts = urlsplit(self._arguments["uri"])
        port = parts.port or (443 if parts.scheme == "https" else 19530)
        socket.create_connection((parts.hostname or "localhost", port), self._timeout).close()

    def _not_opened(self, error: BaseException) -> StoreError:
        if type(error).__name__ == "DataDirLockedError":
            return StoreError(
                f"{self._where} is open in another program, and only one may use a folder.",
                hint="Close it there, or run a Milvus server.",
            )
        said = " ".join(str(getattr(error, "message", error)).split())[:200].rstrip(".")
        return StoreError(
            f"{self._where} cannot be opened: {said}.",
            hint="Check that the folder is whole, may be written, and has room on its disk.",
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the client from printing what is said in one sentence afterwards, trace and all."""
    logs = [logging.getLogger(name) for name in ("pymilvus", "milvus_lite", "grpc._server")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def _may_pass(error: Any) -> bool:
    if getattr(error.code, "name", "") in PASSING or getattr(error, "retriable", False):
        return True
    return "server unavailable" in str(error) or "Retry timeout" in str(error)


def _literal(value: Any) -> str:
    """Write a value into a condition; strings come from outside and may hold anything."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _among(key: str, ids: Sequence[Id]) -> str:
    return f"{key} in [{', '.join(map(_literal, ids))}]"
