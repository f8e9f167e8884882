"""`dohyo run` on images with labels and class texts, and no captions."""

import json

import numpy as np
import pytest

from worlds import classed


@pytest.fixture
def classes(tmp_path) -> dict[str, np.ndarray]:
    corpus = classed(np.random.default_rng(0), 120, gap=2.0, tilt=1.0)
    given = {
        "image": corpus.image,
        "label": corpus.label,
        "class_text": corpus.class_text,
        "class_name": np.array(corpus.class_name),
    }
    np.savez(tmp_path / "classes.npz", **given)
    for name in ("image", "label", "class_text"):
        np.save(tmp_path / f"{name}.npy", given[name])
    (tmp_path / "names.txt").write_text("\n".join(corpus.class_name), encoding="utf-8")
    np.save(tmp_path / "more.npy", np.random.default_rng(1).normal(size=(50, 16)))
    return given


def test_run_reports_on_classes(dohyo, classes, tmp_path):
    said = dohyo("run", "classes.npz", "--out", "out", "--json", "--quiet")
    assert said.code == 0
    document = json.loads(said.out)
    assert document["corpus"]["texts"] == 4
    verify = document["verify"]
    assert set(verify["zero_shot"]) >= {"before", "after", "change"}
    assert "image_v_measure" in verify["clustering"]["before"]
    assert "unseen_corpus" not in verify
    assert document["decision"]["information"]["zero_shot_accuracy"]
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "map").is_dir() == (document["decision"]["verdict"] == "correct")


def test_further_texts_and_separate_parts(dohyo, classes):
    both = dohyo("verify", "classes.npz", "--texts", "more.npy", "--unpaired", "--method",
                 "center", "--json", "--quiet")  # fmt: skip
    assert both.code == 0
    assert json.loads(both.out)["corpus"]["texts"] == 54
    parts = dohyo("verify", "--images", "image.npy", "--labels", "label.npy", "--class-texts",
                  "class_text.npy", "--class-names", "names.txt", "--method", "center",
                  "--json", "--quiet")  # fmt: skip
    alone = dohyo("verify", "classes.npz", "--method", "center", "--json", "--quiet")
    assert json.loads(parts.out)["verify"] == json.loads(alone.out)["verify"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("classes.npz", "--texts", "more.npy"), "--unpaired"),
        (("full.npz", "--texts", "more.npy", "--unpaired"), "texts of its own"),
        (("classes.npz", "--images", "image.npy"), "cannot be combined"),
        (("--images", "image.npy", "--labels", "label.npy"), "There is no corpus"),
        (("classes.npz", "--texts", "absent.npy", "--unpaired"), "is not a file"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(
    dohyo, classes, tmp_path, arguments, words
):
    np.savez(tmp_path / "full.npz", **classes, text=classes["class_text"])
    said = dohyo("run", *arguments, "--out", "out")
    assert said.code == 2
    assert said.err.startswith("dohyo: ")
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_shuffled_labels_are_not_corrected(dohyo, classes, tmp_path):
    dealt = np.random.default_rng(3).permutation(classes["label"])
    np.savez(tmp_path / "dealt.npz", **classes | {"label": dealt})
    said = dohyo("verify", "dealt.npz", "--method", "auto", "--json", "--quiet")
    assert json.loads(said.out)["decision"]["verdict"] == "do_not_correct"
