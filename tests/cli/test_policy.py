"""dohyo policy: a template, a check, and one line for what is wrong."""

import json
from pathlib import Path

import pytest
from tests.cli.test_bad_input import refused

from dohyo.decision.policy import Policy


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_template_is_written_once_and_passes_the_check(dohyo, language):
    assert dohyo("policy", "--init", "mine.toml", "--lang", language).code == 0
    before = Path("mine.toml").read_bytes()
    refused(dohyo("policy", "--init", "mine.toml"), "mine.toml exists already", "--overwrite")
    assert Path("mine.toml").read_bytes() == before
    assert dohyo("policy", "--init", "mine.toml", "--overwrite").code == 0
    checked = dohyo("policy", "mine.toml", "--json")
    assert (checked.code, json.loads(checked.out)) == (0, Policy().to_json())


def test_without_a_file_the_template_goes_to_standard_output(dohyo):
    said = dohyo("policy", "--init")
    assert said.code == 0
    Path("piped.toml").write_text(said.out, encoding="utf-8")
    assert dohyo("policy", "piped.toml").code == 0


def test_a_check_tells_what_was_set(dohyo):
    Path("mine.toml").write_text("recall_margin = 0.01\n")
    said = dohyo("policy", "mine.toml")
    assert said.code == 0
    assert "recall_margin" in said.out
    assert "0.01" in said.out
    assert " set " in said.out


def test_a_bad_policy_is_refused_in_one_line(dohyo, corpus_file):
    Path("bad.toml").write_text("level = 2\n")
    refused(dohyo("policy", "bad.toml"), "bad.toml: level is 2, outside")
    refused(dohyo("policy"), "no policy to check")
    refused(dohyo("policy", "none.toml"), "none.toml does not exist")
    for command in (
        ("verify", corpus_file, "--method", "center"),
        ("align", corpus_file, "--out", "map"),
        ("run", corpus_file, "--out", "out"),
    ):
        refused(dohyo(*command, "--policy", "bad.toml"), "bad.toml: level")
    assert not Path("map").exists()
    assert not Path("out").exists()


def test_a_policy_is_kept_to_and_printed(dohyo, corpus_file):
    Path("strict.toml").write_text("minimum_groups = 61\n")
    said = dohyo("verify", corpus_file, "--method", "center", "--policy", "strict.toml", "--json")
    told = json.loads(said.out)["decision"]
    assert told["verdict"] == "insufficient_data"
    assert told["policy"]["minimum_groups"] == 61
    said = dohyo(
        *("verify", corpus_file, "--method", "center", "--policy", "strict.toml", "--json"),
        "--static",
    )
    assert json.loads(said.out)["decision"]["policy"]["growing"] == 0


def test_a_report_and_a_map_keep_to_the_policy(dohyo, corpus_file):
    Path("strict.toml").write_text("minimum_groups = 61\n")
    assert dohyo("run", corpus_file, "--policy", "strict.toml", "--out", "out").code == 0
    told = json.loads(Path("out/report.json").read_text())["decision"]
    assert (told["verdict"], told["policy"]["minimum_groups"]) == ("insufficient_data", 61)
    said = dohyo("align", corpus_file, "--policy", "strict.toml", "--out", "map", "--json")
    assert json.loads(said.out)["method"] == "none"
