import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import chromadb
import httpx
import numpy as np
import pytest
from chromadb.config import Settings
from tests.stores.rights import WITHOUT_ROOT
from tests.stores.test_behaviour import vectors, whole

from dohyo.errors import MissingExtra, StoreError, UsageError
from dohyo.stores.chroma import _sessions
from dohyo.stores.protocol import Fields, Rows
from dohyo.stores.registry import open_store

DIM = 8


def rows(count: int, *, dimension: int = DIM) -> Rows:
    payload = tuple({"modality": "image", "rank": i} for i in range(count))
    ids = tuple(f"item {i:04d}" for i in range(count))
    return Rows(ids, vectors(count, dimension=dimension), payload)


def make(client, name: str, given: Rows, **settings) -> None:
    made = client.create_collection(name, embedding_function=None, **settings)
    made.add(ids=list(given.ids), embeddings=given.vectors, metadatas=list(given.payload))


@pytest.fixture
def url(tmp_path):
    return f"chroma://{tmp_path / 'chroma'}"


def test_a_missing_extra_is_answered_with_the_line_to_type(url, monkeypatch):
    monkeypatch.setitem(sys.modules, "chromadb", None)
    said = r'^A Chroma store needs chromadb\. pip install "dohyo\[chroma\]"$'
    with pytest.raises(MissingExtra, match=said), open_store(url):
        pass


# A folder


def test_reading_makes_no_folder(url, tmp_path):
    with open_store(url) as store:
        assert store.collections() == ()
        assert store.resolve("products") is None
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_chroma_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("x")
    for name, said in (("file", "is a file"), ("other", "something else")):
        with pytest.raises(UsageError, match=said), open_store(f"chroma://{tmp_path / name}"):
            pass
    with (
        pytest.raises(UsageError, match="--vector-field"),
        open_store(f"chroma://{tmp_path}", fields=Fields(vector="v")),
    ):
        pass


def test_a_broken_folder_is_one_sentence(url, tmp_path):
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database at all" * 300)
    with open_store(url) as store, pytest.raises(StoreError, match="refuses") as told:
        store.collections()
    assert "\n" not in str(told.value)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_folder_that_may_not_be_written_is_one_sentence(url, tmp_path):
    with open_store(url) as store:
        make(store._client, "products", rows(3))
    code = f"""
from dohyo.errors import StoreError
from dohyo.stores.registry import open_store
try:
    with open_store({url!r}) as store:
        store.create("corrected", 9, like="products")
except StoreError as error:
    print(error)
"""
    folder = tmp_path / "chroma"
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
    assert "refuses" in said
    assert "Traceback" not in said


def test_what_was_written_survives_a_kill(url):
    code = f"""
import os, signal, numpy as np
from dohyo.stores.registry import open_store
from dohyo.stores.protocol import Rows
with open_store({url!r}) as store:
    made = store._client.create_collection("products", embedding_function=None)
    made.add(ids=["0"], embeddings=np.ones((1, {DIM}), np.float32))
    ids = tuple(str(i) for i in range(500))
    store.upsert("products", Rows(ids, np.ones((500, {DIM}), np.float32), ({{}},) * 500))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    with open_store(url) as store:
        assert store.describe("products").rows == 500


# Payload


def test_documents_and_uris_are_copied_as_such(url):
    given = rows(3)
    with open_store(url) as store:
        made = store._client.create_collection("products", embedding_function=None)
        made.add(
            ids=list(given.ids),
            embeddings=given.vectors,
            documents=["猫", "犬", "鳥"],
            uris=["a.png", "b.png", "c.png"],
        )
        assert store.get("products", given.ids[:1]).payload == ({"document": "猫", "uri": "a.png"},)
        store.create("corrected", DIM, like="products")
        store.upsert("corrected", whole(store, "products"))
        copied = store._client.get_collection("corrected", embedding_function=None)
        assert copied.get(ids=["item 0001"], include=["documents", "uris"])["documents"] == ["犬"]
        assert whole(store, "corrected").payload == whole(store, "products").payload
        assert store.search("products", given.vectors[2], 1)[0].payload["document"] == "鳥"


def test_a_document_that_a_new_row_lacks_goes(url):
    with open_store(url) as store:
        made = store._client.create_collection("products", embedding_function=None)
        made.add(ids=["a", "b"], embeddings=vectors(2), documents=["猫", "犬"])
        store.upsert("products", Rows(("a", "c"), vectors(2, seed=3), ({"x": 1}, {})))
        found = dict(zip(*(lambda f: (f.ids, f.payload))(whole(store, "products")), strict=True))
        assert found == {"a": {"x": 1}, "b": {"document": "犬"}, "c": {}}


def test_metadata_of_the_name_of_a_document_is_refused_not_lost(url):
    with open_store(url) as store:
        made = store._client.create_collection("products", embedding_function=None)
        made.add(
            ids=["a"], embeddings=vectors(1), documents=["猫"], metadatas=[{"document": "other"}]
        )
        with pytest.raises(StoreError, match="row a has a document, and metadata of that name"):
            list(store.scan("products"))


def test_a_condition_on_a_document_is_refused(url):
    with open_store(url) as store:
        make(store._client, "products", rows(3))
        for field in ("document", "$and"):
            with pytest.raises(StoreError, match="compares metadata alone"):
                store.search("products", vectors(1)[0], 3, where={field: "x"})


def test_a_collection_keeps_its_metadata_and_settings(url):
    with open_store(url) as store:
        make(
            store._client,
            "products",
            rows(3),
            metadata={"owner": "shop"},
            configuration={"hnsw": {"space": "cosine", "max_neighbors": 24}},
        )
        store.create("corrected", DIM + 2, like="products")
        assert store.describe("corrected").dimension == DIM + 2
        made = store._client.get_collection("corrected", embedding_function=None)
        assert made.metadata["owner"] == "shop"
        assert made.configuration_json["hnsw"]["space"] == "ip"
        assert made.configuration_json["hnsw"]["max_neighbors"] == 24


def test_an_empty_collection_of_somebody_elses_has_no_dimension(url):
    with open_store(url) as store:
        store._client.create_collection("products", embedding_function=None)
        with pytest.raises(StoreError, match="products is empty"):
            store.describe("products")


def test_more_rows_than_chroma_takes_at_once_are_written(url):
    given = rows(6_000)
    with open_store(url) as store:
        make(store._client, "products", Rows(given.ids[:1], given.vectors[:1], given.payload[:1]))
        store.upsert("products", given)
        assert store.describe("products").rows == 6_000


# A server: Chroma's own


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("served")
    program = os.path.join(os.path.dirname(sys.executable), "chroma")  # noqa: PTH118, PTH120
    running = subprocess.Popen(
        [program, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield port
    finally:
        running.terminate()
        running.wait(timeout=30)


def test_a_server_is_read_and_written(server):
    client = chromadb.HttpClient("127.0.0.1", server, settings=Settings(anonymized_telemetry=False))
    make(client, "products", rows(300))
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()
    with open_store(f"chroma+http://127.0.0.1:{server}") as store:
        assert store.collections() == ("products",)
        store.create("corrected", DIM + 1, like="products")
        assert store.describe("corrected").dimension == DIM + 1
        for part in store.scan("products", size=100):
            wide = np.pad(part.vectors, ((0, 0), (0, 1)))
            store.upsert("corrected", Rows(part.ids, wide, part.payload))
        assert store.describe("corrected").rows == 300
        assert store.describe("corrected").metric == "dot"
        query = np.pad(rows(300).vectors[7], (0, 1))
        best = store.search("corrected", query, 3, where={"modality": "image"})[0]
        assert best.id == "item 0007"
        assert best.score == pytest.approx(1, abs=1e-5)
        with pytest.raises(StoreError, match=r"no collection nothing.*corrected, products"):
            store.describe("nothing")
        store.delete("corrected", ["item 0007"])
        assert len(store.get("corrected", ["item 0007"])) == 0
        store.drop("corrected")
        assert store.collections() == ("products",)


def test_a_database_that_the_server_does_not_have_is_one_sentence(server):
    address = f"chroma+http://127.0.0.1:{server}/default_tenant/nothing"
    with open_store(address) as store, pytest.raises(StoreError, match="no database nothing"):
        store.collections()


def test_a_key_that_the_server_refuses_is_said_and_never_shown(monkeypatch):
    class Closed(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["x-chroma-token"])
            self.send_error(401)

        def log_message(self, *_):
            pass

    asked: list = []
    monkeypatch.setenv("DOHYO_STORE_TOKEN", "s3cret")
    with HTTPServer(("127.0.0.1", 0), Closed) as closed:
        threading.Thread(target=closed.handle_request).start()
        with (
            open_store(f"chroma+http://127.0.0.1:{closed.server_port}") as store,
            pytest.raises(StoreError, match=r"refuses the key.*DOHYO_STORE_TOKEN") as told,
        ):
            store.collections()
    assert asked == ["s3cret"]
    assert "s3cret" not in str(told.value)


def test_a_server_that_is_not_there_is_one_line_after_four_tries(monkeypatch):
    monkeypatch.setenv("DOHYO_STORE_TOKEN", "s3cret")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with (
        open_store(f"chroma+http://127.0.0.1:{port}") as store,
        pytest.raises(StoreError, match=r"does not answer.*tried 4 times") as told,
    ):
        store.collections()
    assert 2.5 < time.monotonic() - started < 8
    assert "s3cret" not in str(told.value)


def test_a_server_that_never_answers_is_given_up_after_its_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        address = f"chroma+http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            open_store(address, timeout=0.3) as store,
            pytest.raises(StoreError, match="does not answer"),
        ):
            store.collections()
        assert 3.5 < time.monotonic() - started < 10


def test_every_request_has_its_time_and_nothing_is_left_open(server):
    with open_store(f"chroma+http://127.0.0.1:{server}", timeout=3.5) as store:
        store.collections()
        sessions = _sessions(store._client)
        assert [session.timeout for session in sessions] == [httpx.Timeout(3.5)] * 2
    assert all(session.is_closed for session in sessions)
