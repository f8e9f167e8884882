"""dohyo compare and dohyo check, and the page that dohyo measure writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays
from tests.cli.test_bad_input import refused

from dohyo.measures.profile import Profile


@pytest.fixture
def two(dohyo, corpus_file, tmp_path):
    """A measured corpus in `one/`, and another still to be measured."""
    rng = np.random.default_rng(9)
    np.savez(
        tmp_path / "control.npz",
        image=arrays()["image"],
        text=rng.permutation(arrays()["text"]),
    )
    assert dohyo("measure", corpus_file, "--out", "one", "--quiet").code == 0
    return dohyo


def report_file(**sides) -> None:
    Path("run").mkdir()
    document = {"measure": sides | {"absent": {}}}
    Path("run/report.json").write_text(json.dumps(document), encoding="utf-8")


def test_measure_writes_the_page_and_everything_in_it(two):
    held = json.loads(Path("one/profile.json").read_text(encoding="utf-8"))
    assert {"measure", "absent", "components", "spectrum", "clusters", "scores"} <= set(held)
    assert held["components"][0]["name"] == "gap"
    page = Path("one/profile.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert 'lang="en"' in page
    refused(two("measure", "corpus.npz", "--out", "one"), "not empty")
    again = two("measure", "corpus.npz", "--out", "one", "--overwrite", "--lang", "ja", "--quiet")
    assert again.code == 0
    assert 'lang="ja"' in Path("one/profile.html").read_text(encoding="utf-8")


def test_profiles_folders_reports_and_corpora_compare(two):
    before = json.loads(Path("one/profile.json").read_text(encoding="utf-8"))["measure"]
    report_file(before=before, after={k: before[k] for k in ("mmd", "pairing_signal")})
    sources = ("one", "one/profile.json", "run", "run:after", "run/report.json:before")
    said = two("compare", *sources, "control.npz", "--json")
    document = json.loads(said.out)
    assert said.code == 0
    names = [each["name"] for each in document["profiles"]]
    assert names == ["one", "one (2)", "run", "run:after", "run:before", "control"]
    assert document["profiles"][0]["measure"] == before
    assert document["profiles"][2]["measure"] == before
    assert set(document["profiles"][3]["measure"]) == {"mmd", "pairing_signal"}
    same = [d for d in document["differences"] if (d["first"], d["second"]) == (0, 1)]
    assert all(each["change"] == 0 and each["z"] in (0, None) for each in same)
    signal = [d for d in document["differences"] if d["measure"] == "pairing_signal"]
    last = next(d for d in signal if (d["first"], d["second"]) == (0, 5))
    assert last["adjusted"] < 0.05
    assert document["tests"] == sum(d["p"] is not None for d in document["differences"])


def test_compare_writes_its_page_whole_or_not_at_all(two):
    said = two("compare", "one", "control.npz", "--out", "side", "--lang", "ja")
    assert said.code == 0
    assert "Holm" in said.out
    assert sorted(each.name for each in Path("side").iterdir()) == ["compare.html", "compare.json"]
    assert 'lang="ja"' in Path("side/compare.html").read_text(encoding="utf-8")
    refused(two("compare", "one", "control.npz", "--out", "side"), "not empty")
    refused(two("compare", "one", "nothing.npz", "--out", "other"), "nothing.npz")
    assert not Path("other").exists()


def test_what_is_no_profile_is_refused_in_one_line(two):
    refused(two("compare", "one"), "A comparison of 1 cannot be made")
    refused(two("compare", "one", "nowhere"), "nowhere")
    refused(two("compare", "one", "one:after"), "no side after")
    refused(two("compare", "one", "control.npz:after"), "control.npz:after")
    for text in ("", "[]", "{", "3", '{"measure": {}}', '{"measure": {"mmd": {"value": 1}}}'):
        Path("bad.json").write_text(text, encoding="utf-8")
        refused(two("compare", "one", "bad.json"), "bad.json")
    entry = {"value": 1, "low": 2, "high": 1, "n": 3, "seed": 0, "reference": 0}
    for wrong in ({"low": 2}, {"value": "a"}, {"value": None}, {"high": float("nan")}):
        Path("bad.json").write_text(json.dumps({"measure": {"mmd": entry | wrong}}))
        refused(two("compare", "one", "bad.json"), "bad.json is not a profile")


def test_check_ends_with_3_only_when_the_interval_is_wholly_past(two):
    found = Profile.from_json(json.loads(Path("one/profile.json").read_text())["measure"])
    rmg = found.estimates["relative_modality_gap"]
    middle = (rmg.low + rmg.high) / 2
    for at, code in ((rmg.high + 0.01, 0), (middle, 0), (rmg.low - 0.01, 3)):
        assert two("check", "one", "--max", f"rmg={at}").code == code
    assert two("check", "one", "--min", "pairing_signal=0.1").code == 0
    said = two("check", "control.npz", "--min", "signal=0.5", "--max", "rmg=1", "--json")
    assert said.code == 3
    document = json.loads(said.out)
    assert not document["passed"]
    assert [each["standing"] for each in document["limits"]] == ["within", "past"]


def test_check_reads_limits_from_a_file(two):
    Path("limits.toml").write_text("[max]\nrmg = 0.01\n[min]\npairing_signal = 0.1\n")
    said = two("check", "one", "--limits", "limits.toml")
    assert said.code == 3
    assert said.out.count("\n") == 3


def test_limits_that_make_no_sense_are_refused_in_one_line(two):
    refused(two("check", "one"), "no limit")
    refused(two("check", "one", "--max", "rmg"), "rmg=0.3")
    refused(two("check", "one", "--max", "rgm=0.3"), "rgm", "rmg")
    refused(two("check", "one", "--max", "rmg=lots"), "lots")
    refused(two("check", "one", "--max", "rmg=30"), "0 to 1")
    refused(two("check", "one", "--limits", "nothing.toml"), "nothing.toml")
    for text in ("[max", "[most]\nrmg = 1", "max = 3", "[max]\nrmg = 'x'"):
        Path("limits.toml").write_text(text)
        refused(two("check", "one", "--limits", "limits.toml"))
    two("measure", "corpus.npz", "--unpaired", "--out", "loose", "--quiet")
    refused(two("check", "loose", "--min", "signal=0.1"), "pairing_signal cannot be checked")
