"""Proposals: put off, under four eyes, and only for the roll-out that they were made for."""

from datetime import UTC, datetime, timedelta

import pytest

from dohyo.rollout.ledger import Ledger
from dohyo.rollout.previous import previous
from dohyo.rollout.proposals import MONITOR, Proposals
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollout, Rollouts, Wanted

ANNA, BERT = Caller("anna", "approver"), Caller("bert", "approver")
WORKER = Caller("worker", "operator")
NEW = Wanted(map="new", stage="canary", percent=10.0)


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def rollouts(ledger):
    held = Rollouts(ledger)
    held.change("goods", Wanted(map="old", stage="on"), ANNA, "first")
    return held


@pytest.fixture
def proposals(ledger, rollouts):
    return Proposals(ledger, rollouts)


def test_an_alarm_has_one_proposal(proposals):
    first = proposals.propose("goods", NEW, MONITOR, "why", alarm=7, report="proposals/alarm-7")
    assert proposals.propose("goods", Wanted(stage="off"), MONITOR, "again", alarm=7) == first
    assert proposals.of_alarm(7)["report"] == "proposals/alarm-7"
    assert proposals.of_alarm(8) is None
    assert len(proposals.listed()) == 1


def test_a_monitors_proposal_carries_the_stage_that_it_goes_to(proposals, rollouts):
    number = proposals.propose("goods", NEW, MONITOR, "why", alarm=1)
    proposals.decide(number, ANNA, "yes", approve=True)
    now = rollouts.of("goods")
    assert (now.map, now.stage, now.percent) == ("new", "canary", 10.0)


def test_what_is_put_off_is_gone_until_then_and_comes_back_by_itself(proposals, ledger):
    number = proposals.propose("goods", NEW, MONITOR, "why")
    until = datetime.now(UTC) + timedelta(days=7)
    assert proposals.snooze(number, until, WORKER, "holidays")["state"] == "snoozed"
    assert proposals.listed(only_open=True) == []
    assert proposals.listed()[0]["state"] == "snoozed"
    assert ledger.history()[0]["action"] == "snoozed"
    with ledger.change():
        ledger.rows("UPDATE proposals SET snoozed_until = '2020-01-01T00:00:00.000+00:00'")
    assert [each["number"] for each in proposals.listed(only_open=True)] == [number]
    proposals.snooze(number, until, WORKER)
    assert proposals.decide(number, ANNA, "", approve=True)["state"] == "approved"
    with pytest.raises(Refusal, match="already"):
        proposals.snooze(number, until, WORKER)
    for wrong in (timedelta(seconds=-1), timedelta(days=400)):
        with pytest.raises(Refusal, match="put it off"):
            proposals.snooze(number, datetime.now(UTC) + wrong, WORKER)


def test_two_eyes_are_enough_unless_four_are_asked_for(proposals, rollouts):
    number = proposals.propose("goods", Wanted(stage="canary", percent=5.0), ANNA, "mine")
    assert proposals.decide(number, ANNA, "", approve=True)["state"] == "approved"


def test_under_four_eyes_nobody_approves_his_own(proposals, rollouts):
    rollouts.set_four_eyes(True, ANNA, "")
    number = proposals.propose("goods", Wanted(stage="canary", percent=5.0), ANNA, "mine")
    with pytest.raises(Refusal, match="anna has proposed"):
        proposals.decide(number, ANNA, "", approve=True)
    with pytest.raises(Refusal, match="has proposed"):
        proposals.decide(number, Caller(" Anna", "approver"), "", approve=True)
    assert proposals.decide(number, BERT, "", approve=True)["state"] == "approved"


def test_under_four_eyes_a_monitors_proposal_needs_two_different_people(
    proposals, rollouts, ledger
):
    rollouts.set_four_eyes(True, ANNA, "")
    number = proposals.propose("goods", NEW, MONITOR, "why", alarm=1)
    first = proposals.decide(number, ANNA, "fine", approve=True)
    assert (first["state"], first["needed"], len(first["approvals"])) == ("open", 2, 1)
    assert rollouts.of("goods").map == "old"
    assert ledger.history()[0]["action"] == "approved_first"
    with pytest.raises(Refusal, match="already"):
        proposals.decide(number, ANNA, "again", approve=True)
    done = proposals.decide(number, BERT, "too", approve=True)
    assert done["state"] == "approved"
    assert [each["who"] for each in done["approvals"]] == ["anna", "bert"]
    assert rollouts.of("goods").map == "new"
    assert [each["action"] for each in ledger.history()[:2]] == ["rollout", "approved"]


def test_one_person_may_reject_what_another_has_approved(proposals, rollouts):
    rollouts.set_four_eyes(True, ANNA, "")
    number = proposals.propose("goods", NEW, MONITOR, "why", alarm=1)
    proposals.decide(number, ANNA, "fine", approve=True)
    assert proposals.decide(number, BERT, "no", approve=False)["state"] == "rejected"
    assert rollouts.of("goods").map == "old"


@pytest.mark.parametrize(
    ("wanted", "alone"),
    [
        (Wanted(stage="off"), True),
        (Wanted(stage="shadow"), True),
        (Wanted(stage="canary", percent=50.0), True),
        (Wanted(map="new"), True),  # begins at off
        (Wanted(stage="canary", percent=80.0), True),
        (Wanted(map="new", stage="on"), False),
        (Wanted(strength=0.9, stage="on"), False),
        (Wanted(interleave=0.5), False),
    ],
)
def test_under_four_eyes_one_alone_may_only_give_less(rollouts, wanted, alone):
    rollouts.set_four_eyes(True, ANNA, "")
    if alone:
        rollouts.change("goods", wanted, ANNA, "")
        return
    with pytest.raises(Refusal, match="Two people"):
        rollouts.change("goods", wanted, ANNA, "")
    assert rollouts.of("goods") == Rollout(collection="goods", stage="on", map="old")


def test_giving_up_four_eyes_needs_a_reason_and_is_in_the_audit(rollouts, ledger):
    rollouts.set_four_eyes(True, ANNA, "")
    with pytest.raises(Refusal, match="no reason"):
        rollouts.set_four_eyes(False, ANNA, " ")
    with pytest.raises(Refusal, match="operator"):
        rollouts.set_four_eyes(False, WORKER, "why")
    rollouts.set_four_eyes(False, ANNA, "I am alone")
    assert not rollouts.four_eyes
    assert ledger.history()[0]["action"] == "four_eyes_off"


def test_who_has_returned_to_raw_does_not_find_the_correction_on_again(proposals, rollouts):
    number = proposals.propose("goods", NEW, MONITOR, "why", alarm=1)
    rollouts.change("goods", Wanted(stage="off"), WORKER, "complaints")
    with pytest.raises(Refusal, match="no longer what"):
        proposals.decide(number, ANNA, "", approve=True)
    assert rollouts.of("goods").stage == "off"
    assert proposals.one(number)["state"] == "open"
    assert proposals.one(number)["approvals"] == []


def test_another_map_takes_the_ground_from_a_stage_that_was_proposed(proposals, rollouts):
    number = proposals.propose("goods", Wanted(stage="on"), WORKER, "ready")
    to_raw = proposals.propose("goods", Wanted(stage="off"), WORKER, "harm")
    rollouts.change("goods", Wanted(map="other", stage="canary", percent=1.0), ANNA, "")
    with pytest.raises(Refusal, match="no longer what"):
        proposals.decide(number, ANNA, "", approve=True)
    assert proposals.decide(to_raw, ANNA, "", approve=True)["state"] == "approved"


def test_a_lower_strength_leaves_everything_else(rollouts, ledger):
    done = rollouts.lower("goods", 0.75, MONITOR, "harm")
    assert done == Rollout(collection="goods", stage="on", map="old", strength=0.75)
    assert ledger.history()[0]["who"] == "monitor"
    with pytest.raises(Refusal):
        rollouts.lower("goods", 0.75, MONITOR, "again")
    with pytest.raises(Refusal):
        rollouts.lower("elsewhere", 0.5, MONITOR, "no map")


def test_what_one_part_of_a_process_changes_another_sees_at_once(ledger, rollouts):
    other = Rollouts(ledger)
    assert other.of("goods").stage == "on"
    rollouts.change("goods", Wanted(stage="off"), WORKER, "")
    assert other.of("goods").stage == "off"


def test_a_change_that_is_taken_back_is_not_remembered(ledger, rollouts):

    def fail():
        with ledger.change():
            rollouts.change("goods", Wanted(stage="off"), WORKER, "")
            assert rollouts.of("goods").stage == "off"
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert rollouts.of("goods").stage == "on"


def test_the_map_before_comes_back_after_a_monitors_new_one(proposals, rollouts, ledger):
    rollouts.set_four_eyes(True, ANNA, "")
    number = proposals.propose("goods", NEW, MONITOR, "why", alarm=1)
    for each in (ANNA, BERT):
        proposals.decide(number, each, "", approve=True)
    wanted = previous(ledger, rollouts.of("goods"))
    back = rollouts.change("goods", wanted, ANNA, "worse", action="rolled_back", agreed=True)
    assert (back.map, back.stage) == ("old", "on")
