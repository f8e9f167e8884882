"""Correct rows on the workers of a cluster, and write them to a vector database from there."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dohyo.corpus import Modality, Role
from dohyo.corrections.map import load_map
from dohyo.errors import UsageError
from dohyo.io.vector_column import list_rows
from dohyo.stores.protocol import Rows
from dohyo.stores.registry import open_store


class StoreWriter:
    """A step of a pipeline of one's own: corrects the vectors of Arrow batches and upserts them.

    `ray.data.read_parquet("s3://…").map_batches(StoreWriter, batch_format="pyarrow",
    fn_constructor_args=("map", "qdrant+http://db:6333", "products", "image"),
    compute=ray.data.ActorPoolStrategy(size=8)).sum("rows")`

    The collection must be there. Rows are known by their key: a batch that is written twice,
    because a worker died or the pipeline ran again, is there once.

    Parameters
    ----------
    folder : of the map, where every worker can read it
    address, collection : of the database, and in it
    column, key : of the vectors, and of the keys; all other columns become the payload
    """

    def __init__(
        self,
        folder: str,
        address: str,
        collection: str,
        modality: Modality,
        column: str = "vector",
        key: str = "id",
        role: Role = "item",
    ) -> None:
        self._map = load_map(folder)
        self._collection, self._modality, self._role = collection, modality, role
        self._column, self._key = column, key
        self._open = ExitStack()  # until the worker ends, and its connection with it
        self._store = self._open.enter_context(open_store(address))

    def __call__(self, batch: Any) -> Any:
        """Write the rows of a table; return one row that says how many.

        Raises
        ------
        UsageError
            If the table lacks the vectors or the keys.
        StoreError
            If the database refuses.
        """
        import pyarrow as pa

        for name in (self._column, self._key):
            if name not in batch.schema.names:
                raise UsageError(
                    f"The rows have no column {name}.",
                    hint=f"There are: {', '.join(batch.schema.names)}.",
                )
        held = batch.column(self._column).combine_chunks()
        vectors = list_rows(held, self._column, Path("batch"), 0)
        others = [name for name in batch.schema.names if name not in (self._column, self._key)]
        rows = Rows(
            tuple(batch.column(self._key).to_pylist()),
            self._map.apply(vectors, self._modality, self._role),
            tuple(batch.select(others).to_pylist()) if others else ({},) * len(vectors),
        )
        self._store.upsert(self._collection, rows)
        return pa.table({"rows": [len(rows)]})
