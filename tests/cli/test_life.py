"""What becomes of a map after the fit, from the command line."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays

from dohyo.corrections.map import load_map
from dohyo.corrections.registry import METHODS


@pytest.fixture
def shards(dohyo):
    """Two shards of one collection and the whole, each a file and a displacement map of it."""
    whole = arrays()
    for name, rows in {"one": slice(0, 30), "two": slice(30, 60), "all": slice(0, 60)}.items():
        np.savez(f"{name}.npz", **{key: array[rows] for key, array in whole.items()})
        assert dohyo("align", f"{name}.npz", "--method", "displacement", "--out", name).code == 0
    return whole


def same(first, second, rows):
    outcomes = [load_map(folder).apply(rows["image"], "image") for folder in (first, second)]
    np.testing.assert_allclose(*outcomes, atol=1e-5)


def refused(said, *words):
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    for word in words:
        assert word in said.err


def test_extend_writes_the_map_of_all_items_and_says_what_to_do(dohyo, shards):
    said = dohyo("extend", "one", "two.npz", "--out", "grown")
    assert said.code == 0
    assert "30 pictures and 30 texts added" in said.out
    assert "Correct what is in the index again" in said.out
    same("grown", "all", shards)
    document = json.loads(dohyo("extend", "one", "two.npz", "--out", "again", "--json").out)
    assert document["added"] == {"images": 30, "texts": 30}
    assert document["figures"]["images"] == 60
    assert document["diff"]["moved"]["image"]["mean"]["value"] > 0
    refused(dohyo("extend", "one", "two.npz", "--out", "again"), "--overwrite")


def test_extend_takes_one_modality_alone(dohyo, shards):
    for key in ("image", "text"):
        np.save(f"{key}.npy", shards[key][30:])
    assert dohyo("extend", "one", "--images", "image.npy", "--out", "half").code == 0
    assert dohyo("extend", "half", "--texts", "text.npy", "--out", "grown").code == 0
    same("grown", "all", shards)
    refused(dohyo("extend", "one", "--out", "x"), "no corpus")
    refused(dohyo("extend", "one", "one.npz", "--out", "x"), "very corpus")
    assert not Path("x").exists()


def test_extend_says_that_the_offset_stays(dohyo, shards):
    dohyo("align", "one.npz", "--method", "center", "--set", "calibrate=1", "--out", "c")
    said = dohyo("extend", "c", "two.npz", "--out", "grown")
    assert "offsets of calibrated scores stay as they were learnt on 30 pictures" in said.out
    assert "learnt on 30 pictures and 30 texts" in dohyo("inspect", "grown").out


def test_merge_writes_the_map_of_all_shards(dohyo, shards):
    said = dohyo("merge", "one", "two", "--out", "whole", "--json")
    assert json.loads(said.out)["figures"]["texts"] == 60
    same("whole", "all", shards)
    assert "2 maps of displacement are one" in dohyo("merge", "one", "two", "--out", "w").out


def test_merge_refuses_what_does_not_belong_together(dohyo, shards):
    dohyo("align", "two.npz", "--method", "center", "--out", "other")
    refused(dohyo("merge", "one", "other", "--out", "x"), "method: displacement and center")
    refused(dohyo("merge", "one", "--out", "x"), "1 map cannot be merged")
    refused(dohyo("merge", "one", "one", "--out", "x"), "same corpus")
    refused(dohyo("merge", "one", "nowhere", "--out", "x"), "map.json is missing")
    assert not Path("x").exists()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_diff_tells_two_maps_apart_in_words(dohyo, shards, language):
    said = dohyo("diff", "one", "all", "--lang", language)
    assert said.code == 0
    assert {"en": "degrees apart on average", "ja": "度離れます"}[language] in said.out
    own = dohyo("diff", "one", "one", "--lang", language).out
    assert {"en": "exactly the same", "ja": "完全に同じ"}[language] in own
    document = json.loads(dohyo("diff", "one", "all", "--source", "all.npz", "--json").out)
    assert document["origin"] == "corpus"
    assert document["changed"] == ["corpus", "images", "texts"]
    assert set(document["moved"]["text"]["stay"]) >= {"value", "low", "high", "n", "seed"}


def test_diff_refuses_maps_of_different_vectors(dohyo, shards):
    np.savez("narrow.npz", **arrays(dim=8))
    dohyo("align", "narrow.npz", "--method", "center", "--out", "narrow")
    refused(dohyo("diff", "one", "narrow"), "One map takes 16 columns, the other 8.")
    refused(dohyo("diff", "one", "all", "--source", "narrow.npz"), "the corpus has 8")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("method", METHODS)
def test_inspect_speaks_of_every_method(dohyo, corpus_file, method, language):
    dohyo("align", corpus_file, "--method", method, "--set", "hubs=0.5", "--out", "map")
    said = dohyo("inspect", "map", "--lang", language, "--html", "map.html")
    assert (said.code, said.err) == (0, "")
    page = Path("map.html").read_text(encoding="utf-8")
    assert f'lang="{language}"' in page
    assert page.count("<script") == 1  # ours, which copies tables
    told = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"src=\"http|@import|\{[a-z_]+\}", told)
    for words in ({"en": "What it destroys", "ja": "何が失われるか"}[language],):
        assert words in said.out
        assert words in page


def test_inspect_says_it_in_json_too(dohyo, corpus_file):
    dohyo("align", corpus_file, "--method", "whiten", "--set", "calibrate=1", "--out", "map")
    document = json.loads(dohyo("inspect", "map", "--json").out)
    assert (document["dimension"], document["width"], document["roles"]) == (16, 17, True)
    assert document["bytes"] == sum(f.stat().st_size for f in Path("map").iterdir())
    assert document["bytes_by_purpose"]["statistics"] == 2 * 8 * (1 + 16 + 16 * 17 // 2)
    assert document["grows"]
    assert document["dohyo_version"]
    assert len(document["says"]["What it does"]) == 1


def test_inspect_never_replaces_a_page_unasked(dohyo, corpus_file):
    dohyo("align", corpus_file, "--method", "center", "--out", "map")
    Path("mine.html").write_text("mine")
    refused(dohyo("inspect", "map", "--html", "mine.html"), "mine.html exists already")
    assert Path("mine.html").read_text() == "mine"
    assert dohyo("inspect", "map", "--html", "mine.html", "--overwrite").code == 0
