"""Where the stores of the tests are, and how a collection comes into each as a user makes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from dohyo.stores.protocol import Rows, Store
from dohyo.stores.registry import open_store


class Place(Protocol):
    """One kind of store, for tests."""

    kind: str

    def url(self, folder: Path) -> str:
        """Return the address of a fresh, empty store."""

    def opened(self, folder: Path):
        """Open it."""

    def make(self, store: Store, name: str, rows: Rows) -> None:
        """Make a collection with the store's own client, not with dohyo."""


@dataclass(frozen=True)
class LanceFolder:
    kind: str = "lancedb"

    def url(self, folder: Path) -> str:
        return f"lancedb://{folder / 'lance'}"

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Store]:
        with open_store(self.url(folder)) as store:
            yield store

    def make(self, store: Store, name: str, rows: Rows) -> None:
        vectors = pa.FixedSizeListArray.from_arrays(
            pa.array(rows.vectors.ravel()), rows.vectors.shape[1]
        )
        payload = pa.Table.from_pylist([dict(held) for held in rows.payload])
        table = payload.append_column("id", pa.array(rows.ids)).append_column("vector", vectors)
        store._db.create_table(name, table)


PLACES: tuple[Place, ...] = (LanceFolder(),)
"""To add a store to the tests: write its place, add it here."""
