"""What dohyo asks of a vector database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dohyo.rows import F32

Id = str | int
Payload = Mapping[str, Any]

BATCH = 1_000
"""Rows that travel at once where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Names of the two fields that every row has; None where the store knows or must guess.

    Attributes
    ----------
    id : of the row's key
    vector : of its vector
    """

    id: str | None = None
    vector: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a collection.

    Attributes
    ----------
    ids : n keys, no two alike
    vectors : (n, d) float32, as stored
    payload : n mappings, everything else that the rows hold; a field without a value is left out
        or None, and both mean the same
    """

    ids: tuple[Id, ...]
    vectors: F32
    payload: tuple[Payload, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a store says of a collection.

    Attributes
    ----------
    name : its own name, never an alias
    rows : how many it holds
    dimension : number of columns of its vectors
    metric : "dot", "cosine" or "l2"; None where the store leaves it to each search
    fields : names of the payload, as far as the store knows them without reading a row
    """

    name: str
    rows: int
    dimension: int
    metric: str | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hit:
    """One answer of a search.

    Attributes
    ----------
    id : key of the row
    score : the larger, the nearer; inner product or cosine, or minus the Euclidean distance where
        the collection's metric is "l2"
    payload : what else the row holds
    """

    id: Id
    score: float
    payload: Payload = field(default_factory=dict)


class Store(Protocol):
    """A vector database that is open.

    Every method raises `StoreError`, in one sentence, where the database cannot be reached (after
    retries), refuses, or holds no such collection; nothing else of the client comes through.
    Wherever a collection is named, an alias of it may be named too, except in `drop`. Names, keys
    and values are data: nothing in them is ever read as a command. One thread at a time.
    """

    @property
    def kind(self) -> str:
        """The name a user types, for example `lancedb`."""

    @property
    def has_aliases(self) -> bool:
        """Whether `switch` works; where it does not, a caller prints what a person must do."""

    def collections(self) -> tuple[str, ...]:
        """Return the names of all collections, sorted, without aliases."""

    def resolve(self, name: str) -> str | None:
        """Return the collection that a name stands for: its own, or the alias's; None if none."""

    def describe(self, collection: str) -> Description:
        """Return what is known of a collection."""

    def scan(self, collection: str, *, size: int = BATCH) -> Iterator[Rows]:
        """Yield every row once, at most `size` at a time, in an order that stays if nothing
        changes; rows that come or change meanwhile may be seen or not."""

    def get(self, collection: str, ids: Sequence[Id]) -> Rows:
        """Return those of the named rows that exist, in any order.

        A key that the collection cannot hold, a word where keys are numbers, does not exist.
        """

    def create(self, collection: str, dimension: int, *, like: str) -> None:
        """Make an empty collection for vectors of another dimension, compared by inner product.

        Parameters
        ----------
        like : the collection whose keys and payload it will take: same types, same indexes of
            the payload where the store has such
        """

    def upsert(self, collection: str, rows: Rows) -> None:
        """Write rows, replacing those whose key is there, payload and all; durable when it returns.

        No two of the rows have the same key; vectors of another width than the collection's, and
        keys that it cannot hold, are refused.
        """

    def delete(self, collection: str, ids: Sequence[Id]) -> None:
        """Remove rows; keys that are not there are no error."""

    def drop(self, collection: str) -> None:
        """Remove a collection; one that is not there is no error."""

    def switch(self, alias: str, collection: str) -> None:
        """Let an alias stand for a collection, from one moment to the next; makes it if needed.

        Refused, and nothing changed, where the collection is not there or the alias is the name of
        a collection.
        """

    def search(
        self, collection: str, vector: F32, k: int, *, where: Mapping[str, Any] | None = None
    ) -> tuple[Hit, ...]:
        """Return the k nearest rows to one vector (d,), best first.

        Parameters
        ----------
        where : payload fields and the values they must have (str, int, float or bool), all of them;
            a field that the collection does not have is refused, or matches nothing
        """

    def close(self) -> None:
        """Let go of the connection; calling it again does nothing."""
