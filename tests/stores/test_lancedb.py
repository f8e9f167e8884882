"""What is LanceDB's own: indexes, kinds of columns, broken folders, names of fields."""

import os
import subprocess
import sys
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from lancedb.index import IvfFlat
from tests.stores.rights import WITHOUT_ROOT

from dohyo.errors import MissingExtra, StoreError, UsageError
from dohyo.stores.protocol import Fields, Rows
from dohyo.stores.registry import open_store


def table(folder: Path, name: str, **columns) -> None:
    lancedb.connect(str(folder)).create_table(name, pa.table(columns), on_bad_vectors="null")


def fixed(vectors: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])


def normal(count: int, dimension: int = 8, dtype: str = "f4") -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, dimension)).astype(dtype)


def test_reading_a_folder_that_is_not_there_does_not_make_it(tmp_path):
    with open_store(f"lancedb://{tmp_path / 'typo'}") as store:
        assert store.collections() == ()
        with pytest.raises(StoreError, match="There are: none"):
            store.describe("products")
    assert not (tmp_path / "typo").exists()


def test_without_lancedb_the_line_to_type_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with (
        pytest.raises(MissingExtra, match=r'needs lancedb\. pip install "dohyo\[lancedb\]"$'),
        open_store(f"lancedb://{tmp_path}"),
    ):
        pass


def test_a_file_and_a_server_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (f"lancedb://{tmp_path / 'file'}", "lancedb+http://127.0.0.1:1"):
        with pytest.raises(UsageError), open_store(url):
            pass


@pytest.mark.parametrize("metric", ["l2", "dot", "cosine"])
def test_a_search_keeps_to_the_metric_of_the_index(tmp_path, metric, capfd):
    vectors, query = normal(600), normal(601)[-1] * 2
    table(tmp_path, "products", id=list(range(600)), vector=fixed(vectors))
    made = lancedb.connect(str(tmp_path)).open_table("products")
    made.create_index("vector", config=IvfFlat(distance_type=metric, num_partitions=1))
    with open_store(f"lancedb://{tmp_path}") as store:
        assert store.describe("products").metric == metric
        found = store.search("products", query, 5)
    scores = {
        "l2": -np.linalg.norm(vectors - query, axis=1),
        "dot": vectors @ query,
        "cosine": vectors @ query / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query),
    }[metric]
    order = np.argsort(-scores)[:5]
    assert [hit.id for hit in found] == order.tolist()
    np.testing.assert_allclose([hit.score for hit in found], scores[order], atol=1e-4)
    assert "WARN" not in capfd.readouterr().err


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_vectors_of_every_precision_are_read_as_float32(tmp_path, dtype):
    vectors = normal(20, dtype=dtype)
    table(tmp_path, "products", id=list(range(20)), vector=fixed(vectors))
    with open_store(f"lancedb://{tmp_path}") as store:
        (found,) = store.scan("products")
    assert found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.vectors, vectors.astype(np.float32))


def test_lists_of_one_length_are_scanned_and_made_searchable_by_a_copy(tmp_path):
    vectors = normal(10)
    table(tmp_path, "products", id=list(range(10)), emb=pa.array(vectors.tolist()))
    with open_store(f"lancedb://{tmp_path}") as store:
        assert store.describe("products").dimension == 8
        (found,) = store.scan("products")
        np.testing.assert_allclose(found.vectors, vectors, rtol=1e-6)
        with pytest.raises(StoreError, match="varying length"):
            store.search("products", vectors[0], 3)
        store.create("copy", 8, like="products")
        store.upsert("copy", found)
        assert store.search("copy", vectors[4], 1)[0].id == 4


def test_a_row_of_another_length_is_named(tmp_path):
    lists = [[1.0, 2.0], [1.0, 2.0], [3.0]]
    table(tmp_path, "products", id=["a", "b", "c"], emb=pa.array(lists))
    with (
        open_store(f"lancedb://{tmp_path}") as store,
        pytest.raises(StoreError, match="row c"),
    ):
        list(store.scan("products"))


def test_a_row_without_a_vector_and_one_without_a_key_are_refused(tmp_path):
    holes = pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2))
    table(tmp_path, "vectorless", id=["a", "b"], vector=holes)
    table(tmp_path, "keyless", id=["a", None], vector=fixed(normal(2)))
    with open_store(f"lancedb://{tmp_path}") as store:
        with pytest.raises(StoreError, match="row b of vectorless has no vector"):
            list(store.scan("vectorless"))
        with pytest.raises(StoreError, match="keyless has a row without a key"):
            list(store.scan("keyless"))


def test_the_fields_are_taken_as_said(tmp_path):
    table(
        tmp_path,
        "products",
        sku=["a", "b"],
        maker=["x", "y"],
        front=fixed(normal(2)),
        back=fixed(normal(2, 4)),
    )
    url = f"lancedb://{tmp_path}"
    with open_store(url) as store, pytest.raises(StoreError, match="--id-field"):
        store.describe("products")
    with open_store(url, fields=Fields(id="sku", vector="back")) as store:
        assert store.describe("products").dimension == 4
        assert store.get("products", ["b"]).ids == ("b",)


def test_keys_beyond_what_the_column_holds_do_not_exist(tmp_path):
    large = pa.array([1, 2**64 - 1], pa.uint64())
    table(tmp_path, "products", id=large, vector=fixed(normal(2)))
    with open_store(f"lancedb://{tmp_path}") as store:
        assert store.get("products", [2**64 - 1, 2**64, -1]).ids == (2**64 - 1,)


def test_many_small_writes_are_put_together(tmp_path):
    table(tmp_path, "products", id=[0], vector=fixed(normal(1)))
    with open_store(f"lancedb://{tmp_path}") as store:
        for number in range(1, 70):
            store.upsert("products", Rows((number,), normal(1), ({},)))
    made = lancedb.connect(str(tmp_path)).open_table("products")
    assert made.count_rows() == 70
    assert made.stats()["fragment_stats"]["num_fragments"] == 1


def test_a_truncated_table_is_one_sentence(tmp_path):
    table(tmp_path, "products", id=list(range(500)), vector=fixed(normal(500)))
    (data,) = (tmp_path / "products.lance" / "data").iterdir()
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    with (
        open_store(f"lancedb://{tmp_path}") as store,
        pytest.raises(StoreError, match="refuses") as told,
    ):
        list(store.scan("products"))
    assert "\n" not in str(told.value)


WRITE = """
import sys, numpy as np
from dohyo.errors import StoreError
from dohyo.stores.protocol import Rows
from dohyo.stores.registry import open_store
try:
    with open_store(sys.argv[1]) as store:
        print(store.describe("products").rows)
        store.upsert("products", Rows((1,), np.ones((1, 8), np.float32), ({},)))
except StoreError as error:
    print(error)
"""


def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path):
    table(tmp_path / "lance", "products", id=[0], vector=fixed(normal(1)))
    for folder, _, files in os.walk(tmp_path / "lance"):
        Path(folder).chmod(0o555)
        for name in files:
            (Path(folder) / name).chmod(0o444)
    said = subprocess.run(
        [*WITHOUT_ROOT, sys.executable, "-c", WRITE, f"lancedb://{tmp_path / 'lance'}"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows, sentence = said.stdout.splitlines()
    assert rows == "1"
    assert "refuses" in sentence
    assert "ermission denied" in sentence
