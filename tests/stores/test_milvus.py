import logging
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from milvus_lite.adapter.grpc.server import start_server_in_thread
from pymilvus import DataType, MilvusClient
from tests.stores.rights import WITHOUT_ROOT
from tests.stores.test_behaviour import HOSTILE, vectors

from dohyo.errors import MissingExtra, StoreError, UsageError
from dohyo.stores.milvus import _literal
from dohyo.stores.milvus_schema import Layout, number_rows
from dohyo.stores.protocol import Fields, Rows
from dohyo.stores.registry import open_store

DIM = 8


def rows(count: int, *, dimension: int = DIM) -> Rows:
    payload = tuple({"modality": "image", "rank": i} for i in range(count))
    return Rows(tuple(range(1, count + 1)), vectors(count, dimension=dimension), payload)


@pytest.fixture
def url(tmp_path):
    return f"milvus://{tmp_path / 'shop.db'}"


def make(store, name: str, given: Rows, **settings) -> None:
    store._client.create_collection(name, dimension=given.vectors.shape[1], **settings)
    held = zip(given.ids, given.vectors, given.payload, strict=True)
    store._client.insert(name, [{**p, "id": i, "vector": v} for i, v, p in held])


@pytest.mark.parametrize("package", ["pymilvus", "milvus_lite"])
def test_a_missing_extra_is_answered_with_the_line_to_type(package, url, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    said = rf'^A Milvus store needs {package}\. pip install "dohyo\[milvus\]"$'
    with pytest.raises(MissingExtra, match=said), open_store(url):
        pass


# A folder of Milvus Lite


def test_reading_makes_no_folder(url, tmp_path):
    with open_store(url) as store:
        assert store.collections() == ()
        assert store.resolve("products") is None
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_milvus_is_refused(tmp_path):
    (tmp_path / "old.db").write_text("x")
    (tmp_path / "other.db").mkdir()
    (tmp_path / "other.db" / "notes.txt").write_text("x")
    for name, said in (("old.db", "is a file"), ("other.db", "something else"), ("x", r"\.db")):
        with pytest.raises(UsageError, match=said), open_store(f"milvus://{tmp_path / name}"):
            pass
    assert (tmp_path / "old.db").read_text() == "x"


def test_a_folder_that_another_program_has_open_is_one_sentence(url, tmp_path, caplog, capfd):
    code = f"from pymilvus import MilvusClient as C; c = C({str(tmp_path / 'shop.db')!r}); "
    other = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code + "print('open', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "open\n"
        caplog.clear()
        with open_store(url) as store, pytest.raises(StoreError, match="open in another program"):
            store.collections()
        assert not caplog.records
        assert "Traceback" not in capfd.readouterr().err
    finally:
        other.communicate("\n", timeout=30)
    with open_store(url) as store:
        assert store.collections() == ()


def test_a_closed_folder_is_free_for_other_programs(url, tmp_path):
    with open_store(url) as store:
        make(store, "products", rows(3))
    code = f"from pymilvus import MilvusClient as C; print(C({str(tmp_path / 'shop.db')!r})"
    told = subprocess.check_output(
        [sys.executable, "-W", "ignore", "-c", code + ".list_collections())"], text=True
    )
    assert "products" in told


def test_closing_leaves_alone_what_the_program_itself_has_open(url, tmp_path):
    client = MilvusClient(str(tmp_path / "shop.db"))
    with open_store(url) as store:
        make(store, "products", rows(3))
    assert client.list_collections() == ["products"]
    client.close()


def test_what_was_written_survives_a_kill(url, tmp_path):
    code = f"""
import os, signal, numpy as np
from dohyo.stores.registry import open_store
from dohyo.stores.protocol import Rows
with open_store({url!r}) as store:
    store._client.create_collection("products", dimension={DIM})
    ids = tuple(range(500))
    store.upsert("products", Rows(ids, np.ones((500, {DIM}), np.float32), ({{}},) * 500))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    with open_store(url) as store:
        assert store.describe("products").rows == 500


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_folder_that_may_not_be_written_is_one_sentence(url, tmp_path):
    with open_store(url) as store:
        make(store, "products", rows(3))
    code = f"""
from dohyo.errors import StoreError
from dohyo.stores.registry import open_store
try:
    with open_store({url!r}) as store:
        store.collections()
except StoreError as error:
    print(error)
"""
    folder = tmp_path / "shop.db"
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        said = subprocess.check_output(
            [*WITHOUT_ROOT, sys.executable, "-W", "ignore", "-c", code],
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o755)
    assert "cannot be opened" in said
    assert "Traceback" not in said


def test_a_refusal_is_logged_nowhere(url, caplog, capfd):
    with open_store(url) as store:
        make(store, "products", rows(3))
    caplog.clear()
    capfd.readouterr()
    with open_store(url) as store:
        with pytest.raises(StoreError):
            store.describe("nothing")
        list(store.scan("products"))
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert capfd.readouterr().err == ""


# Fields


def test_a_schema_is_copied_with_its_indexes(url, tmp_path):
    client = MilvusClient(str(tmp_path / "shop.db"))
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("sku", DataType.VARCHAR, is_primary=True, max_length=100)
    schema.add_field("small", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("whole", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("caption", DataType.VARCHAR, max_length=300, nullable=True)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=9)
    schema.add_field("more", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index("small", index_type="AUTOINDEX", metric_type="L2")
    index.add_index("whole", index_type="HNSW", metric_type="COSINE", params={"M": 9})
    index.add_index("caption", index_type="INVERTED")
    client.create_collection("products", schema=schema, index_params=index)
    row = {"sku": HOSTILE, "caption": None, "tags": [1, 2], "more": {"猫": [1, None]}}
    client.insert("products", [{**row, "small": [1.0, 2.0], "whole": vectors(1)[0]}])
    client.close()
    with open_store(url, fields=Fields(vector="whole")) as store:
        found = next(store.scan("products"))
        assert found.ids == (HOSTILE,)
        assert found.payload[0]["more"] == {"猫": [1, None]}
        store.create("corrected", DIM + 1, like="products")
        given = Rows(found.ids, vectors(1, dimension=DIM + 1), found.payload)
        store.upsert("corrected", given)
        copied = store.get("corrected", found.ids)
        assert copied.payload == found.payload
        np.testing.assert_array_equal(copied.vectors, given.vectors)
        told = {
            name: store._client.describe_index("corrected", name)
            for name in store._client.list_indexes("corrected")
        }
        assert {n: (i["index_type"], i["metric_type"]) for n, i in told.items()} == {
            "small": ("AUTOINDEX", "L2"),
            "whole": ("HNSW", "IP"),
            "caption": ("INVERTED", "NONE"),
        }
        with pytest.raises(StoreError, match="no field nothing"):
            store.search("products", vectors(1)[0], 1, where={"nothing": 1})
    with open_store(url) as store, pytest.raises(StoreError, match="--vector-field"):
        store.describe("products")
    with (
        open_store(url, fields=Fields(id="caption", vector="whole")) as store,
        pytest.raises(StoreError, match="no key but sku"),
    ):
        store.describe("products")


def test_a_released_collection_is_loaded(url):
    with open_store(url) as store:
        make(store, "products", rows(3))
        store._client.release_collection("products")
    with open_store(url) as store:
        assert sum(map(len, store.scan("products"))) == 3


def test_halves_become_float32():
    given = vectors(3).astype(np.float16)

    def layout(kind: DataType) -> Layout:
        return Layout({}, "id", "v", {"v": {"type": kind, "params": {"dim": DIM}}})

    halves = [each.tobytes() for each in given]
    wanted = given.astype(np.float32)
    np.testing.assert_array_equal(number_rows(halves, layout(DataType.FLOAT16_VECTOR)), wanted)
    cut = (wanted.view(np.uint32) >> 16).astype(np.uint16)
    brains = [[each.tobytes()] for each in cut]
    found = number_rows(brains, layout(DataType.BFLOAT16_VECTOR))
    np.testing.assert_array_equal(found, (cut.astype(np.uint32) << 16).view(np.float32))
    assert number_rows([], layout(DataType.FLOAT_VECTOR)).shape == (0, DIM)


def test_a_text_in_a_condition_stays_a_text():
    assert _literal('a"\\\n') == '"a\\"\\\\\\n"'
    assert _literal(True) == "true"
    assert _literal(0.1) == "0.1"


# A server: Lite's own, over the network


@pytest.fixture
def server(tmp_path):
    started, db, port = start_server_in_thread(str(tmp_path / "served"))
    yield f"milvus+http://127.0.0.1:{port}"
    started.stop(grace=0).wait()
    db.close()


def test_a_server_is_read_written_and_switched(server):
    with open_store(server) as store:
        make(store, "products", rows(300))
        store.create("corrected", DIM + 1, like="products")
        for part in store.scan("products", size=100):
            wide = np.pad(part.vectors, ((0, 0), (0, 1)))
            store.upsert("corrected", Rows(part.ids, wide, part.payload))
        store.switch("live", "products")
        store.switch("live", "corrected")
    with open_store(server) as store:
        assert store.collections() == ("corrected", "products")
        assert store.resolve("live") == "corrected"
        assert store.describe("live").rows == 300
        assert len(store.search("live", vectors(1, dimension=DIM + 1)[0], 7)) == 7


def test_a_server_that_is_not_there_is_one_line_after_four_tries(monkeypatch, capfd):
    monkeypatch.setenv("DOHYO_STORE_TOKEN", "root:s3cret")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with (
        open_store(f"milvus+http://127.0.0.1:{port}") as store,
        pytest.raises(StoreError, match=r"does not answer.*tried 4 times") as told,
    ):
        store.collections()
    assert 2.5 < time.monotonic() - started < 8
    assert "s3cret" not in str(told.value) + capfd.readouterr().err


def test_a_server_that_never_answers_is_given_up_after_its_time(capfd):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        address = f"milvus+http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            open_store(address, timeout=0.5) as store,
            pytest.raises(StoreError, match="does not answer"),
        ):
            store.collections()
        assert 2.5 < time.monotonic() - started < 20
    assert "Traceback" not in capfd.readouterr().err
