"""Every command does what its help says, and JSON is all that `--json` prints."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays

from dohyo.cli.main import COMMANDS
from dohyo.corrections.map import load_map


def test_measure_prints_one_json_document(dohyo, corpus_file):
    said = dohyo("measure", corpus_file, "--json")
    document = json.loads(said.out)
    assert said.code == 0
    assert set(document["measure"]["centroid_distance"]) >= {"value", "low", "high", "n"}
    assert document["corpus"]["images"] == 60


def test_measure_without_pairs_says_what_is_absent(dohyo, corpus_file):
    document = json.loads(dohyo("measure", corpus_file, "--unpaired", "--json").out)
    assert {"relative_modality_gap", "pairing_signal"} <= set(document["absent"])
    assert "pairing_signal" not in document["measure"]


def test_separate_files_measure_like_one(dohyo, corpus_file, tmp_path):
    for key, array in arrays().items():
        np.save(tmp_path / f"{key}.npy", array)
    parts = dohyo("measure", "--images", "image.npy", "--texts", "text.npy", "--json")
    assert json.loads(parts.out) == json.loads(dohyo("measure", corpus_file, "--json").out)


def test_quiet_says_nothing(dohyo, corpus_file):
    said = dohyo("measure", corpus_file, "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_run_writes_the_contract(dohyo, corpus_file):
    said = dohyo("run", corpus_file, "--out", "out", "--json", "--lang", "ja")
    assert said.code == 0
    document = json.loads(said.out)
    assert document == json.loads(Path("out/report.json").read_text())
    assert set(document) == {
        "schema_version", "dohyo_version", "created", "seed", "seconds", "peak_memory_bytes",
        "corpus", "measure", "verify", "candidates", "decision", "value",
    }  # fmt: skip
    assert set(document["verify"]["unseen_corpus"]["change"]) == {
        "mixed_ndcg_at_10", "mixed_recall_at_1", "mixed_recall_at_10", "cross_share",
        "recall_at_1", "recall_at_10",
    }  # fmt: skip
    assert document["decision"]["verdict"] == "correct"
    assert Path("out/map/map.json").is_file()
    assert 'lang="ja"' in Path("out/report.html").read_text()
    again = dohyo("run", corpus_file, "--out", "out", "--overwrite", "--json", "--lang", "ja")
    assert json.loads(again.out)["verify"] == document["verify"]


def test_a_refused_correction_leaves_no_map_and_can_be_required(dohyo, saved):
    rng = np.random.default_rng(9)
    both = arrays() | {"text": rng.normal(size=(60, 16)).astype(np.float32)}
    path = saved(**both)
    assert dohyo("run", path, "--out", "out").code == 0
    assert not Path("out/map").exists()
    assert dohyo("verify", path, "--method", "auto", "--require", "correct").code == 3
    said = dohyo("align", path, "--out", "map", "--json")
    assert json.loads(said.out)["method"] == "none"
    assert json.loads(said.out)["reasons"]


def test_verify_refits_a_map_on_its_own_corpus_and_takes_it_as_it_is_elsewhere(dohyo, tmp_path):
    for seed in (0, 1):
        np.savez(tmp_path / f"{seed}.npz", **arrays(seed=seed))
    dohyo("align", "0.npz", "--method", "center", "--out", "map")
    own = json.loads(dohyo("verify", "0.npz", "--map", "map", "--json").out)
    method = json.loads(dohyo("verify", "0.npz", "--method", "center", "--json").out)
    other = json.loads(dohyo("verify", "1.npz", "--map", "map", "--json").out)
    assert own["refitted"]
    assert own["verify"] == method["verify"]
    assert not other["refitted"]


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_apply_writes_what_the_map_says(dohyo, corpus_file, strength):
    dohyo("align", corpus_file, "--method", "displacement", "--out", "map")
    rows = arrays(seed=3)["image"]
    np.save("in.npy", rows)
    said = dohyo("apply", "map", "in.npy", "out.npy", "--modality", "image", "--strength", strength)
    assert said.code == 0
    out = np.load("out.npy")
    assert out.dtype == np.float32
    assert out.shape == rows.shape
    assert np.array_equal(out, load_map("map").apply(rows, "image", strength=strength))
    if strength == 0:
        assert out.tobytes() == rows.tobytes()
    else:
        assert np.allclose(np.linalg.norm(out, axis=1), 1, atol=1e-6)
    refused = dohyo("apply", "map", "in.npy", "out.npy", "--modality", "image")
    assert refused.code == 2


def test_parquet_keeps_every_other_column(dohyo, corpus_file):
    dohyo("align", corpus_file, "--method", "center", "--out", "map")
    rows = arrays(seed=3)["text"]
    table = pa.table({"id": [f"犬{i}" for i in range(60)], "embedding": rows.tolist()})
    pq.write_table(table, "in.parquet")
    assert dohyo("apply", "map", "in.parquet", "out.parquet", "--modality", "text").code == 0
    out = pq.read_table("out.parquet")
    assert out["id"].to_pylist() == table["id"].to_pylist()
    moved = np.array(out["embedding"].to_pylist(), np.float32)
    assert np.allclose(moved, load_map("map").apply(rows, "text"), atol=1e-6)


def test_another_process_applies_a_map_to_the_same_bits(dohyo, corpus_file):
    dohyo("align", corpus_file, "--method", "displacement", "--out", "map")
    rows = arrays(seed=3)["image"]
    np.save("in.npy", rows)
    dohyo("apply", "map", "in.npy", "here.npy", "--modality", "image", "--threads", 1)
    command = [Path(sys.executable).with_name("dohyo"), "apply", "map", "in.npy", "there.npy"]
    subprocess.run([*command, "--modality", "image", "--threads", "1", "--quiet"], check=True)
    assert Path("here.npy").read_bytes() == Path("there.npy").read_bytes()


def test_inspect_tells_what_a_map_is(dohyo, corpus_file):
    dohyo("align", corpus_file, "--method", "whiten", "--set", "shrinkage=0.7", "--out", "map")
    document = json.loads(dohyo("inspect", "map", "--json").out)
    assert document["parameters"] == {"shrinkage": 0.7}
    assert document["arrays"]["image_matrix"] == [16, 16]
    assert "whiten" in dohyo("inspect", "map").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_ends_with_an_example(dohyo, command):
    said = dohyo(command, "--help")
    assert said.code == 0
    assert f"Example: dohyo {command}" in " ".join(said.out.replace("│", " ").split())


def test_an_interruption_ends_with_130_and_writes_nothing(dohyo, corpus_file, monkeypatch):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("dohyo.reports.publish.investigate", interrupt)
    said = dohyo("run", corpus_file, "--out", "out")
    assert said.code == 130
    assert said.err.count("\n") == 1
    assert [entry.name for entry in Path().iterdir()] == ["corpus.npz"]


def test_a_full_disk_is_one_line_and_nothing_is_left(dohyo, corpus_file, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    said = dohyo("align", corpus_file, "--method", "center", "--out", "map")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert said.err.count("\n") == 1
    assert [entry.name for entry in Path().iterdir()] == ["corpus.npz"]


def test_vectors_of_different_length_are_told_of(dohyo, saved):
    both = arrays()
    assert "length" not in dohyo("measure", saved(**both)).out
    said = dohyo("measure", saved(**both | {"text": 40 * both["text"]}))
    assert "length" in said.out


def test_one_command_does_not_import_the_others():
    code = (
        "import sys; from dohyo.cli.main import status; status(['token', '--help']); "
        "print([m for m in sys.modules if m.startswith('dohyo.cli.')], file=sys.stderr)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stderr
    assert "dohyo.cli.token" in said
    assert "dohyo.cli.verify" not in said
