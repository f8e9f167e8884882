"""`dohyo align --sweep`, and what auto is told to choose for."""

import json
from pathlib import Path

import numpy as np
from tests.cli.conftest import arrays


def test_a_sweep_is_written_beside_the_map(dohyo, corpus_file):
    said = dohyo("align", corpus_file, "--method", "center", "--sweep", "--out", "map", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["sweep"] == "map-sweep"
    assert {entry.name for entry in Path("map").iterdir()} == {"map.json", "arrays.safetensors"}
    document = json.loads(Path("map-sweep/sweep.json").read_text())
    assert [point["strength"] for point in document["points"]] == [i / 10 for i in range(11)]
    first = document["points"][0]["scores"]["unseen_corpus"]
    assert first["mixed_ndcg_at_10_change"]["value"] == first["recall_at_1_change"]["value"] == 0
    assert Path("map-sweep/sweep.html").read_text().startswith("<!DOCTYPE html>")
    again = dohyo(
        "align", corpus_file, "--method", "center", "--sweep", "--out", "other", "--lang", "ja"
    )
    assert "強さ" in again.out
    assert 'lang="ja"' in Path("other-sweep/sweep.html").read_text()


def test_a_sweep_goes_where_it_is_told_and_nowhere_in_the_way(dohyo, corpus_file):
    common = ("align", corpus_file, "--method", "center", "--out", "map")
    assert dohyo(*common, "--sweep-out", "there").code == 2
    assert dohyo(*common, "--sweep", "--sweep-out", "map").code == 2
    Path("there").mkdir()
    Path("there/mine.txt").write_text("mine")
    assert dohyo(*common, "--sweep", "--sweep-out", "there").code == 2
    assert not Path("map").exists()
    assert dohyo(*common, "--sweep", "--sweep-out", "elsewhere").code == 0
    assert Path("elsewhere/sweep.html").is_file()


def test_what_is_not_corrected_is_not_swept(dohyo, saved):
    rng = np.random.default_rng(9)
    path = saved(**(arrays() | {"text": rng.normal(size=(60, 16)).astype(np.float32)}))
    said = dohyo("align", path, "--sweep", "--out", "map")
    assert said.code == 0
    assert "no strength to sweep" in said.out
    assert not Path("map-sweep").exists()


def test_growth_is_told_to_every_command_that_chooses(dohyo, corpus_file):
    for command in (
        ("align", corpus_file, "--out", "map"),
        ("verify", corpus_file, "--method", "auto"),
        ("run", corpus_file, "--out", "out"),
    ):
        for wrong, said in (
            (("--growing", "1.5"), "growing is 1.5, outside 0 to 1."),
            (("--growing", ".3", "--static"), "--growing and --static exclude each other."),
        ):
            refused = dohyo(*command, *wrong)
            assert (refused.code, refused.err.count("\n")) == (2, 1)
            assert said in refused.err
    document = json.loads(dohyo("run", corpus_file, "--out", "out", "--static", "--json").out)
    assert document["decision"]["policy"]["growing"] == 0


def test_a_corpus_without_pairs_is_judged_by_known_ones(dohyo, tmp_path):
    both = arrays(pairs=160)
    np.savez(tmp_path / "all.npz", image=both["image"][:100], text=both["text"][:100][::-1])
    np.savez(tmp_path / "pairs.npz", image=both["image"][100:], text=both["text"][100:])
    alone = dohyo("run", "all.npz", "--unpaired", "--out", "none")
    assert alone.code == 0
    assert "pairs" in alone.out
    said = dohyo(
        "run", "all.npz", "--unpaired", "--pairs-from", "pairs.npz", "--out", "out", "--json"
    )
    assert said.code == 0, said.err
    document = json.loads(said.out)
    assert document["decision"]["verdict"] == "correct"
    assert "known pairs" in Path("out/report.html").read_text()
    fitted = dohyo(
        "align", "all.npz", "--unpaired", "--pairs-from", "pairs.npz", "--out", "m", "--json"
    )
    assert json.loads(fitted.out)["method"] == document["decision"]["method"]
