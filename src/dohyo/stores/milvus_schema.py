"""What a Milvus collection is made of, and how one like it is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dohyo.rows import F32
from dohyo.stores.protocol import Id

HALF = {"FLOAT16_VECTOR": np.float16, "BFLOAT16_VECTOR": np.uint16}
DENSE = ("FLOAT_VECTOR", *HALF)
"""Types of vectors that dohyo reads; it writes the first alone."""
COPIED = ("max_length", "max_capacity", "dim", "nullable", "is_partition_key", "element_type")
"""What a field may have besides name and type."""
STATE = (
    "field_name",
    "index_name",
    "index_type",
    "metric_type",
    "total_rows",
    "indexed_rows",
    "pending_index_rows",
    "state",
)
"""What a description of an index tells besides its parameters."""
PROPERTIES = ("collection.ttl.seconds", "mmap.enabled")
"""Settings of a collection that one like it has too."""


@dataclass(frozen=True)
class Layout:
    """The fields of a collection.

    Attributes
    ----------
    info : what the client says of it
    key, vector : names of the two fields that every row has
    fields : the others and these, by name
    """

    info: Mapping[str, Any]
    key: str
    vector: str
    fields: Mapping[str, Mapping[str, Any]]

    @property
    def payload(self) -> list[str]:
        """Names of the payload, as far as they are declared."""
        return [name for name in self.fields if name not in (self.key, self.vector)]

    @property
    def dimension(self) -> int:
        """Columns of the vectors."""
        return int(self.fields[self.vector]["params"]["dim"])

    @property
    def numbers(self) -> bool:
        """Whether keys are numbers; else they are texts."""
        return bool(self.fields[self.key]["type"].name == "INT64")

    @property
    def dynamic(self) -> bool:
        """Whether rows may have fields that are not declared."""
        return bool(self.info.get("enable_dynamic_field"))

    @property
    def functions(self) -> bool:
        """Whether Milvus computes some fields."""
        return bool(self.info.get("functions"))

    def can_be_key(self, key: Id) -> bool:
        """Say whether the collection can hold a key."""
        if self.numbers:
            return (
                isinstance(key, int) and not isinstance(key, bool) and -(1 << 63) <= key < 1 << 63
            )
        return isinstance(key, str)

    def rest(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of a row."""
        return {name: value for name, value in row.items() if name not in (self.key, self.vector)}


def read_layout(info: Mapping[str, Any], choose: Callable[[Sequence[str]], str]) -> Layout:
    """Return the layout of a collection.

    Parameters
    ----------
    choose : picks the vector out of the names of those that could be it
    """
    fields = {field["name"]: field for field in info["fields"]}
    key = next(name for name, field in fields.items() if field.get("is_primary"))
    dense = [name for name, field in fields.items() if field["type"].name in DENSE]
    return Layout(info, key, choose(dense), fields)


def like_another(
    client: Any, layout: Layout, indexes: Mapping[str, Mapping[str, Any]], dimension: int
) -> dict[str, Any]:
    """Return what `create_collection` needs for a collection with the same fields and indexes.

    The vector becomes float32 of another dimension, with an index of the same type for the inner
    product.
    """
    types = type(layout.fields[layout.key]["type"])
    schema = client.create_schema(auto_id=False, enable_dynamic_field=layout.dynamic)
    for name, field in layout.fields.items():
        told = {**field.get("params", {}), **field}
        more = {part: told[part] for part in COPIED if told.get(part)}
        if name == layout.vector:
            schema.add_field(name, types.FLOAT_VECTOR, dim=dimension)
        else:
            schema.add_field(name, field["type"], is_primary=name == layout.key, **more)
    params = client.prepare_index_params()
    for name in dict.fromkeys([layout.vector, *indexes]):
        index = indexes.get(name, {})
        metric = "IP" if name == layout.vector else index.get("metric_type", "")
        params.add_index(
            name,
            index_type=index.get("index_type", "AUTOINDEX"),
            params={part: value for part, value in index.items() if part not in STATE},
            **({"metric_type": metric} if metric not in ("", "NONE") else {}),
        )
    kept = layout.info.get("properties") or {}
    return {
        "schema": schema,
        "index_params": params,
        "consistency_level": layout.info.get("consistency_level", 0),
        "num_shards": layout.info.get("num_shards") or 1,
        "properties": {part: kept[part] for part in PROPERTIES if part in kept},
    }


def number_rows(values: Sequence[Any], layout: Layout) -> F32:
    """Return vectors as the client gives them, n of d numbers or bytes, as (n, d) float32."""
    if not values:
        return np.empty((0, layout.dimension), np.float32)
    kind = layout.fields[layout.vector]["type"].name
    if kind == "FLOAT_VECTOR" or not isinstance(values[0], (bytes, list)):
        return np.asarray(values, np.float32)
    raw = [each[0] if isinstance(each, list) else each for each in values]
    halves = np.frombuffer(b"".join(raw), HALF[kind]).reshape(len(raw), -1)
    if kind == "FLOAT16_VECTOR":
        return halves.astype(np.float32)
    return (halves.astype(np.uint32) << 16).view(np.float32)  # the upper half of a float32
