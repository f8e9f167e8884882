"""`dohyo monitor proposals, approve, reject, snooze, rollback, four-eyes`."""

import json

import pytest

import dohyo as package
from adjusting import DIM, pairs
from dohyo.corrections.maps.library import Library
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import MONITOR, Proposals
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted

BOSS = Caller("boss", "approver")


@pytest.fixture
def state(tmp_path):
    """A state with a map in service and a monitor's proposal of another one."""
    folder = tmp_path / "dohyo-state"
    ledger, library = Ledger(folder / "service.sqlite"), Library(folder / "maps")
    maps = [
        library.add(package.align(pairs(60, seed=seed), "center", calibrate=1.0)) for seed in (1, 2)
    ]
    rollouts = Rollouts(ledger)
    rollouts.change("goods", Wanted(map=maps[0], stage="on"), BOSS, "")
    wanted = Wanted(map=maps[1], strength=1.0, stage="canary", percent=10.0)
    with ledger.change():
        ledger.rows(
            "INSERT INTO alarms (watch, at, received, kind, detail, adjusted) "
            "VALUES ('w', '2026', '2026', 'drift', '{}', ?)",
            json.dumps({"outcome": "proposed", "copy": "none"}),
        )
    proposals = Proposals(ledger, rollouts)
    proposals.propose("goods", wanted, MONITOR, "[red]better[/]", alarm=1, report="proposals/a")
    yield folder, ledger, rollouts, maps
    ledger.close()


def test_it_is_listed_with_its_reason_and_its_report(dohyo, state):
    said = dohyo("monitor", "proposals").out
    assert "canary 10 %" in said
    assert "[red]better[/]" in said
    assert "report.html" in said
    assert "未決" in dohyo("monitor", "proposals", "--lang", "ja").out
    told = json.loads(dohyo("monitor", "proposals", "--json").out)["proposals"]
    assert told[0]["wanted"]["map"] == state[3][1]


def test_approved_it_is_in_service_and_rolled_back_it_is_gone(dohyo, state):
    _, ledger, rollouts, maps = state
    assert dohyo("monitor", "approve", 1, "--by", "anna", "--why", "convincing").code == 0
    assert (rollouts.of("goods").map, rollouts.of("goods").percent) == (maps[1], 10.0)
    assert ledger.history()[0]["who"] == "anna"
    assert "already" in dohyo("monitor", "approve", 1).err
    assert "no reason" in dohyo("monitor", "rollback").err
    assert dohyo("monitor", "rollback", "--to", "previous", "--why", "worse").code == 0
    assert (rollouts.of("goods").map, rollouts.of("goods").stage) == (maps[0], "on")
    assert ledger.history()[0]["action"] == "went_back"
    assert dohyo("monitor", "rollback", "--why", "worse still").code == 0
    assert rollouts.of("goods").stage == "off"
    assert dohyo("monitor", "proposals").out.strip() == "No proposal."
    assert "approved" in dohyo("monitor", "proposals", "--all").out


def test_rejected_for_a_reason_and_put_off_for_a_time(dohyo, state):
    assert "no reason" in dohyo("monitor", "reject", 1).err
    assert dohyo("monitor", "snooze", 1, "--for", "7d").code == 0
    assert dohyo("monitor", "proposals").out.strip() == "No proposal."
    assert "snoozed until" in dohyo("monitor", "proposals", "--all").out
    assert dohyo("monitor", "snooze", 1, "--for", "400d").code == 2
    assert dohyo("monitor", "reject", 1, "--why", "a test").code == 0
    assert state[2].of("goods").map == state[3][0]


def test_an_alarm_that_is_dealt_with_is_closed(dohyo, state):
    _, ledger, _, _ = state
    assert dohyo("monitor", "close", 1, "--why", "wanted", "--by", "anna").code == 0
    assert ledger.rows("SELECT state FROM alarms") == [{"state": "closed"}]
    assert (ledger.history()[0]["action"], ledger.history()[0]["who"]) == ("alarm_closed", "anna")
    assert "no such alarm" in dohyo("monitor", "close", 9).err


def test_four_eyes_need_two_names(dohyo, state):
    assert dohyo("monitor", "four-eyes", "on").code == 0
    assert "--by" in dohyo("monitor", "approve", 1).err
    assert "first approval" in dohyo("monitor", "approve", 1, "--by", "anna").out
    assert "anna" in dohyo("monitor", "proposals").out
    assert "already" in dohyo("monitor", "approve", 1, "--by", "Anna").err
    assert state[2].of("goods").map == state[3][0]
    assert dohyo("monitor", "approve", 1, "--by", "bert").code == 0
    assert state[2].of("goods").map == state[3][1]
    assert dohyo("monitor", "four-eyes", "off").code == 2
    assert dohyo("monitor", "four-eyes", "off", "--why", "I am alone").code == 0


def test_a_copy_that_was_not_made_keeps_a_map_out_of_service(dohyo, state, tmp_path):
    import lancedb
    import numpy as np
    import pyarrow as pa

    _, ledger, rollouts, maps = state
    with ledger.change():
        ledger.rows('UPDATE alarms SET adjusted = \'{"copy": "missing"}\'')
    assert "not made beforehand" in dohyo("monitor", "approve", 1).err
    rows = np.concatenate([pairs(60).image, pairs(60).text])
    vector = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), DIM)
    table = pa.table({"id": list(map(str, range(len(rows)))), "vector": vector})
    lancedb.connect(tmp_path / "db").create_table("goods", table)
    said = dohyo("monitor", "approve", 1, "--store", f"lancedb://{tmp_path / 'db'}")
    assert "no copy" in said.err
    assert rollouts.of("goods").map == maps[0]


def test_a_map_that_is_gone_is_not_put_in_service(dohyo, state):
    import shutil

    shutil.rmtree(state[0] / "maps" / state[3][1])
    assert "no longer there" in dohyo("monitor", "approve", 1).err


@pytest.mark.parametrize(
    "wrong",
    [
        ("approve", 99),
        ("reject", 99, "--why", "x"),
        ("snooze", 1, "--for", "soon"),
        ("rollback", "--why", "x", "--collection", "other"),
        ("rollback", "--why", "x", "--to", "previous"),
        ("approve", 1, "--by", "a\nb"),
        ("four-eyes", "perhaps"),
        ("close", 0),
        ("proposals", "--state", "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(dohyo, state, wrong):
    said = dohyo("monitor", *wrong)
    assert said.code == 2
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err
