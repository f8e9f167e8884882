"""Where the stores of the tests are, and how a collection comes into each as a user makes it."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
from qdrant_client.models import Distance, PointStruct, VectorParams
from tests.stores import postgres

from dohyo.stores.protocol import Rows, Store
from dohyo.stores.registry import open_store

Key = Literal["int", "str", "uuid"]


class Place(Protocol):
    """One kind of store, for tests.

    Attributes
    ----------
    kind : the name a user types
    keys : what it takes for a key, any of "int", "str" (any text) and "uuid"
    metrics : what `make` can be asked for; None is what a user gets who asks for nothing
    nested : whether the payload may hold lists
    folder : name of what `url` makes in the folder of a test, None for a server
    """

    kind: str
    keys: tuple[Key, ...]
    metrics: tuple[str | None, ...]
    nested: bool
    folder: str | None

    def url(self, folder: Path) -> str:
        """Return the address of a fresh, empty store; for the same folder the same one again."""

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        """Open it."""

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        """Open it a second time while it is open; `nullcontext(store)` where only one may."""

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        """Make a collection with the store's own client, not with dohyo."""


@dataclass(frozen=True)
class LanceFolder:
    kind: str = "lancedb"
    keys: tuple[Key, ...] = ("int", "str", "uuid")
    metrics: tuple[str | None, ...] = (None,)
    nested: bool = True
    folder: str | None = "lance"

    def url(self, folder: Path) -> str:
        return f"lancedb://{folder / 'lance'}"

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        return open_store(self.url(folder))

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        return self.opened(folder)

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        vectors = pa.FixedSizeListArray.from_arrays(
            pa.array(rows.vectors.ravel()), rows.vectors.shape[1]
        )
        payload = pa.Table.from_pylist([dict(held) for held in rows.payload])
        table = payload.append_column("id", pa.array(rows.ids)).append_column("vector", vectors)
        store._db.create_table(name, table)


@dataclass(frozen=True)
class QdrantFolder:
    kind: str = "qdrant"
    keys: tuple[Key, ...] = ("int", "uuid")
    metrics: tuple[str | None, ...] = (None, "dot", "l2")
    nested: bool = True
    folder: str | None = "qdrant"

    def url(self, folder: Path) -> str:
        return f"qdrant://{folder / 'qdrant'}"

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        return open_store(self.url(folder))

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        return nullcontext(store)

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        distance = {None: Distance.COSINE, "dot": Distance.DOT, "l2": Distance.EUCLID}[metric]
        size = rows.vectors.shape[1]
        store._client.create_collection(name, VectorParams(size=size, distance=distance))
        points = [
            PointStruct(id=key, vector=vector.tolist(), payload=dict(held))
            for key, vector, held in zip(rows.ids, rows.vectors, rows.payload, strict=True)
        ]
        store._client.upsert(name, points)


@dataclass(frozen=True)
class PostgresDatabase:
    kind: str = "pgvector"
    keys: tuple[Key, ...] = ("int", "str", "uuid")
    metrics: tuple[str | None, ...] = (None, "dot", "cosine", "l2")
    nested: bool = True
    folder: str | None = None

    def url(self, folder: Path) -> str:
        return postgres.url(folder)

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        return open_store(self.url(folder))

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        return self.opened(folder)

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        store._link.run("SELECT 1")
        postgres.make(store._link._open, name, rows, metric=metric)


@dataclass(frozen=True)
class MilvusLite:
    kind: str = "milvus"
    keys: tuple[Key, ...] = ("int", "str", "uuid")
    metrics: tuple[str | None, ...] = (None, "dot", "cosine", "l2")
    nested: bool = True
    folder: str | None = "milvus.db"

    def url(self, folder: Path) -> str:
        return f"milvus://{folder / 'milvus.db'}"

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        return open_store(self.url(folder))

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        return self.opened(folder)

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        client, texts = store._client, isinstance(rows.ids[0], str)
        client.create_collection(
            name,
            dimension=rows.vectors.shape[1],
            id_type="string" if texts else "int",
            max_length=200,
            metric_type={None: "COSINE", "dot": "IP", "cosine": "COSINE", "l2": "L2"}[metric],
        )
        client.insert(
            name,
            [
                {**held, "id": key, "vector": vector}
                for key, vector, held in zip(rows.ids, rows.vectors, rows.payload, strict=True)
            ],
        )


@dataclass(frozen=True)
class ChromaFolder:
    kind: str = "chroma"
    keys: tuple[Key, ...] = ("str", "uuid")
    metrics: tuple[str | None, ...] = (None, "dot", "cosine", "l2")
    nested: bool = True
    folder: str | None = "chroma"

    def url(self, folder: Path) -> str:
        return f"chroma://{folder / 'chroma'}"

    def opened(self, folder: Path) -> AbstractContextManager[Store]:
        return open_store(self.url(folder))

    def again(self, store: Store, folder: Path) -> AbstractContextManager[Store]:
        return self.opened(folder)

    def make(self, store: Store, name: str, rows: Rows, *, metric: str | None = None) -> None:
        space = {None: "l2", "dot": "ip", "cosine": "cosine", "l2": "l2"}[metric]
        made = store._client.create_collection(
            name, configuration={"hnsw": {"space": space}}, embedding_function=None
        )
        held = [{n: v for n, v in each.items() if v is not None} for each in rows.payload]
        made.add(ids=list(rows.ids), embeddings=rows.vectors, metadatas=held)


PLACES: tuple[Place, ...] = (
    LanceFolder(),
    QdrantFolder(),
    MilvusLite(),
    ChromaFolder(),
    PostgresDatabase(),
)
"""To add a store to the tests: write its place, add it here."""
