"""A map on disk: exact, whole, and useless to whoever tampers with it."""

import errno
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map, load_map
from dohyo.corrections.maps import artifact
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


MEAN = np.ones(4, np.float32)
PLAIN = {
    "method": "center",
    "parameters": {},
    "dimension": 4,
    "encoder": None,
    "corpus": None,
    "figures": {},
    "reasons": [],
}


def crafted(folder, arrays=None, body=None, **changed):
    """Write a map as somebody would who knows how the checksums are made."""
    given = {"image_mean": MEAN, "text_mean": MEAN} | (arrays or {})
    described = {key: value for key, value in (PLAIN | changed).items() if value is not ...}
    if body is None:
        artifact.write_artifact(folder, described, given, overwrite=False)
        return folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(artifact, "save_file", lambda arrays, path: path.write_bytes(body))
        artifact.write_artifact(folder, described, given, overwrite=False)
    return folder


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"image_mean": np.array([1, 2, np.nan, 4], np.float32)}, "holds NaN or infinity. "),
        ({"image_anchor": np.full((1, 4), np.inf, np.float16)}, "holds NaN or infinity. "),
        ({"image_mean": np.ones(4)}, "holds image_mean as float64, not as float32. "),
        ({"image_mean": np.ones(4, np.float16)}, "holds image_mean as float16, not as float32. "),
        ({"image_anchor": np.ones((1, 4))}, "image_anchor as float64, not as float32 or float16. "),
        ({"image_scatter": MEAN}, "holds image_scatter as float32, not as float64. "),
        ({"row": np.ones(4, np.int64)}, "holds row as int64, not as float32. "),
        ({"image_mean": MEAN[:3]}, "image_mean of shape (3,), the map has dimension 4. "),
        ({"image_mean": MEAN[0]}, "image_mean of shape (1,), the map has dimension 4. "),
    ],
)
def test_arrays_that_dohyo_would_not_write_are_refused_though_the_checksum_fits(
    arrays, words, tmp_path
):
    assert words in refusal(crafted(tmp_path / "map", arrays))


@pytest.mark.parametrize(
    ("changed", "words"),
    [({key: ...}, f"does not say what the map's {key} is. ") for key in PLAIN]
    + [
        ({"method": ["center"]}, "does not say what the map's method is. "),
        ({"dimension": "4"}, "does not say what the map's dimension is. "),
        ({"dimension": 0}, "map.json has dimension 0. "),
        ({"dimension": 10**15}, "map.json has dimension 1000000000000000. "),
        ({"reasons": "because"}, "does not say what the map's reasons is. "),
    ],
)
def test_a_description_with_something_missing_is_refused_though_the_checksum_fits(
    changed, words, tmp_path
):
    assert words in refusal(crafted(tmp_path / "map", **changed))


@pytest.mark.parametrize("files", [{}, {"arrays.safetensors": 1}, {"arrays.safetensors": {}}])
def test_a_description_that_lists_no_arrays_is_refused(files, tmp_path):
    folder = crafted(tmp_path / "map")
    document = json.loads((folder / "map.json").read_text()) | {"files": files}
    document["checksum"] = artifact._checksum(document)
    (folder / "map.json").write_bytes(artifact._written(document))
    assert refusal(folder).startswith(f"{folder / 'map.json'} does not list arrays.safetensors. ")


def header(**entries):
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "body",
    [
        header(x={"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4 * 10**18]}),
        header(x={"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}) + b"1234",
        header(x={"dtype": "F32", "shape": [2**32, 2**32, 4], "data_offsets": [0, 0]}),
        (1 << 62).to_bytes(8, "little") + b"{}",
        header(x={"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}) + b"1234",
        header(x={"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}) + b"1234",
        b"",
        b"\x93NUMPY",
    ],
    ids=["shape beyond the file", "shape beyond the offsets", "shape that overflows",
         "header beyond the file", "negative shape", "a type that NumPy lacks", "nothing", "npy"],
)  # fmt: skip
def test_arrays_that_claim_to_be_what_they_are_not_are_refused(body, tmp_path):
    refusal(crafted(tmp_path / "map", body=body))


def test_an_arrays_file_that_is_larger_than_stated_is_not_read_to_its_end(saved):
    size = (saved / "arrays.safetensors").stat().st_size
    with (saved / "arrays.safetensors").open("ab") as file:
        file.truncate(1 << 40)  # a hole: a tebibyte that takes no space, and no memory could hold
    assert f"has {1 << 40} bytes, {size} were written" in refusal(saved)


def test_links_are_followed_to_files_and_to_nothing_else(saved, tmp_path):
    (tmp_path / "store").mkdir()
    for file in FILES:
        (saved / file).rename(tmp_path / "store" / file)
        (saved / file).symlink_to(tmp_path / "store" / file)
    (tmp_path / "current").symlink_to(saved)
    assert load_map(tmp_path / "current").method == "center"
    for place in ("/dev/zero", tmp_path, tmp_path / "nowhere"):
        (saved / "arrays.safetensors").unlink()
        (saved / "arrays.safetensors").symlink_to(place)
        assert refusal(saved).startswith(f"{saved / 'arrays.safetensors'} is missing. ")


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("none", "calibrate")])
def test_arrays_that_are_not_those_of_the_method_are_refused_on_loading(method, tmp_path):
    folder = tmp_path / "map"
    arrays = {"text_mean": MEAN, "offset": np.zeros(2, np.float32)}
    AlignmentMap(method=method, parameters={}, dimension=4, arrays=arrays).save(folder)
    assert refusal(folder).startswith(f"{folder} lacks what a {method} map is made of. ")


OLD = Path(__file__).parent
X = np.array([[3.0, 4.0, 0.0, 0.0], [0.0, 1.0, -1.0, 2.0]], np.float32)
SAID = {
    ("schema-1/center", "image"): [
        [-0.163335, 0.911698, 0.271569, 0.261493],
        [-0.553245, 0.265147, -0.141038, 0.776997],
    ],
    ("schema-1/center", "text"): [
        [0.865238, 0.450648, 0.136489, 0.172192],
        [0.552122, 0.230061, -0.140459, 0.788989],
    ],
    ("schema-1/displacement", "image"): [
        [-0.231394, 0.898104, 0.302383, 0.220069],
        [-0.568262, 0.149123, -0.193946, 0.785637],
    ],
    ("schema-1/displacement", "text"): [
        [0.907386, 0.365017, 0.192421, 0.079921],
        [0.714633, 0.241715, -0.193942, 0.627104],
    ],
}


@pytest.mark.parametrize(("name", "side"), SAID)
def test_a_map_that_an_older_dohyo_wrote_still_says_the_same(name, side):
    """Written by dohyo 0.1.0; what it answered then stands above."""
    old = load_map(OLD / name)
    assert (old.encoder, old.reasons, old.figures["images"]) == ("toy", ("because",), 8)
    np.testing.assert_allclose(old.apply(X, side), SAID[name, side], atol=2e-6)


def test_what_a_later_dohyo_adds_under_the_same_schema_is_carried_along_unread(tmp_path):
    more = {"image_shade": np.ones((2, 3), np.float32), "text_scatter": np.eye(4)}
    folder = crafted(tmp_path / "map", more, season={"spring": [1, 2]})
    later = load_map(folder)
    plain = load_map(crafted(tmp_path / "plain"))
    np.testing.assert_array_equal(later.apply(X, "text"), plain.apply(X, "text"))
    np.testing.assert_array_equal(later.arrays["text_scatter"], np.eye(4))


class Bomb:
    """Unpickled, it leaves a file behind."""

    def __init__(self, crater):
        self.crater = crater

    def __reduce__(self):
        return Path.touch, (self.crater,)


def test_a_pickle_in_place_of_the_arrays_is_never_opened(tmp_path, monkeypatch):
    crater = tmp_path / "crater"
    bomb = pickle.dumps(Bomb(crater))
    monkeypatch.setattr(artifact, "save_file", lambda arrays, path: path.write_bytes(bomb))
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


def full_disk(self, data):
    with self.open("wb") as file:
        file.write(data[:10])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_arrays_that_find_no_room_are_told_as_the_disk_says_it(tmp_path, monkeypatch):
    def refuse(arrays, path):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(artifact, "save_file", refuse)
    with pytest.raises(UsageError, match=r"No space left on device\. .* nothing was written\.$"):
        fit_map("whiten", Evidence.of(CORPUS)).save(tmp_path / "map")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("in_the_way", [False, True])
def test_a_full_disk_leaves_nothing_and_an_earlier_map_as_it_was(in_the_way, tmp_path, monkeypatch):
    target = tmp_path / "map"
    if in_the_way:
        fit_map("center", Evidence.of(CORPUS)).save(target)
    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(UsageError, match=r"No space left on device\. .* nothing was written\.$"):
        fit_map("whiten", Evidence.of(CORPUS)).save(target, overwrite=True)
    assert list(tmp_path.iterdir()) == [target] * in_the_way
    if in_the_way:
        assert load_map(target).method == "center"


def test_the_description_says_who_made_it_of_what(saved):
    document = json.loads((saved / "map.json").read_text(encoding="utf-8"))
    assert document["corpus"] == CORPUS.fingerprint()
    assert document["files"]["arrays.safetensors"]["bytes"] == (
        (saved / "arrays.safetensors").stat().st_size
    )
    assert document["reasons"] == ["好い"]
