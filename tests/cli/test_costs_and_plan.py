"""Costs are checked in words, value comes out of run and verify, and a plan is written whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays


@pytest.fixture
def costs_file(dohyo) -> Path:
    assert dohyo("costs", "--init", "costs.toml", "--quiet").code == 0
    return Path("costs.toml")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_template_is_written_and_said_again_in_words(dohyo, language):
    assert "costs.toml" in dohyo("costs", "--init", "costs.toml", "--lang", language).out
    said = dohyo("costs", "costs.toml", "--lang", language)
    assert said.code == 0
    assert (
        "10,000 (5,000 to 15,000)" if language == "en" else "10,000（5,000 ～ 15,000）"
    ) in said.out
    document = json.loads(dohyo("costs", "costs.toml", "--json").out)
    assert document["currency"] == ("USD" if language == "en" else "JPY")
    assert document["mixed_share"] == {"low": 0.1, "likely": 0.2, "high": 0.4}


def test_a_template_goes_to_standard_output_without_a_file(dohyo):
    said = dohyo("costs", "--init")
    assert "searches_per_day = [5000, 10000, 15000]" in said.out
    assert list(Path().iterdir()) == []


def test_a_template_replaces_nothing_unless_told_to(dohyo, costs_file):
    costs_file.write_text("mine")
    assert dohyo("costs", "--init", costs_file).code == 2
    assert costs_file.read_text() == "mine"
    assert dohyo("costs", "--init", costs_file, "--overwrite").code == 0
    assert costs_file.read_text() != "mine"


BAD = {
    "missing": ("day_rate = 600", "", "day_rate is missing"),
    "negative": ("day_rate = 600", "day_rate = -600", "day_rate is negative"),
    "unknown": ("day_rate = 600", "day_rate = 600\ntea = 1", "tea is no cost"),
    "type": ("day_rate = 600", 'day_rate = "much"', "day_rate is 'much'"),
    "order": ("day_rate = 600", "day_rate = [9, 8, 7]", "day_rate runs from"),
    "toml": ("day_rate = 600", "day_rate 600", "is not TOML"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("command", ["costs", "run", "verify", "plan"])
def test_a_bad_cost_file_is_one_line_and_nothing_is_written(
    dohyo, corpus_file, costs_file, command, case
):
    old, new, said_so = BAD[case]
    text = costs_file.read_text(encoding="utf-8")
    assert old in text
    costs_file.write_text(text.replace(old, new), encoding="utf-8")
    arguments = {
        "costs": ("costs", costs_file),
        "run": ("run", corpus_file, "--out", "out", "--costs", costs_file),
        "verify": ("verify", corpus_file, "--method", "center", "--costs", costs_file),
        "plan": ("plan", corpus_file, "--out", "out", "--costs", costs_file),
    }[command]
    said = dohyo(*arguments)
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "costs.toml" in said.err
    assert said_so in said.err
    assert not Path("out").exists()


def test_no_file_to_check_is_told(dohyo):
    assert dohyo("costs").code == 2


def test_verify_tells_the_value_and_holds_it_in_json(dohyo, corpus_file, costs_file):
    options = ("verify", corpus_file, "--method", "displacement", "--costs", costs_file)
    document = json.loads(dohyo(*options, "--json").out)
    value = document["value"]
    assert value["shown"] == (document["decision"]["verdict"] == "correct")
    assert set(value) >= {
        "net_value_per_month", "payback_months", "first_year_value", "saved_hours_per_month",
        "break_even", "tornado", "assumptions",
    }  # fmt: skip
    assert "a month" in dohyo(*options).out
    without = json.loads(dohyo("verify", corpus_file, "--method", "center", "--json").out)
    assert without["value"] is None


def test_run_and_plan_tell_one_story(dohyo, corpus_file, costs_file):
    said = dohyo("run", corpus_file, "--out", "out", "--no-stress", "--costs", costs_file, "--json")
    report = json.loads(said.out)
    assert report["value"]["shown"]
    plan = json.loads(dohyo("plan", "out", "--out", "plan", "--json").out)
    assert {path.name for path in Path("plan").iterdir()} == {
        "plan.json", "plan.en.html", "plan.ja.html",
    }  # fmt: skip
    assert plan == json.loads(Path("plan/plan.json").read_text(encoding="utf-8"))
    assert plan["value"] == report["value"]
    names = [stage["name"] for stage in plan["stages"]]
    assert names == ["measure", "pilot", "shadow", "roll_out", "monitor"]
    assert all(stage["cost"] is not None for stage in plan["stages"][1:])
    commands = [each for stage in plan["stages"] for each in stage["commands"]]
    assert any("out/map" in each for each in commands)
    assert dohyo("plan", "out", "--out", "plan").code == 2  # in the way
    # Other costs give another value; the report is left as it was.
    Path("dear.toml").write_text(
        costs_file.read_text().replace("day_rate = 600", "day_rate = 6000"), encoding="utf-8"
    )
    dear = json.loads(
        dohyo("plan", "out/report.json", "--out", "dear", "--costs", "dear.toml", "--json").out
    )
    assert dear["value"]["one_off_cost"]["value"] > plan["value"]["one_off_cost"]["value"]


def test_a_corpus_without_a_report_is_judged_first(dohyo, corpus_file):
    plan = json.loads(dohyo("plan", corpus_file, "--out", "plan", "--json").out)
    assert plan["verdict"] == "correct"
    assert plan["value"] is None
    assert all(stage["cost"] is None for stage in plan["stages"])
    assert "dohyo costs --init" in Path("plan/plan.en.html").read_text(encoding="utf-8")


def test_a_refused_correction_has_the_other_plan(dohyo, saved, costs_file):
    rng = np.random.default_rng(9)
    path = saved(**arrays() | {"text": rng.normal(size=(60, 16)).astype(np.float32)})
    plan = json.loads(dohyo("plan", path, "--out", "plan", "--costs", costs_file, "--json").out)
    assert [stage["name"] for stage in plan["stages"]] == ["keep", "examine", "ask_again"]
    assert plan["value"]["standing"] == "verdict"
    page = Path("plan/plan.ja.html").read_text(encoding="utf-8")
    assert "揃えるべき対応関係がありません" in page  # the reason, in the page's own language


def test_too_little_data_is_to_be_collected(dohyo, saved):
    plan = json.loads(dohyo("plan", saved(**arrays(10)), "--out", "plan", "--json").out)
    assert [stage["name"] for stage in plan["stages"]] == ["collect", "measure_again", "decide"]
    assert plan["stages"][0]["gates"][0]["figures"]["groups"] >= 40


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"decision": {}}'])
def test_a_report_that_is_none_is_told_in_one_line(dohyo, content):
    Path("out").mkdir()
    Path("out/report.json").write_text(content)
    said = dohyo("plan", "out", "--out", "plan")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "out/report.json" in said.err
    assert not Path("plan").exists()
