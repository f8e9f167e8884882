"""Stores by name, and how to open one: `open_store`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dohyo.errors import UsageError
from dohyo.stores.address import Address, parse_address
from dohyo.stores.chroma import open_chroma
from dohyo.stores.lancedb import open_lancedb
from dohyo.stores.milvus import open_milvus
from dohyo.stores.pgvector import open_pgvector
from dohyo.stores.protocol import Fields, Store
from dohyo.stores.qdrant import open_qdrant

TOKEN = "DOHYO_STORE_TOKEN"
"""Environment variable with the key of a server: on a command line everybody could read it."""
TIMEOUT = 10.0
"""Seconds that a server may take for one answer."""

Opener = Callable[[Address, Fields, str | None, float], Store]

STORES: dict[str, Opener] = {
    "lancedb": open_lancedb,
    "qdrant": open_qdrant,
    "milvus": open_milvus,
    "chroma": open_chroma,
    "pgvector": open_pgvector,
}
"""By the scheme of the URL. To add a store: write its file, add one line."""


@contextmanager
def open_store(
    url: str, *, fields: Fields | None = None, token: str | None = None, timeout: float = TIMEOUT
) -> Iterator[Store]:
    """Yield an open store; it is closed when the block ends.

    Parameters
    ----------
    url : see `dohyo.stores.address.parse_address`
    fields : names of key and vector where the guess would be wrong
    token : key of a server; left out, the environment variable DOHYO_STORE_TOKEN
    timeout : seconds for one answer of a server

    Raises
    ------
    UsageError
        If the URL names no store that dohyo knows.
    MissingExtra
        If the store's client is not installed.
    StoreError
        If the store cannot be opened.
    """
    address = parse_address(url)
    if address.kind not in STORES:
        raise UsageError(
            f"There is no store {address.kind!r}.", hint=f"Choose one of: {', '.join(STORES)}."
        )
    key = token or os.environ.get(TOKEN) or None
    store = STORES[address.kind](address, fields or Fields(), key, timeout)
    try:
        yield store
    finally:
        store.close()
