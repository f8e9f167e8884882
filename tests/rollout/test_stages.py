"""Changes of a roll-out: sensible, durable, audited, never half done."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.errors import UsageError
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import Proposals
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import STAGES, Rollout, Rollouts, Wanted, part_of

BOSS = Caller("boss", "approver")


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


def test_every_change_is_in_the_audit_with_who_and_why(ledger):
    rollouts = Rollouts(ledger)
    rollouts.change("goods", Wanted(map="m"), BOSS, "first")
    rollouts.change("goods", Wanted(stage="canary", percent=5.0), BOSS, "try it")
    latest = ledger.history()[0]
    assert (latest["who"], latest["why"]) == ("boss", "try it")
    assert latest["detail"]["before"]["stage"] == "off"
    assert latest["detail"]["after"] == rollouts.of("goods").to_json()
    assert [row["number"] for row in ledger.history(1, before=latest["number"])] == [1]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(stage="on"),  # no map yet
        Wanted(map="m", stage="canary"),
        Wanted(map="m", stage="canary", percent=101.0),
        Wanted(map="m", stage="nothing"),
        Wanted(interleave=1.5),
    ],
)
def test_senseless_changes_are_refused_and_leave_no_trace(ledger, wanted):
    with pytest.raises(Refusal):
        Rollouts(ledger).change("goods", wanted, BOSS, "")
    assert ledger.history() == []


def test_another_map_begins_at_off(ledger):
    rollouts = Rollouts(ledger)
    rollouts.change("goods", Wanted(map="m", stage="on"), BOSS, "")
    assert rollouts.change("goods", Wanted(map="n"), BOSS, "").stage == "off"
    rollouts.change("goods", Wanted(stage="on"), BOSS, "")
    assert rollouts.change("goods", Wanted(strength=0.5, map="n"), BOSS, "").stage == "off"


def test_another_process_sees_a_change_at_once(ledger):
    here = Rollouts(ledger)
    here.change("goods", Wanted(map="m", stage="on"), BOSS, "")
    other = Ledger(ledger.path)
    Rollouts(other).change("goods", Wanted(stage="off"), BOSS, "")
    assert here.of("goods").stage == "off"
    other.close()


def test_a_proposal_is_decided_once(ledger):
    rollouts = Rollouts(ledger)
    proposals = Proposals(ledger, rollouts)
    rollouts.change("goods", Wanted(map="m"), BOSS, "")
    worker = Caller("worker", "operator")
    first = proposals.propose("goods", Wanted(stage="shadow"), worker, "ready")
    second = proposals.propose("goods", Wanted(stage="on"), worker, "bold")
    with pytest.raises(Refusal, match="worker is operator"):
        proposals.decide(first, worker, "", approve=True)
    assert proposals.decide(first, BOSS, "", approve=True)["state"] == "approved"
    assert rollouts.of("goods").stage == "shadow"
    with pytest.raises(Refusal, match="approved already"):
        proposals.decide(first, BOSS, "no", approve=False)
    with pytest.raises(Refusal, match="no reason"):
        proposals.decide(second, BOSS, " ", approve=False)
    assert proposals.decide(second, BOSS, "too early", approve=False)["reason"] == "too early"
    assert rollouts.of("goods").stage == "shadow"
    assert [each["number"] for each in proposals.listed(only_open=True)] == []
    with pytest.raises(Refusal, match="no such"):
        proposals.decide(99, BOSS, "", approve=True)


@given(st.text(max_size=50), st.floats(0, 100), st.floats(0, 100))
def test_a_key_that_a_canary_corrects_stays_corrected_as_it_grows(key, first, second):
    low, high = sorted((first, second))
    at = {p: Rollout(collection="c", stage="canary", percent=p, map="m") for p in (low, high)}
    assert at[high].corrects(key) or not at[low].corrects(key)


def test_keys_spread_evenly():
    parts = [part_of(f"user {n}", "c") for n in range(4_000)]
    for edge in (0.1, 0.5, 0.9):
        share = sum(part < edge for part in parts) / len(parts)
        assert abs(share - edge) < 0.03


def test_a_ledger_that_is_none_and_one_of_the_future_are_refused(tmp_path):
    (tmp_path / "no.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="Cannot use"):
        Ledger(tmp_path / "no.sqlite")
    import sqlite3

    db = sqlite3.connect(tmp_path / "new.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UsageError, match="newer"):
        Ledger(tmp_path / "new.sqlite")


WRITER = """
import sys
from pathlib import Path
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted
rollouts, boss = Rollouts(Ledger(Path(sys.argv[1]))), Caller("boss", "approver")
for n in range(10**6):
    stage = ("shadow", "canary", "on", "off")[n % 4]
    rollouts.change("goods", Wanted(map="m", stage=stage, percent=5.0), boss, str(n))
    print(n, stage, flush=True)
"""


def test_killed_at_twenty_moments_state_and_audit_agree_and_nothing_told_is_lost(tmp_path):
    file = tmp_path / "service.sqlite"
    Ledger(file).close()
    rng = random.Random(0)
    for _ in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(file)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.random() * 0.05)
        os.kill(writer.pid, signal.SIGKILL)
        told = [line for line in writer.stdout.read().splitlines() if line.count(" ") == 1]
        writer.stdout.close()
        writer.wait()
        begun = time.monotonic()
        ledger = Ledger(file)
        assert time.monotonic() - begun < 3
        latest = ledger.history(1)[0]
        assert latest["detail"]["after"] == Rollouts(ledger).of("goods").to_json()
        assert latest["detail"]["after"]["stage"] in STAGES
        if told:
            assert int(latest["why"]) >= int(told[-1].split()[0])
        ledger.close()


def test_the_audit_detail_is_json(ledger):
    ledger.audit(BOSS, "x", "y", "z", {"a": 1})
    assert json.dumps(ledger.history()[0]["detail"]) == '{"a": 1}'
