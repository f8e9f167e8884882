"""From an alarm to at most one proposal, and never further than the policy allows."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dohyo.decision.reason import Reason
from dohyo.decision.verdict import refused
from dohyo.monitor import book
from dohyo.monitor.adjust.adjusted import Adjusted
from dohyo.monitor.adjust.follow_up import FollowUp, follow_up, to_follow_up
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Wanted
from dohyo.words import Words

POLICIES = ("notify", "propose", "auto-conservative")


def followed(world, policy="propose", **given):
    settings = AdjustSettings(policy=policy, least_groups=given.pop("least", 50))
    by = FollowUp(read=world.batches.get, settings=settings, **given)
    return follow_up(world.ledger, world.alarm, world.memory, by)


@pytest.fixture
def nothing_helps(monkeypatch, short):
    """Let no correction pass on the recent data."""
    from types import SimpleNamespace

    from dohyo.decision.policy import Policy

    answer = refused("do_not_correct", (Reason("none_passes"),), Policy(), 0)
    found = SimpleNamespace(decision=answer, fitted=None)
    monkeypatch.setattr("dohyo.monitor.adjust.case.write_proof", lambda *_, **__: found)


def test_a_better_map_is_proposed_with_its_proof_and_nothing_in_service_changes(
    world, centred, short
):
    here = world(map_=centred)
    before = here.rollout
    answer = followed(here)
    assert answer.outcome == "proposed"
    assert here.rollout == before
    (row,) = here.proposals.listed()
    assert (row["by"], row["alarm"], row["state"]) == ("monitor", here.alarm, "open")
    assert row["wanted"]["stage"], row["wanted"]["percent"] == ("canary", 10.0)
    assert row["wanted"]["map"] != here.map
    assert row["wanted"]["map"] in here.library
    folder = here.state / row["report"]
    assert {each.name for each in folder.iterdir()} == {
        *("report.html", "report.json", "map", "explanation.json")
    }
    told = json.loads((folder / "explanation.json").read_text())
    assert told == here.row["explained"]
    assert answer.contest["mixed_ndcg_at_10_change"]["low"] > 0
    assert answer.contest["remembered"]["n"] == 60
    assert (
        answer.contest["remembered"]["value"]
        < 0
        < answer.contest["mixed_ndcg_at_10_change"]["value"]
    )
    assert "60 groups" in row["why"]
    assert "remembered pairs" in row["why"]
    assert "worse beyond chance" in row["why"]  # it was fitted on the new ones alone
    assert "グループ" in Adjusted.from_json(here.row["adjusted"]).say(Words("ja"))


def test_it_makes_one_proposal_however_often_it_is_killed_and_begun_again(world, centred, short):
    here = world(map_=centred)
    first = followed(here)
    assert followed(here).proposal == first.proposal
    left = here.state / "proposals" / f".alarm-{here.alarm}.abcdef"
    left.mkdir()
    (left / "half").write_text("half")
    (here.state / "proposals" / "alarm-1" / "report.html").unlink()
    with here.ledger.change():  # as if it had been killed before the last line was written
        here.ledger.rows("UPDATE alarms SET adjusted = NULL, explained = NULL")
    assert to_follow_up(here.ledger, "w") == [here.alarm]
    assert followed(here).proposal == first.proposal
    assert len(here.proposals.listed()) == 1
    assert not left.exists()
    assert (here.state / "proposals" / "alarm-1" / "report.html").exists()
    assert to_follow_up(here.ledger, "w") == []


def test_notify_makes_no_proposal_and_no_folder(world, centred):
    here = world(map_=centred)
    assert followed(here, "notify").outcome == "notified"
    assert here.proposals.listed() == []
    assert not (here.state / "proposals").exists()


def test_too_little_data_waits_says_how_much_is_needed_and_gives_up_in_the_end(world, centred):
    here = world(map_=centred)
    answer = followed(here, least=100)
    assert (answer.outcome, answer.groups, answer.needed) == ("waiting", 60, 100)
    assert "about 100 are needed" in answer.say(Words())
    assert to_follow_up(here.ledger, "w") == [here.alarm]
    assert here.proposals.listed() == []
    here.more(here.new, 6)
    settings = AdjustSettings(least_groups=500, patience=3)
    by = FollowUp(read=here.batches.get, settings=settings)
    with here.ledger.change():
        here.ledger.rows("UPDATE alarms SET adjusted = NULL")
    last = follow_up(here.ledger, here.alarm, here.memory, by)
    assert (last.outcome, last.groups) == ("too_few", 120)
    assert to_follow_up(here.ledger, "w") == []


def test_batches_that_cannot_be_read_again_are_too_few(world, centred):
    here = world(map_=centred)
    by = FollowUp(read=lambda _: None, settings=AdjustSettings(least_groups=50))
    assert follow_up(here.ledger, here.alarm, here.memory, by).groups == 0


def test_a_map_that_harms_where_none_helps_is_proposed_to_be_taken_back(
    world, spoilt, nothing_helps
):
    here = world(map_=spoilt)
    assert followed(here).outcome == "proposed_raw"
    (row,) = here.proposals.listed()
    assert row["wanted"] == {"stage": "off"}
    assert here.rollout.stage == "on"
    boss = Caller("boss", "approver")
    here.proposals.decide(row["number"], boss, "yes", approve=True)
    assert here.rollout.stage == "off"


def test_a_map_that_still_holds_is_kept(world, nothing_helps):
    import dohyo
    from adjusting import pairs

    here = world(map_=dohyo.align(pairs(200, seed=9, moved=4.0), "center", calibrate=1.0))
    assert followed(here).outcome == "kept"
    assert here.proposals.listed() == []


def test_an_undecided_verdict_waits_for_more_also_where_the_map_still_holds(
    world, short, monkeypatch
):
    from types import SimpleNamespace

    import dohyo
    from adjusting import pairs
    from dohyo.decision.policy import Policy

    answer = refused("insufficient_data", (Reason("labels_undecided"),), Policy(), 0)
    found = SimpleNamespace(decision=answer, fitted=None)
    monkeypatch.setattr("dohyo.monitor.adjust.case.write_proof", lambda *_, **__: found)
    here = world(map_=dohyo.align(pairs(200, seed=9, moved=4.0), "center", calibrate=1.0))
    told = followed(here)
    assert told.outcome == "waiting"
    assert told.needed > told.groups


def test_what_harms_is_returned_to_raw_by_itself_once_a_day_and_that_is_in_the_audit(
    world, spoilt, nothing_helps
):
    here = world(map_=spoilt)
    answer = followed(here, "auto-conservative")
    assert (answer.by_itself, here.rollout.stage) == ("returned", "off")
    latest = here.ledger.history()[0]
    assert (latest["who"], latest["action"]) == ("monitor", "returned")
    assert "costs" in latest["why"] or "cost" in latest["why"]
    boss = Caller("boss", "approver")
    here.rollouts.change("goods", Wanted(stage="on"), boss, "I know better")
    with here.ledger.change():
        here.ledger.rows("UPDATE alarms SET adjusted = NULL")
    again = followed(here, "auto-conservative")
    assert (again.by_itself, again.outcome) == (None, "proposed_raw")
    assert here.rollout.stage == "on"


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_puts_a_new_map_in_service(world, spoilt, short, policy):
    here = world(map_=spoilt)
    followed(here, policy)
    assert here.rollout.map == here.map
    assert here.rollout.strength <= 1
    for row in here.proposals.listed():
        assert row["wanted"]["map"] != here.map
        if policy == "auto-conservative":  # everybody gets raw answers since it acted
            assert row["wanted"]["stage"] == "off"


def test_a_monitor_may_not_change_the_map_nor_approve_nor_strengthen(world, centred):
    here = world(map_=centred)
    monitor = Caller("monitor", "operator")
    for wanted in (Wanted(map="b" * 16), Wanted(stage="canary", percent=5.0), Wanted(strength=0.5)):
        with pytest.raises(Refusal, match="operator"):
            here.rollouts.change("goods", wanted, monitor, "")
        number = here.proposals.propose("goods", wanted, monitor, "")
        with pytest.raises(Refusal, match="operator"):
            here.proposals.decide(number, monitor, "", approve=True)
    for strength in (1.0, 1.5, 0.0, -1.0):
        with pytest.raises(Refusal):
            here.rollouts.lower("goods", strength, monitor, "")
    assert here.rollouts.lower("goods", 0.75, monitor, "").map == here.map


@pytest.mark.parametrize(("policy", "stage"), [("propose", "on"), ("auto-conservative", "off")])
def test_another_encoder_gets_no_map(world, centred, policy, stage):
    here = world(map_=centred, kind="encoder")
    answer = followed(here, policy)
    assert here.rollout.stage == stage
    assert [row["wanted"] for row in here.proposals.listed()] == (
        [{"stage": "off"}] if policy == "propose" else []
    )
    assert answer.outcome == ("proposed_raw" if policy == "propose" else "encoder")
    assert here.row["explained"]["kind"] == "encoder"


def test_without_pairs_known_ones_judge_and_without_those_nothing_is_proposed(
    world, centred, short
):
    from adjusting import pairs

    here = world(map_=centred, paired=False)
    assert "no pairs" in followed(here).say(Words())
    with here.ledger.change():
        here.ledger.rows("UPDATE alarms SET adjusted = NULL")
    assert followed(here, pairs=pairs(60, seed=5, moved=4.0)).outcome == "proposed"


def test_the_first_map_begins_where_it_corrects_nothing(world, short):
    here = world()
    assert followed(here).outcome == "proposed"
    (row,) = here.proposals.listed()
    assert row["wanted"]["stage"] == "off"


def test_an_alarm_of_the_plumbing_is_not_followed_up(world, centred):
    here = world(map_=centred)
    at = datetime.now(UTC) + timedelta(days=1)
    with here.ledger.change():
        book.write_alarm(here.ledger, "w", "silence", {}, at=at, received=at)
    assert to_follow_up(here.ledger, "w") == [here.alarm]


def test_the_whole_job_writes_a_report_in_the_language_asked_for(world, centred):
    here = world(map_=centred)
    answer = followed(here, words=Words("ja"))
    folder = here.state / answer.report
    assert 'lang="ja"' in (folder / "report.html").read_text()
    assert json.loads((folder / "report.json").read_text())["decision"]["verdict"] == "correct"
    assert answer.outcome == "proposed"
    assert "承認後" in here.proposals.listed()[0]["why"]
