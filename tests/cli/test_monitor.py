"""`dohyo monitor replay`: history through the watch, from a folder."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from dohyo.errors import UsageError
from dohyo.monitor.replay import days_of


@pytest.fixture
def history(tmp_path):
    """Sixty days, the pictures moved from the fiftieth on; one file is broken."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "batches"
    folder.mkdir()
    for day in range(60):
        meaning = rng.normal(size=(40, 8)) / 3
        moved = 1.0 + (0.8 if day >= 50 else 0.0)
        image = meaning + moved * np.eye(8)[0] + rng.normal(size=(40, 8)) / 4
        text = meaning - np.eye(8)[0] + rng.normal(size=(40, 8)) / 4
        name = (date(2026, 1, 1) + timedelta(day)).isoformat()
        np.savez(folder / f"{name}.npz", image=image, text=text)
    (folder / "2026-02-01.npz").write_bytes(b"broken")
    return folder


def test_a_change_is_dated_and_a_broken_file_is_counted(history, dohyo, tmp_path):
    asked = ("monitor", "replay", history, "--learn", "5", "--picture", tmp_path / "e.svg")
    said = dohyo(*asked, "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["batches_between_false_alarms"] == 180
    alarms = [each for each in found["batches"] if each["alarm"]]
    assert alarms
    assert "2026-02-20" <= alarms[0]["file"][:10] <= "2026-02-27"
    assert [b["file"] for b in found["batches"] if b["phase"] == "refused"] == ["2026-02-01.npz"]
    assert "<svg" in (tmp_path / "e.svg").read_text()
    plain = dohyo(*asked, "--overwrite", "--lang", "ja")
    assert "変化を検知しました" in plain.out
    assert dohyo(*asked).code == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ("nowhere",),
        (".",),
        ("batches", "--false-alarm-every", "soon"),
        ("batches", "--batch-every", "0d"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(history, dohyo, wrong):
    said = dohyo("monitor", "replay", *wrong)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_a_season_needs_dates(history, dohyo):
    (history / "latest.npz").write_bytes((history / "2026-01-01.npz").read_bytes())
    said = dohyo("monitor", "replay", history, "--season", "weekday")
    assert said.code == 2
    assert "latest.npz" in said.err


def test_lengths_of_time():
    assert days_of("180d") == 180
    assert days_of("12h") == 0.5
    assert days_of("2w") == 14
    for wrong in ("", "d", "0h", "-1d", "1y"):
        with pytest.raises(UsageError):
            days_of(wrong)
