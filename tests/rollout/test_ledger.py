"""A ledger of an earlier version goes on with all that was in it; a full disk is one error."""

import sqlite3

import pytest

from dohyo.errors import UsageError
from dohyo.rollout import schema
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import Proposals
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted

BOSS = Caller("boss", "approver")
NEW = {"watches", "batches", "counts", "alarms", "outbox", "approvals", "settings"}


@pytest.fixture
def first(tmp_path):
    """A ledger of the first version, with a row in every table."""
    file = tmp_path / "service.sqlite"
    db = sqlite3.connect(file, isolation_level=None)
    db.executescript(schema.FIRST)
    db.execute("PRAGMA user_version = 1")
    rows = {
        "audit": (1, "2026-01-01", "boss", "approver", "rollout", "goods", "why", "{}"),
        "rollouts": ("goods", "on", 0.0, "m", 1.0, 0.0),
        "proposals": (7, "2026", "w", "goods", '{"stage": "off"}', "y", "open", None, None, None),
        "tokens": ("team", b"h", b"s", "viewer", "2026", None, None),
        "feedback": ("s", 1, "click", "goods", "raw", "a", None, "2026"),
        "shadow": ("goods", "m", "2026-01-01T00", "{}"),
        "secrets": ("key", b"\x00\xff"),
    }
    for table, row in rows.items():
        db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    db.close()
    return file, rows


def test_the_first_version_goes_on_with_everything_in_it(first):
    file, rows = first
    ledger = Ledger(file)
    for table, row in rows.items():
        (found,) = ledger.rows(f"SELECT * FROM {table}")
        assert tuple(found.values())[: len(row)] == row
    there = {row["name"] for row in ledger.rows("SELECT name FROM sqlite_master")}
    assert there >= NEW
    assert ledger.rows("PRAGMA user_version")[0]["user_version"] == len(schema.VERSIONS)
    assert Rollouts(ledger).of("goods").stage == "on"
    Proposals(ledger, Rollouts(ledger)).decide(7, BOSS, "", approve=True)
    assert Rollouts(ledger).of("goods").stage == "off"
    ledger.close()
    again = Ledger(file)
    assert len(again.history()) == 3
    again.close()


def test_a_move_to_the_next_version_that_fails_leaves_the_old_one(first, monkeypatch):
    file, _ = first
    broken = (schema.FIRST, schema.MONITOR + "CREATE TABLE watches (name TEXT);")
    monkeypatch.setattr(schema, "VERSIONS", broken)
    with pytest.raises(UsageError, match="watches already exists"):
        Ledger(file)
    db = sqlite3.connect(file)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert not db.execute("SELECT * FROM sqlite_master WHERE name = 'watches'").fetchall()
    db.close()
    monkeypatch.undo()
    Ledger(file).close()


def test_a_ledger_of_the_future_is_refused_and_left_as_it_is(first):
    file, _ = first
    db = sqlite3.connect(file)
    db.execute(f"PRAGMA user_version = {len(schema.VERSIONS) + 1}")
    db.close()
    before = file.read_bytes()
    with pytest.raises(UsageError, match="newer dohyo"):
        Ledger(file)
    assert file.read_bytes() == before


def both(ledger):
    with ledger.change():
        ledger.secret("small", b"x")
        ledger.secret("large", b"x" * 1_000_000)


def test_a_full_disk_is_one_error_and_the_ledger_can_be_used_after(tmp_path):
    ledger = Ledger(tmp_path / "service.sqlite")
    pages = ledger.rows("PRAGMA page_count")[0]["page_count"]
    ledger.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        both(ledger)
    assert ledger.rows("SELECT * FROM secrets") == []
    ledger.rows("PRAGMA max_page_count = 1000000")
    Rollouts(ledger).change("goods", Wanted(map="m"), BOSS, "")
    assert ledger.secret("large", b"y") == b"y"
    ledger.close()
