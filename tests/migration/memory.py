"""A store in memory, for properties: real behaviour, no disk, and it can be told to fail."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dohyo.errors import StoreError
from dohyo.stores.protocol import Description, Id, Rows


@dataclass
class MemoryStore:
    """Collections as mappings from key to (vector, payload); `before` is called before writes."""

    kind: str = "memory"
    has_aliases: bool = True
    held: dict[str, dict[Id, tuple[np.ndarray, dict]]] = field(default_factory=dict)
    dimensions: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    before: Callable[[str, str], None] = lambda action, collection: None
    keeps: Callable[[np.ndarray], np.ndarray] = lambda vector: vector

    def collections(self) -> tuple[str, ...]:
        return tuple(sorted(self.held))

    def resolve(self, name: str) -> str | None:
        return name if name in self.held else self.aliases.get(name)

    def describe(self, collection: str) -> Description:
        name = self._name(collection)
        return Description(
            name=name, rows=len(self.held[name]), dimension=self.dimensions[name], metric="dot"
        )

    def scan(self, collection: str, *, size: int = 1_000) -> Iterator[Rows]:
        name = self._name(collection)
        keys = list(self.held[name])
        for start in range(0, len(keys), size):
            self.before("scan", name)
            yield self.get(name, keys[start : start + size])

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        name = self._name(collection)
        self.before("get", name)
        there = [key for key in ids if key in self.held[name]]
        vectors = [self.held[name][key][0] for key in there]
        return Rows(
            tuple(there),
            np.array(vectors, np.float32).reshape(len(there), self.dimensions[name]),
            tuple(self.held[name][key][1] for key in there),
        )

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        self._name(like)
        self.before("create", collection)
        self.held[collection], self.dimensions[collection] = {}, dimension

    def upsert(self, collection: str, rows: Rows) -> None:
        name = self._name(collection)
        for key, vector, payload in zip(rows.ids, rows.vectors, rows.payload, strict=True):
            self.before("upsert", name)  # so that a batch can be half-written
            self.held[name][key] = (self.keeps(vector.copy()), dict(payload))

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        name = self._name(collection)
        for key in ids:
            self.before("delete", name)
            self.held[name].pop(key, None)

    def drop(self, collection: str) -> None:
        self.held.pop(collection, None)

    def switch(self, alias: str, collection: str) -> None:
        self.before("switch", collection)
        self.aliases[alias] = self._name(collection)

    def search(self, collection, vector, k, *, where=None):
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""

    def _name(self, collection: str) -> str:
        name = self.resolve(collection)
        if name is None:
            raise StoreError(f"There is no {collection}.", hint="Make it.")
        return name

    def put(self, name: str, rows: Rows) -> None:
        """Make a collection of these rows."""
        self.dimensions[name] = rows.vectors.shape[1]
        self.held.setdefault(name, {})
        self.held[name] = {
            key: (vector, dict(payload))
            for key, vector, payload in zip(rows.ids, rows.vectors, rows.payload, strict=True)
        }
