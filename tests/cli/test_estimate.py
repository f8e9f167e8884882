"""--estimate: the cost of a command, said before anything is done."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays

KEYS = {
    *("seconds", "bytes_memory", "bytes_disk", "flops", "money", "currency", "hourly_price"),
    *("images", "texts", "rows", "dimension", "stage", "largest_measured", "extrapolated"),
    *("error_factor", "rates"),
}


@pytest.fixture
def files(dohyo):
    for name, rows in arrays().items():
        np.save(f"{name}s.npy", rows)
    for method in ("center", "displacement"):
        fit = ("align", *SOURCE, "--method", method, "--out", method)
        assert dohyo(*fit).code == 0
    return set(Path().iterdir())


SOURCE = ("--images", "images.npy", "--texts", "texts.npy")
COMMANDS = {
    "measure_standard": ("measure", *SOURCE, "--out", "profile"),
    "measure_fast": ("measure", *SOURCE, "--fast"),
    "measure_full": ("measure", *SOURCE, "--full"),
    "align_linear": ("align", *SOURCE, "--method", "whiten", "--out", "new"),
    "align_displacement": ("align", *SOURCE, "--method", "displacement", "--out", "new"),
    "apply_linear_npy": ("apply", "center", "images.npy", "o.npy", "--modality", "image"),
    "apply_displacement": ("apply", "displacement", "images.npy", "o.npy", "--modality", "image"),
    "verify_linear": ("verify", *SOURCE, "--method", "center"),
}


@pytest.mark.parametrize("stage", COMMANDS)
def test_it_says_the_cost_and_does_nothing(dohyo, files, stage):
    said = dohyo(
        *COMMANDS[stage], "--estimate", "--json", "--hourly-price", 36, "--currency", "JPY"
    )
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert set(told) == KEYS
    assert (told["stage"], told["currency"], told["dimension"]) == (stage, "JPY", 16)
    assert told["money"] == pytest.approx(told["seconds"] / 100)
    assert told["seconds"] > 0
    assert told["bytes_memory"] > 50 << 20
    assert not told["extrapolated"]
    assert set(Path().iterdir()) == files


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "Nothing was done"), ("ja", "処理は行っていません")]
)
def test_it_speaks(dohyo, files, lang, word):
    said = dohyo(*COMMANDS["align_linear"], "--estimate", "--lang", lang)
    assert word in said.out


def test_more_rows_than_were_ever_measured_are_told_and_so_is_too_little_memory(dohyo, files):
    rows, width = 10**9, 512
    for name in ("images", "texts"):
        # A header of a billion rows, over a file with a hole.
        with Path(f"{name}.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (rows, width)}
            )
            file.truncate(file.tell() + 4 * rows * width)
    fit = ("align", *SOURCE, "--method", "displacement", "--out", "new", "--estimate")
    told = json.loads(dohyo(*fit, "--json").out)
    assert told["extrapolated"]
    assert told["rows"] == 2 * rows
    said = dohyo(*fit)
    assert "goes beyond" in said.out
    assert "Take fewer rows" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("align", *SOURCE, "--out", "new"),
        ("align", *SOURCE, "--method", "spectral", "--out", "new"),
        ("verify", *SOURCE, "--method", "displacement"),
    ],
)
def test_what_was_never_timed_is_refused(dohyo, files, words):
    said = dohyo(*words, "--estimate")
    assert said.code == 2
    assert "was not measured" in said.err


def test_a_price_below_nothing_is_refused(dohyo, files):
    said = dohyo(*COMMANDS["align_linear"], "--estimate", "--hourly-price", -1)
    assert said.code == 2


def test_there_must_be_a_corpus(dohyo):
    said = dohyo("measure", "--estimate")
    assert said.code == 2
    assert "There is no corpus" in said.err
