"""A look at the first rows of a collection."""

from contextlib import closing
from typing import Any, cast

import numpy as np

from dohyo.stores.protocol import Rows, Store


def first_rows(store: Store, collection: str, count: int) -> Rows:
    """Return the first rows of a collection, at most so many."""
    with closing(cast(Any, store.scan(collection, size=count))) as parts:
        first: Rows = next(iter(parts), Rows((), np.empty((0, 0), np.float32), ()))
        return first
