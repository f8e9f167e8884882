"""dohyo migrate, as its user types it; and killed while it works."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from tests.cli.conftest import arrays
from tests.stores import postgres
from tests.stores.places import LanceFolder, QdrantFolder

from dohyo.cli.main import status
from dohyo.corrections.map import load_map
from dohyo.migration.naming import corrected_name, identity
from dohyo.stores.patience import WAITS
from dohyo.stores.protocol import Rows
from dohyo.stores.registry import open_store

LANCE, QDRANT = LanceFolder(), QdrantFolder()
KILLS = 4
"""Ten more are in tests/test_end_to_end.py."""


def rows(count: int) -> Rows:
    given = arrays(pairs=count // 2, seed=1)
    return Rows(
        tuple(range(1, count + 1)),
        np.concatenate([given["image"], given["text"]]),
        tuple({"modality": "image" if i < count // 2 else "text", "n": i} for i in range(count)),
    )


@pytest.fixture
def fitted(dohyo, corpus_file, tmp_path) -> Path:
    assert dohyo("align", corpus_file, "--method", "center", "--out", "map").code == 0
    return tmp_path / "map"


def held(store, name: str) -> dict:
    found = {}
    for part in store.scan(name):
        for key, vector, payload in zip(part.ids, part.vectors, part.payload, strict=True):
            assert key not in found
            found[key] = (vector, dict(payload))
    return found


def check_copy(store, raw: str, map_folder: Path) -> str:
    map_ = load_map(map_folder)
    target = corrected_name(raw, identity(map_))
    source, copy = held(store, raw), held(store, target)
    assert source.keys() == copy.keys()
    for kind in ("image", "text"):
        keys = [key for key, (_, payload) in source.items() if payload["modality"] == kind]
        wanted = map_.apply(np.array([source[key][0] for key in keys]), kind)
        np.testing.assert_allclose([copy[key][0] for key in keys], wanted, atol=1e-6)
        assert all(copy[key][1] == source[key][1] for key in keys)
    return target


def test_without_aliases_the_copy_is_made_and_the_exact_steps_are_printed(dohyo, fitted, tmp_path):
    with LANCE.opened(tmp_path) as store:
        LANCE.make(store, "products", rows(100))
    url = LANCE.url(tmp_path)
    said = dohyo("migrate", url, "products", "--map", fitted, "--force")
    assert said.code == 0
    with LANCE.opened(tmp_path) as store:
        target = check_copy(store, "products", fitted)
    assert f'db.open_table("{target}")' in said.out
    assert 'role="query"' in said.out
    again = dohyo("migrate", url, "products", "--map", fitted, "--force", "--json")
    document = json.loads(again.out)["collections"][0]
    assert document["written"] == 0
    assert document["checksum"]["verified"] == document["checksum"]["copy"]
    back = dohyo("migrate", url, "products", "--rollback", "--drop", "--yes")
    assert back.code == 0
    with LANCE.opened(tmp_path) as store:
        assert store.collections() == ("products",)


def test_a_dry_run_counts_and_writes_nothing(dohyo, fitted, tmp_path):
    with LANCE.opened(tmp_path) as store:
        LANCE.make(store, "products", rows(100))
    said = dohyo(
        "migrate", LANCE.url(tmp_path), "products", "--map", fitted, "--force", "--dry-run",
        "--json",
    )  # fmt: skip
    document = json.loads(said.out)["collections"][0]
    assert document["rows"] == {"raw": 100, "copy": None, "image": 50, "text": 50}
    assert document["bytes"] >= 100 * 16 * 4
    assert document["seconds"]["whole"] > 0
    with LANCE.opened(tmp_path) as store:
        assert store.collections() == ("products",)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_an_alias_is_switched_and_one_command_switches_back(dohyo, fitted, tmp_path, lang):
    with QDRANT.opened(tmp_path) as store:
        QDRANT.make(store, "products_v1", rows(60))
        store.switch("products", "products_v1")
    url = QDRANT.url(tmp_path)
    said = dohyo("migrate", url, "products", "--map", fitted, "--force", "--lang", lang)
    assert said.code == 0
    with QDRANT.opened(tmp_path) as store:
        target = check_copy(store, "products_v1", fitted)
        assert store.resolve("products") == target
    assert "--rollback" in said.out
    assert dohyo("migrate", url, "products", "--rollback", "--lang", lang).code == 0
    with QDRANT.opened(tmp_path) as store:
        assert store.resolve("products") == "products_v1"
        assert target in store.collections()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ([], "--force"),
        (["--force", "--texts", "products"], "same collection"),
        (["--force", "--alias", "live"], "no aliases"),
        (["--force", "--modality-field", "kind"], "no field kind"),
        (["--force", "--strength", "0"], "Strength"),
        (["--force", "--drop"], "--rollback"),
        (["--encoder", "shapes-world", "--encoder-fingerprint", "x"], "the same"),
        (["--encoder-fingerprint", "x"], "which encoder"),
    ],
)
def test_what_cannot_be_meant_is_one_line(dohyo, fitted, tmp_path, options, part):
    with LANCE.opened(tmp_path) as store:
        LANCE.make(store, "products", rows(20))
    said = dohyo("migrate", LANCE.url(tmp_path), "products", "--map", fitted, *options)
    assert said.code == 2
    assert said.out == ""
    assert part in said.err.splitlines()[-1]
    with LANCE.opened(tmp_path) as store:
        assert store.collections() == ("products",)


def test_the_wrong_dimension_and_a_missing_collection_are_one_line(dohyo, fitted, tmp_path):
    with LANCE.opened(tmp_path) as store:
        wide = Rows((1,), np.ones((1, 7), np.float32), ({"modality": "image"},))
        LANCE.make(store, "products", wide)
    said = dohyo("migrate", LANCE.url(tmp_path), "products", "--map", fitted, "--force")
    assert said.code == 2
    assert "7 dimensions, the map takes 16" in said.err
    said = dohyo("migrate", LANCE.url(tmp_path), "wares", "--map", fitted, "--force")
    assert said.code == 2
    assert "There are: products." in said.err


@pytest.mark.parametrize("apart", [1, 60], ids=["in one batch", "far apart"])
@pytest.mark.parametrize("same", [True, False], ids=["equal rows", "different rows"])
def test_a_key_that_comes_twice_is_named(dohyo, fitted, tmp_path, apart, same):
    with LANCE.opened(tmp_path) as store:
        LANCE.make(store, "products", rows(100))
    doubled = lancedb.connect(LANCE.url(tmp_path).removeprefix("lancedb://"))
    table = doubled.open_table("products")
    held = table.to_arrow()
    again = held.slice(99 - apart, 1)
    if not same:
        again = again.set_column(
            held.schema.get_field_index("n"), "n", pa.array([77], held.schema.field("n").type)
        )
    table.add(again)
    said = dohyo(
        *("migrate", LANCE.url(tmp_path), "products", "--map", fitted, "--force"),
        *("--batch", "20"),
    )
    assert said.code == 2
    key = 100 - apart
    assert f"101 rows under 100 keys; {key} is the first that comes 2 times" in said.err


def started(url: str, name: str, fitted: Path) -> subprocess.Popen[bytes]:
    """Start `dohyo migrate` and return when it has begun to write."""
    # fmt: off
    process = subprocess.Popen(
        [sys.executable, "-m", "dohyo", "migrate", url, name, "--map", str(fitted), "--force",
         "--batch", "20"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    # fmt: on
    assert process.stderr is not None
    process.stderr.readline()
    return process


def test_stopped_by_hand_it_says_how_to_go_on_and_does(dohyo, fitted, tmp_path):
    with LANCE.opened(tmp_path) as store:
        LANCE.make(store, "products", rows(1_000))
    process = started(LANCE.url(tmp_path), "products", fitted)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert said.splitlines()[-1] == (
        "dohyo: Interrupted; the raw collection is as it was. Run the same command again to go on."
    )
    assert "Traceback" not in said
    again = dohyo("migrate", LANCE.url(tmp_path), "products", "--map", fitted, "--force")
    assert again.code == 0
    with LANCE.opened(tmp_path) as store:
        check_copy(store, "products", fitted)


def test_a_database_that_is_not_there_is_asked_again_and_then_one_line(dohyo, fitted):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    begin = time.monotonic()
    said = dohyo(
        *("migrate", f"qdrant+http://me:secret@127.0.0.1:{port}", "products", "--map", fitted),
        *("--force", "--timeout", "1"),
    )
    assert time.monotonic() - begin > sum(WAITS)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "does not answer" in said.err
    assert "tried 4 times" in said.err
    assert "secret" not in said.err


def test_the_alias_shows_one_collection_or_the_other_never_both(dohyo, fitted, tmp_path):
    raw = rows(300)
    db = postgres.url(tmp_path)
    with open_store(db) as store, postgres.plain(db) as plain:
        postgres.make(plain, "products_v1", raw, metric=None)
        store.switch("products", "products_v1")
    seen, stop = [], threading.Event()

    def read() -> None:
        with open_store(db) as mine:
            while not stop.is_set():
                found = mine.scan("products", size=1_000)
                seen.append(np.concatenate([part.vectors for part in found]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        said = dohyo("migrate", db, "products", "--map", fitted, "--force")
        assert said.code == 0, said.err
        while len(seen) < 3:
            time.sleep(0.01)
        count = len(seen)
        while len(seen) < count + 2:
            time.sleep(0.01)
    finally:
        stop.set()
        reader.join()
    with open_store(db) as store:
        target = check_copy(store, "products_v1", fitted)
        after = np.concatenate([part.vectors for part in store.scan(target)])
    kinds = [
        "raw"
        if np.allclose(each, raw.vectors, atol=1e-6)
        else "corrected"
        if np.allclose(each, after, atol=1e-6)
        else "mixed"
        for each in seen
    ]
    assert kinds[0] == "raw"
    assert kinds[-1] == "corrected"
    assert kinds == sorted(kinds, reverse=True)


@pytest.mark.parametrize(("place", "kills"), [(LANCE, KILLS), (QDRANT, 2)], ids=["lance", "qdrant"])
def test_killed_at_any_moment_a_second_run_loses_and_doubles_nothing(
    dohyo, fitted, tmp_path, place, kills
):
    source = tmp_path / "source"
    source.mkdir()
    with place.opened(source) as store:
        place.make(store, "products", rows(400))
        if store.has_aliases:
            store.switch("live", "products")
    with place.opened(source) as store:  # Qdrant's folder rounds cosine vectors when it is opened
        before = held(store, "products")
    name = "live" if place.kind == "qdrant" else "products"
    rng = np.random.default_rng(7)
    stopped = 0
    for number in range(kills):
        folder = tmp_path / str(number)
        shutil.copytree(source, folder)
        process = started(place.url(folder), name, fitted)
        time.sleep(rng.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        stopped += process.wait() == -signal.SIGKILL
        process.stderr.close()
        with place.opened(folder) as store:
            after = held(store, "products")
            assert after.keys() == before.keys()
            assert all((after[key][0] == before[key][0]).all() for key in before)
            alias = store.resolve("live")
            if alias not in (None, "products"):
                check_copy(store, "products", fitted)
        arguments = ["migrate", place.url(folder), name, "--map", str(fitted), "--force"]
        assert status([*arguments, "--quiet"]) == 0
        with place.opened(folder) as store:
            target = check_copy(store, "products", fitted)
            assert store.resolve("live") == (target if place.kind == "qdrant" else None)
    assert stopped >= kills // 2  # or it was never at work
