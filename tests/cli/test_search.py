"""`dohyo search` on a small store: one list, before and after, and what is refused."""

import json

import numpy as np
import pyarrow as pa
import pytest

import dohyo as library
from dohyo.corpus import Corpus
from dohyo.encoders.load import load_encoder
from dohyo.stores.registry import open_store

lancedb = pytest.importorskip("lancedb", reason="needs lancedb")
pytest.importorskip("PIL", reason="needs Pillow")
STORE = ("lancedb://db", "products")


@pytest.fixture
def shop(tmp_path, dohyo):
    from dohyo.demo import build

    encoder = load_encoder("shapes-world")
    world = build(encoder, pictures=60, seed=3)
    world.pictures[0].save(tmp_path / "star.png")
    corpus = Corpus.from_arrays(
        world.image, world.text, world.text_to_image, encoder=encoder.fingerprint
    )
    library.align(corpus, "center", calibrate=1.0).save(tmp_path / "map")
    vectors = np.concatenate([world.image, world.text])
    images, texts = len(world.image), len(world.text)
    table = pa.table(
        {
            "id": np.arange(images + texts),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 128),
            "modality": ["image"] * images + ["text"] * texts,
            "caption": ["[red]"] * images + list(world.caption),
        }
    )
    lancedb.connect(tmp_path / "db").create_table("products", table)
    return tmp_path


def migrated(dohyo):
    said = dohyo("migrate", *STORE, "--map", "map", "--encoder", "shapes-world")
    assert said.code == 0, said.err


def test_both_kinds_come_in_one_list_and_the_raw_answer_stands_beside_it(shop, dohyo):
    migrated(dohyo)
    asked = ("search", *STORE, "--map", "map", "--image", "star.png", "--k", "6")
    said = json.loads(dohyo(*asked, "--compare", "--json").out)
    assert {hit["modality"] for hit in said["before"]} == {"image"}
    assert {hit["modality"] for hit in said["hits"]} == {"image", "text"}
    assert [hit["rank"] for hit in said["hits"]] == [1, 2, 3, 4, 5, 6]
    scores = [hit["score"] for hit in said["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("lang", "word"), [("en", "picture"), ("ja", "画像")])
def test_a_person_reads_it_in_either_language_and_nothing_is_taken_for_markup(
    shop, dohyo, lang, word
):
    migrated(dohyo)
    said = dohyo(*("search", *STORE, "--map", "map", "--image", "star.png", "--lang", lang))
    assert said.code == 0, said.err
    assert word in said.out
    assert "[red]" in said.out


def test_without_a_map_the_raw_vectors_are_searched(shop, dohyo):
    said = json.loads(dohyo("search", *STORE, "--text", "a red star", "--json").out)
    assert said["corrected"] is False
    assert {hit["modality"] for hit in said["hits"]} == {"text"}


def test_each_kind_gets_its_least_share(shop, dohyo):
    asked = ("search", *STORE, "--text", "a red star", "--least", "0.4", "--json")
    hits = json.loads(dohyo(*asked).out)["hits"]
    assert sum(hit["modality"] == "image" for hit in hits) == 4


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ((), "either --text or --image"),
        (("--text", "a", "--image", "star.png"), "either --text or --image"),
        (("--text", " "), "empty"),
        (("--text", "a", "--compare"), "--map"),
        (("--text", "a", "--map", "map"), "dohyo migrate"),
        (("--image", "nowhere.png"), "nowhere.png"),
        (("--image", "map/map.json"), "map.json"),
        (("--text", "a", "--map", "map", "--encoder", "shapes-world-untrained"), "force"),
        (("--text", "a", "--k", "0"), "--k"),
    ],
)
def test_a_search_that_makes_no_sense_is_one_line(shop, dohyo, asked, part):
    said = dohyo("search", *STORE, *asked)
    assert said.code == 2
    assert part in said.err
    assert said.err.strip().count("\n") == 0


def test_vectors_of_another_dimension_and_unknown_collections_are_refused(shop, dohyo):
    said = dohyo("search", "lancedb://db", "nothing", "--text", "a")
    assert (said.code, "products" in said.err) == (2, True)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(8, np.float32)), 4)
    table = pa.table({"id": [1, 2], "vector": vectors, "modality": ["image", "text"]})
    lancedb.connect(shop / "db").create_table("narrow", table)
    said = dohyo("search", "lancedb://db", "narrow", "--text", "a")
    assert said.code == 2
    assert "4" in said.err
    assert "128" in said.err


def test_the_store_is_as_it_was(shop, dohyo):
    with open_store(f"lancedb://{shop / 'db'}") as store:
        before = store.describe("products")
    dohyo("search", *STORE, "--text", "a red star")
    with open_store(f"lancedb://{shop / 'db'}") as store:
        assert store.describe("products") == before
        assert store.collections() == ("products",)
