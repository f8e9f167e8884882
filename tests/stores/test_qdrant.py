"""What is Qdrant's own: named vectors, keys, the lock of a folder, servers that do not answer."""

import gc
import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from dohyo.errors import MissingExtra, StoreError, UsageError
from dohyo.stores.protocol import Fields, Rows
from dohyo.stores.registry import open_store

SECRET = "do-not-show-this"


def made(folder, vectors, points) -> str:
    client = QdrantClient(path=str(folder))
    client.create_collection("products", vectors)
    client.upsert("products", points)
    client.close()
    return f"qdrant://{folder}"


def params(size: int, distance: Distance = Distance.COSINE) -> VectorParams:
    return VectorParams(size=size, distance=distance)


def test_reading_a_folder_that_is_not_there_does_not_make_it(tmp_path):
    with open_store(f"qdrant://{tmp_path / 'typo'}") as store:
        assert store.collections() == ()
        with pytest.raises(StoreError, match="There are: none"):
            store.describe("products")
    assert not (tmp_path / "typo").exists()


def test_without_the_client_the_line_to_type_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with (
        pytest.raises(MissingExtra, match=r'needs qdrant_client\. pip install "dohyo\[qdrant\]"$'),
        open_store(f"qdrant://{tmp_path}"),
    ):
        pass


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(UsageError, match=r"meta\.json"), open_store(f"qdrant://{tmp_path}"):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("broken", ["meta.json", "collection/products/storage.sqlite"])
def test_a_broken_folder_is_one_sentence(tmp_path, broken):
    url = made(tmp_path, params(2), [PointStruct(id=1, vector=[1, 0])])
    (tmp_path / broken).write_bytes(b"{ not what it was")
    with (
        open_store(url) as store,
        pytest.raises(StoreError, match="refuses") as told,
    ):
        store.describe("products")
    assert "\n" not in str(told.value)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the client's, of the lock
def test_a_folder_that_is_open_elsewhere_is_one_sentence(tmp_path):
    url = made(tmp_path, params(2), [PointStruct(id=1, vector=[1, 0])])
    with open_store(url) as first, open_store(url) as second:
        assert first.describe("products").rows == 1
        with pytest.raises(StoreError, match="open in another program") as told:
            second.describe("products")
    assert "\n" not in str(told.value)
    del told, second
    gc.collect()
    with open_store(url) as third:  # the lock goes with the one who held it
        assert third.describe("products").rows == 1


def test_a_named_vector_is_found_and_keeps_its_name(tmp_path):
    points = [PointStruct(id=1, vector={"front": [1, 0], "back": [0, 1, 0]}, payload={"a": 1})]
    url = made(tmp_path, {"front": params(2), "back": params(3)}, points)
    with open_store(url) as store, pytest.raises(StoreError, match="--vector-field"):
        store.describe("products")
    with open_store(url, fields=Fields(vector="back")) as store:
        assert store.describe("products").dimension == 3
        (found,) = store.scan("products")
        assert found.vectors.tolist() == [[0, 1, 0]]
        store.create("corrected", 4, like="products")
        store.upsert("corrected", Rows((1,), np.eye(4, dtype=np.float32)[:1], ({"a": 1},)))
        assert store.search("corrected", np.eye(4, dtype=np.float32)[0], 1)[0].score == 1
    client = QdrantClient(path=str(tmp_path))
    assert list(client.get_collection("corrected").config.params.vectors) == ["back"]
    client.close()


def test_a_point_without_the_named_vector_is_named(tmp_path):
    points = [
        PointStruct(id=1, vector={"front": [1, 0], "back": [0, 1, 0]}),
        PointStruct(id=2, vector={"front": [1, 0]}),
    ]
    url = made(tmp_path, {"front": params(2), "back": params(3)}, points)
    with (
        open_store(url, fields=Fields(vector="back")) as store,
        pytest.raises(StoreError, match="row 2 of products has no vector"),
    ):
        list(store.scan("products"))


def test_a_key_that_qdrant_cannot_hold_is_refused_by_name(tmp_path):
    url = made(tmp_path, params(2), [PointStruct(id=1, vector=[1, 0])])
    with open_store(url) as store, pytest.raises(StoreError, match="not 'sku-7'"):
        store.upsert("products", Rows(("sku-7",), np.ones((1, 2), np.float32), ({},)))


def test_a_field_with_a_dot_in_its_name_is_one_field(tmp_path):
    points = [
        PointStruct(id=1, vector=[1, 0], payload={"a.b": "x", "a": {"b": "y"}}),
        PointStruct(id=2, vector=[1, 0], payload={"a.b": "y", "a": {"b": "x"}}),
    ]
    url = made(tmp_path, params(2), points)
    with open_store(url) as store:
        hits = store.search("products", np.ones(2, np.float32), 5, where={"a.b": "x"})
    assert [hit.id for hit in hits] == [1]


def test_an_id_field_is_refused_for_a_point_has_none(tmp_path):
    with (
        pytest.raises(UsageError, match="--id-field"),
        open_store(f"qdrant://{tmp_path}", fields=Fields(id="sku")),
    ):
        pass


def closed_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_a_server_that_is_not_there_is_tried_again_and_then_one_sentence():
    began = time.monotonic()
    with (
        open_store(f"qdrant+http://user:{SECRET}@127.0.0.1:{closed_port()}") as store,
        pytest.raises(StoreError, match=r"does not answer .*tried 4 times") as told,
    ):
        store.collections()
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)
    assert 2 < time.monotonic() - began < 10  # the pauses between the tries


def test_a_server_that_is_silent_is_left_after_the_time_out():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        began = time.monotonic()
        url = f"qdrant+http://127.0.0.1:{listening.getsockname()[1]}"
        with (
            open_store(url, timeout=0.2) as store,
            pytest.raises(StoreError, match="does not answer"),
        ):
            store.collections()
        assert time.monotonic() - began < 15  # four times one second, and the pauses


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection:UserWarning")
@pytest.mark.parametrize(
    ("status", "body", "sentence", "asked"),
    [
        (401, "", "refuses the key", 1),
        (404, "<html>no</html>", "refuses: 404", 1),
        (200, "<html>hello</html>", "refuses", 1),
        (400, json.dumps({"status": {"error": "Bad thing"}}), "refuses: Bad thing", 1),
        (503, "", "does not answer", 4),
    ],
)
def test_what_a_server_answers_becomes_one_sentence(status, body, sentence, asked):
    calls = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"qdrant+http://127.0.0.1:{server.server_port}"
            with (
                open_store(url, token=SECRET) as store,
                pytest.raises(StoreError, match=sentence) as told,
            ):
                store.collections()
        finally:
            server.shutdown()
            thread.join()
    assert len(calls) == asked
    assert SECRET not in str(told.value)
    assert "\n" not in str(told.value)
