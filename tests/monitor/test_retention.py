"""Single batches are forgotten in time; alarms never are, and nothing forgotten counts again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.monitor.stream import FIRST, QUICK, Clock, batch

from dohyo.monitor import Watch, retention
from dohyo.rollout.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def watch(ledger, monkeypatch):
    monkeypatch.setattr(retention, "OFTEN", 5)
    monkeypatch.setattr("dohyo.monitor.watch.OFTEN", 5)
    clock = Clock()
    found = Watch(ledger, "goods", QUICK | {"keep_days": 30.0}, clock=clock)

    def day(number, **changed):
        clock.now = FIRST + timedelta(days=number, hours=1)
        return found.take(batch(number, **changed))

    return found, day


def test_batches_are_forgotten_after_their_time_and_alarms_are_not(watch, ledger):
    watched, day = watch
    for number in range(12):
        day(number)
    for number in range(12, 100):
        day(number, shift=3.0)
    rows = watched.batches()
    assert 30 <= len(rows) <= 30 + 6
    assert rows[-1]["id"] == "day 99"
    assert watched.alarms()[-1]["detail"]["began_batch"] in {f"day {n}" for n in range(10, 16)}
    assert sum(watched.standing().counts.values()) == 100


def test_what_is_forgotten_is_late_when_it_comes_again_and_leaves_no_row(watch):
    watched, day = watch
    for number in range(60):
        day(number)
    assert watched.knows("day 3", FIRST + timedelta(days=3))
    assert not watched.knows("day 60", FIRST + timedelta(days=60))
    rows, saved = len(watched.batches()), watched.monitor().save()
    for _ in range(20):
        again = watched.take(batch(3))
        assert again.outcome == "late"
    assert len(watched.batches()) <= rows
    assert watched.monitor().save() == saved


def test_bad_batches_of_any_time_are_forgotten_by_when_they_came(watch):
    watched, day = watch
    for number in range(40):
        day(number)
        watched.take(replace(batch(number), id=f"future {number}", at=FIRST.replace(year=2999)))
        watched.take(replace(batch(number), id=f"ancient {number}", at=FIRST.replace(year=1)))
        assert not [row for row in watched.batches() if row["id"].startswith("ancient")]
    for number in range(40, 80):
        day(number)
    assert not [row for row in watched.batches() if row["id"].startswith(("future", "ancient"))]


def test_the_file_does_not_grow_without_bound(watch, ledger, monkeypatch):
    watched, day = watch
    monkeypatch.setattr(retention, "MOST_ROWS", 40)
    for number in range(120):
        day(number)
        if number == 60:
            before = ledger.rows("PRAGMA page_count")[0]["page_count"]
    for number in range(200):  # a flood of names within one day
        watched.take(replace(batch(120), id=f"flood {number}", why="x" * 10_000))
    assert len(watched.batches()) <= 45
    assert ledger.rows("PRAGMA page_count")[0]["page_count"] <= 1.3 * before
