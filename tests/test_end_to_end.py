"""A folder of pictures and captions to a search that finds both, by the command line alone."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import dohyo
from dohyo.stores.protocol import Rows
from dohyo.stores.registry import open_store

lancedb = pytest.importorskip("lancedb")
pa = pytest.importorskip("pyarrow")

PICTURES = 500
NAME = "products"


def call(folder: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dohyo", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    """Draw a folder of pictures with captions, embed it, correct it, and fill a store."""
    from dohyo.demo import build
    from dohyo.encoders.load import load_encoder

    folder = tmp_path_factory.mktemp("shop")
    world = build(load_encoder("shapes-world"), pictures=PICTURES, seed=3)
    (folder / "pictures").mkdir()
    for number, picture in enumerate(world.pictures):
        picture.save(folder / "pictures" / f"{number:03}.png")
    with (folder / "pictures" / "captions.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["path", "caption"])
        out.writerows(
            (f"{image:03}.png", text)
            for text, image in zip(world.caption, world.text_to_image, strict=True)
        )
    call(folder, "embed", "pictures", "--encoder", "shapes-world", "--out", "corpus.npz")
    call(folder, "run", "corpus.npz", "--out", "out", "--no-stress", "--quiet")
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    """Do what a user does: put the vectors into a table with the store's own client."""
    corpus = dohyo.read(folder / "corpus.npz")
    images, texts = len(corpus.image), len(corpus.text)
    vectors = np.concatenate([corpus.image, corpus.text]).astype(np.float32)
    table = pa.table(
        {
            "id": [f"picture-{i}" for i in range(images)] + [f"text-{i}" for i in range(texts)],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), corpus.dim),
            "modality": ["image"] * images + ["text"] * texts,
            "caption": [None] * images + list(corpus.caption or ()),
            "group": np.concatenate([np.arange(images), corpus.groups("text")]),
        }
    )
    lancedb.connect(folder / "db").create_table(NAME, table)


def expected(folder: Path) -> dict[str, np.ndarray]:
    corpus, fitted = dohyo.read(folder / "corpus.npz"), dohyo.load_map(folder / "out" / "map")
    image, text = fitted.apply(corpus.image, "image"), fitted.apply(corpus.text, "text")
    return {f"picture-{i}": row for i, row in enumerate(image)} | {
        f"text-{i}": row for i, row in enumerate(text)
    }


def everything(folder: Path, name: str) -> list[Rows]:
    with open_store(f"lancedb://{folder / 'db'}") as store:
        return list(store.scan(name))


def copy_of(folder: Path) -> str:
    with open_store(f"lancedb://{folder / 'db'}") as store:
        (name,) = (each for each in store.collections() if each != NAME)
    return name


@pytest.fixture(scope="module")
def migrated(shop: Path) -> Path:
    call(
        shop,
        *("migrate", "lancedb://db", NAME, "--map", "out/map", "--encoder", "shapes-world"),
    )
    return shop


def test_before_a_search_finds_its_own_kind_and_afterwards_both_and_the_right_ones(migrated):
    corpus = dohyo.read(migrated / "corpus.npz")
    own, both, right_before, right_after = [], [], [], []
    rng = np.random.default_rng(0)
    with open_store(f"lancedb://{migrated / 'db'}") as store:
        from dohyo.search import open_search

        fitted = dohyo.load_map(migrated / "out" / "map")
        raw = open_search(store, NAME)
        corrected = open_search(store, copy_of(migrated), fitted)
        for text in rng.choice(len(corpus.text), 200, replace=False):
            group = int(corpus.groups("text")[text])
            for search, share, right in (
                (raw, own, right_before),
                (corrected, both, right_after),
            ):
                hits = search.ask(corpus.text[text], "text", 10).hits
                pictures = [hit for hit in hits if hit.modality == "image"]
                share.append(len(pictures) / len(hits))
                right.append(any(hit.payload["group"] == group for hit in pictures))
    assert np.mean(own) < 0.01
    assert np.mean(right_before) < 0.01
    # 500 of 1,735 items are pictures.
    assert 0.15 < np.mean(both) < 0.45
    # By chance ten of 1,735 items hold the picture in one search of 170; measured 0.48.
    assert np.mean(right_after) > 0.3


def test_the_command_shows_both_kinds_side_by_side(migrated):
    corpus = dohyo.read(migrated / "corpus.npz")
    asked = ("search", "lancedb://db", NAME, "--map", "out/map", "--image", "pictures/003.png")
    said = json.loads(call(migrated, *asked, "--compare", "--json"))
    assert said["corrected"] is True
    assert {hit["modality"] for hit in said["before"]} == {"image"}
    assert {hit["modality"] for hit in said["hits"]} == {"image", "text"}
    found = [hit["payload"]["group"] for hit in said["hits"] if hit["modality"] == "text"]
    assert 3 in found
    assert len(corpus.image) == PICTURES


def test_a_second_run_writes_nothing(migrated):
    asked = ("migrate", "lancedb://db", NAME, "--map", "out/map", "--encoder", "shapes-world")
    said = json.loads(call(migrated, *asked, "--json"))
    assert [part["written"] for part in said["collections"]] == [0]


def test_killed_at_ten_random_moments_it_loses_and_duplicates_nothing(shop, tmp_path):
    for name in ("corpus.npz", "out"):
        (tmp_path / name).symlink_to(shop / name)
    fill(tmp_path)
    raw = {key for part in everything(tmp_path, NAME) for key in part.ids}
    command = [sys.executable, "-m", "dohyo", "migrate", "lancedb://db", NAME]
    command += ["--map", "out/map", "--force", "--batch", "40", "--quiet"]
    lots = random.Random(0)
    killed = 0
    for _ in range(10):
        # In a group of its own, so that no thread or child of it survives.
        process = subprocess.Popen(
            command, cwd=tmp_path, start_new_session=True, stderr=subprocess.DEVNULL
        )
        time.sleep(lots.uniform(0.8, 3.0))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        assert {key for part in everything(tmp_path, NAME) for key in part.ids} == raw
    assert killed >= 3
    subprocess.run(command, cwd=tmp_path, check=True)
    wanted = expected(tmp_path)
    found = [
        (key, row)
        for part in everything(tmp_path, copy_of(tmp_path))
        for key, row in zip(part.ids, part.vectors, strict=True)
    ]
    assert sorted(key for key, _ in found) == sorted(wanted)
    for key, row in found:
        np.testing.assert_allclose(row, wanted[key], atol=1e-6)
