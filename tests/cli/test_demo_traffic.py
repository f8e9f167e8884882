"""`dohyo demo --traffic` writes days for a watch."""

import json
from datetime import UTC, datetime
from pathlib import Path


def test_the_command_writes_one_dated_file_a_day_that_ends_today(dohyo):
    asked = ("demo", "--traffic", "days", "--batches", 3, "--pictures", 10, "--drift-after", 2)
    told = json.loads(dohyo(*asked, "--json").out)
    assert told["files"] == sorted(each.name for each in Path("days").iterdir())
    assert told["files"][-1] == f"{datetime.now(UTC).date()}.npz"
    assert told["changed_from"] == told["files"][2]
    again = dohyo(*asked)
    assert again.code == 2
    assert "exists" in again.err


def test_wrong_wishes_are_one_sentence(dohyo):
    said = dohyo("demo", "--traffic", "days", "--drift", "purple")
    assert said.code == 2
    assert "none, blurred, framed, bright" in said.err
    assert said.err.count("\n") == 1
    said = dohyo("demo", "--traffic", "days", "--pictures", 10, "--ask", "http://127.0.0.1:9")
    assert said.code == 2
    assert "dohyo serve --demo" in said.err


def test_items_go_into_a_shop_that_is_there_alone(dohyo):
    said = dohyo("demo", "--traffic", "days", "--pictures", 10, "--into", "nowhere")
    assert said.code == 2
    assert "dohyo serve --demo nowhere" in said.err
