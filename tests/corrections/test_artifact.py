"""A map on disk: exact, whole, and useless to whoever tampers with it."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dohyo.corrections import artifact
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map, load_map
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError, UsageError
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 20, 4)
FILES = ("map.json", "arrays.safetensors")


@pytest.fixture
def saved(tmp_path):
    fit_map("center", Evidence.of(CORPUS), source=CORPUS, reasons=("好い",)).save(tmp_path / "map")
    return tmp_path / "map"


def refusal(folder):
    with pytest.raises(MapError) as caught:
        load_map(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("method", METHODS)
def test_a_map_that_was_saved_and_loaded_is_the_same(method, tmp_path):
    there = fit_map(method, Evidence.of(CORPUS), source=CORPUS, reasons=("why", "なぜ"))
    there.save(tmp_path / "map")
    back = load_map(tmp_path / "map")
    for name in ("method", "parameters", "dimension", "figures", "encoder", "corpus", "reasons"):
        assert getattr(back, name) == getattr(there, name)
    assert back.arrays.keys() == there.arrays.keys()
    for name, array in there.arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)


ELSEWHERE = """
import sys
import numpy as np
from dohyo.corrections.map import load_map
fitted = load_map(sys.argv[1])
rows = np.load(sys.argv[2])
for modality in ("image", "text"):
    sys.stdout.buffer.write(fitted.apply(rows, modality).tobytes())
"""


@pytest.mark.parametrize("method", ["gaussian_ot", "displacement"])
def test_another_process_applies_it_to_the_same_bits(method, tmp_path):
    fitted = fit_map(method, Evidence.of(CORPUS))
    fitted.save(tmp_path / "map")
    rows = CORPUS.unit("image")
    np.save(tmp_path / "rows.npy", rows)
    there = subprocess.check_output(
        [sys.executable, "-c", ELSEWHERE, tmp_path / "map", tmp_path / "rows.npy"]
    )
    assert there == fitted.apply(rows, "image").tobytes() + fitted.apply(rows, "text").tobytes()


@pytest.mark.parametrize("file", FILES)
def test_no_byte_of_either_file_can_be_changed_unnoticed(saved, file):
    path = saved / file
    whole = path.read_bytes()
    for place, byte in enumerate(whole):
        # One bit, and for a blank also the other blanks: JSON would not mind those.
        for other in {byte ^ 1, *(b"\t\n\r " if byte in b"\t\n\r " else b"")} - {byte}:
            path.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
            refusal(saved)
    path.write_bytes(whole)
    assert load_map(saved).method == "center"


@pytest.mark.parametrize("file", FILES)
def test_neither_file_can_be_cut_short_or_grow(saved, file):
    whole = (saved / file).read_bytes()
    for length in range(len(whole)):
        (saved / file).write_bytes(whole[:length])
        refusal(saved)
    (saved / file).write_bytes(whole + b"\n")
    refusal(saved)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(saved, file):
    (saved / file).unlink()
    assert refusal(saved).startswith(f"{saved / file} is missing. ")


def test_a_folder_that_is_not_there_is_no_map(tmp_path):
    assert refusal(tmp_path / "nowhere") == (
        f"{tmp_path / 'nowhere' / 'map.json'} is missing. A map is a folder made by `dohyo align`."
    )


def test_a_map_of_a_later_dohyo_asks_for_an_upgrade(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(artifact, "SCHEMA_VERSION", 2)
    fit_map("center", Evidence.of(CORPUS)).save(tmp_path / "later")
    monkeypatch.undo()
    assert refusal(tmp_path / "later") == (
        f"{tmp_path / 'later' / 'map.json'} has schema version 2, this dohyo reads 1. "
        "Upgrade dohyo."
    )


def test_a_method_unknown_here_asks_for_an_upgrade(tmp_path):
    AlignmentMap(method="tomorrow", parameters={}, dimension=4, arrays={}).save(tmp_path / "map")
    message = refusal(tmp_path / "map")
    assert message.endswith("names the method 'tomorrow', unknown here. Upgrade dohyo.")


@pytest.mark.parametrize("text", ["[1, 2]", '"map"', "{}", "nul", "", "[" * 100_000])
def test_json_that_describes_no_map_is_refused(saved, text):
    (saved / "map.json").write_text(text)
    refusal(saved)


def test_a_description_too_large_to_be_one_is_not_even_read(saved):
    with (saved / "map.json").open("ab") as file:
        file.truncate(artifact.MAXIMUM_DESCRIPTION_BYTES + 1)
    assert "is too large to be a map's description" in refusal(saved)


@pytest.mark.parametrize("bad", [np.array([np.nan], np.float32), np.array([1.0])])
def test_arrays_that_dohyo_would_not_write_are_refused_though_the_checksum_fits(bad, tmp_path):
    artifact.write_artifact(
        tmp_path / "map", {"method": "center"}, {"image_mean": bad}, overwrite=False
    )
    assert "holds NaN or no float32" in refusal(tmp_path / "map")


class Bomb:
    """Unpickled, it leaves a file behind."""

    def __init__(self, crater):
        self.crater = crater

    def __reduce__(self):
        return Path.touch, (self.crater,)


def test_a_pickle_in_place_of_the_arrays_is_never_opened(tmp_path, monkeypatch):
    crater = tmp_path / "crater"
    monkeypatch.setattr(artifact, "save", lambda arrays: pickle.dumps(Bomb(crater)))
    fit_map("center", Evidence.of(CORPUS)).save(tmp_path / "map")
    assert "cannot be read" in refusal(tmp_path / "map")
    assert not crater.exists()
    pickle.loads((tmp_path / "map" / "arrays.safetensors").read_bytes())
    assert crater.exists()  # the bomb was live


def test_a_folder_with_something_in_it_is_not_written_over(saved):
    before = {file: (saved / file).read_bytes() for file in FILES}
    with pytest.raises(UsageError, match=r"exists and is not empty\."):
        fit_map("whiten", Evidence.of(CORPUS)).save(saved)
    assert {file: (saved / file).read_bytes() for file in FILES} == before
    fit_map("whiten", Evidence.of(CORPUS)).save(saved, overwrite=True)
    assert load_map(saved).method == "whiten"


def test_the_description_says_who_made_it_of_what(saved):
    document = json.loads((saved / "map.json").read_text(encoding="utf-8"))
    assert document["corpus"] == CORPUS.fingerprint()
    assert document["files"]["arrays.safetensors"]["bytes"] == (
        (saved / "arrays.safetensors").stat().st_size
    )
    assert document["reasons"] == ["好い"]
