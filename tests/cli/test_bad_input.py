"""Bad input: exit 2, one line that says what, where and how to fix it, and no output files."""

from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays


def refused(said, *parts: str) -> None:
    assert said.code == 2
    assert said.out == ""
    *progress, sentence = said.err.splitlines()
    assert all(line.startswith("[") for line in progress)
    assert sentence.startswith("dohyo: ")
    for part in parts:
        assert part in sentence


def changed(**replaced) -> dict[str, np.ndarray]:
    return arrays() | replaced


def with_row(value: float) -> np.ndarray:
    image = arrays()["image"].copy()
    image[7] = value
    return image


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (changed(image=with_row(np.nan)), ("image row 7", "NaN")),
        (changed(image=with_row(np.inf)), ("image row 7", "infinity")),
        (changed(image=with_row(0.0)), ("image row 7", "zeros")),
        (changed(image=np.empty((0, 16), np.float32)), ("image has no rows",)),
        (changed(image=np.ones(16, np.float32)), ("image must be a matrix",)),
        (changed(image=np.full((60, 16), "x")), ("image must be a matrix",)),
        (changed(image=np.ones((60, 8), np.float32)), ("image has 8 columns", "text has 16")),
        (changed(image=arrays()["image"][:50]), ("50 images and 60 texts", "--text-to-image")),
        (changed(text_to_image=np.arange(60) + 1), ("text_to_image row 59", "image 60")),
        (changed(text_to_image=np.arange(60) - 1), ("text_to_image row 0 is -1",)),
        (changed(text_to_image=np.arange(59)), ("text_to_image has 59 entries",)),
        (changed(label=np.zeros(3, int)), ("label has 3 entries",)),
        (changed(caption=np.array(["a"])), ("caption has 1 entries",)),
        ({"text": arrays()["text"]}, ("no key `image`",)),
    ],
)
@pytest.mark.parametrize("command", ["run", "measure"])
def test_unusable_arrays_are_refused_in_one_line(dohyo, saved, tmp_path, command, given, parts):
    refused(dohyo(command, saved(**given), "--out", "out"), *parts)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["given.npz"]


def test_python_objects_are_never_loaded(dohyo, tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, image=np.array([{"a": 1}], dtype=object), text=arrays()["text"])
    refused(dohyo("measure", path), "Python objects")


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_missing_empty_and_truncated_files_are_refused(dohyo, tmp_path, corpus_file, suffix):
    whole = corpus_file.read_bytes()
    if suffix == ".npy":
        np.save(tmp_path / "whole.npy", arrays()["image"])
        whole = (tmp_path / "whole.npy").read_bytes()
    bad = tmp_path / f"bad{suffix}"
    source = (bad,) if suffix == ".npz" else ("--images", bad, "--texts", bad)
    refused(dohyo("measure", *source), "is not a file")
    for content, words in ((b"", "is empty"), (whole[: len(whole) // 2], "truncated")):
        bad.write_bytes(content)
        refused(dohyo("measure", *source), f"bad{suffix}", words)
    bad.write_bytes(b"plain text, not an archive")
    refused(dohyo("measure", *source), f"bad{suffix}", "truncated")


def test_a_corrupt_archive_member_is_refused(dohyo, corpus_file):
    whole = bytearray(corpus_file.read_bytes())
    whole[len(whole) // 3] ^= 0xFF
    corpus_file.write_bytes(bytes(whole))
    refused(dohyo("measure", corpus_file), "corpus.npz")


def test_unknown_options_commands_and_methods_are_refused(dohyo, corpus_file):
    refused(dohyo("measure", corpus_file, "--colour", "red"), "--colour")
    refused(dohyo("wrestle"), "wrestle")
    refused(dohyo("measure", "corpus.xyz"), "suffix")
    refused(dohyo("measure"), "no corpus")
    refused(dohyo("align", corpus_file, "--method", "magic", "--out", "m"), "magic", "displacement")
    refused(dohyo("align", corpus_file, "--method", "whiten", "--set", "shrinkage=2", "--out", "m"))
    refused(dohyo("align", corpus_file, "--method", "whiten", "--set", "power=2", "--out", "m"))
    refused(dohyo("measure", corpus_file, "--memory", "lots"), "lots")
    refused(dohyo("measure", corpus_file, "--memory", "1KiB"), "--memory allows")
    refused(dohyo("measure", corpus_file, "--lang", "fr"), "fr")
    assert not Path("m").exists()


def test_a_folder_that_is_in_the_way_stays_as_it_is(dohyo, corpus_file):
    out = Path("out")
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    refused(dohyo("run", corpus_file, "--out", out), "not empty", "--overwrite")
    refused(dohyo("run", corpus_file, "--out", out, "--overwrite"), "notes.txt")
    refused(dohyo("run", corpus_file, "--out", "."), "folder you are in")
    assert (out / "notes.txt").read_text() == "mine"
    assert len(list(out.iterdir())) == 1


def test_a_map_of_another_dimension_or_with_a_changed_byte_is_refused(dohyo, corpus_file):
    assert dohyo("align", corpus_file, "--method", "center", "--out", "map").code == 0
    np.save("narrow.npy", np.ones((3, 8), np.float32))
    np.save("fit.npy", arrays()["image"])
    refused(dohyo("apply", "map", "narrow.npy", "o.npy", "--modality", "image"), "16 columns")
    body = bytearray(Path("map/arrays.safetensors").read_bytes())
    body[-1] ^= 1
    Path("map/arrays.safetensors").write_bytes(bytes(body))
    refused(dohyo("apply", "map", "fit.npy", "o.npy", "--modality", "image"), "was changed")
    refused(dohyo("inspect", "map"), "was changed")
    refused(dohyo("verify", corpus_file, "--map", "map"), "was changed")
    assert not Path("o.npy").exists()


def test_a_bad_row_deep_in_a_file_is_named_and_nothing_is_written(dohyo, corpus_file):
    assert dohyo("align", corpus_file, "--method", "center", "--out", "map").code == 0
    rows = np.ones((40_000, 16), np.float32)
    rows[33_333, 3] = np.nan
    np.save("rows.npy", rows)
    refused(dohyo("apply", "map", "rows.npy", "o.npy", "--modality", "text"), "row 33333")
    assert not Path("o.npy").exists()


def test_memory_is_counted_by_what_the_work_holds(dohyo):
    rng = np.random.default_rng(0)
    for name in ("i.npy", "t.npy"):
        np.save(name, rng.standard_normal((400_000, 64), np.float32))
    corpus = ("--images", "i.npy", "--texts", "t.npy", "--memory", "500MiB")
    assert dohyo("align", *corpus, "--method", "center", "--out", "map", "--quiet").code == 0
    told = dohyo("align", *corpus, "--method", "displacement", "--out", "other")
    refused(told, "needs about", "--memory allows 500 MiB")
