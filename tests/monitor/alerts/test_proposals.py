"""A proposal that waits is told once, also where a kill came in between."""

import pytest
from tests.monitor.alerts.rows import MONDAY
from tests.monitor.watched import fill

from dohyo.monitor.alerts import deliver, queue_proposals
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger
from dohyo.words import Words


class Phone:
    name = "phone"

    def __init__(self):
        self.got = []

    def send(self, message):
        self.got.append(message.body)


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    fill(held)
    held.rows("UPDATE proposals SET alarm = 2, wanted = '{\"strength\": 0.5}' WHERE number = 1")
    yield held
    held.close()


def told(ledger, *, follow_up=None):
    """Follow up the alarms of the watch, and return what the phone gets."""
    watch = Watch(ledger, "shop", channels=["phone"], clock=lambda: MONDAY)
    watch.follow_up(follow=follow_up or (lambda *_: None))
    deliver(ledger, [phone := Phone()], MONDAY)
    return [(body["event"], body["detail"]["proposal"], body["alarm"]) for body in phone.got]


def test_a_watch_tells_of_the_proposals_that_answer_its_alarms_once(ledger):
    assert told(ledger) == [("proposal", 1, 2)]
    assert told(ledger) == []


def test_it_tells_in_the_same_call_that_makes_it(ledger):
    ledger.rows("UPDATE proposals SET alarm = NULL")

    def proposes(ledger, number, memory):
        if number == 1:
            ledger.rows("UPDATE proposals SET alarm = 1 WHERE number = 2")

    assert told(ledger, follow_up=proposes) == [("proposal", 2, 1)]


@pytest.mark.parametrize(
    "change", ["state = 'approved'", "state = 'rejected'", "alarm = NULL", "alarm = 99"]
)
def test_what_is_decided_or_of_another_alarm_is_not_told(ledger, change):
    ledger.rows(f"UPDATE proposals SET {change} WHERE number = 1")
    assert told(ledger) == []


def test_nobody_to_tell_is_no_message(ledger):
    assert queue_proposals(ledger, "shop", [], Words()) == 0
    assert queue_proposals(ledger, "another", ["phone"], Words()) == 0
    assert ledger.rows("SELECT * FROM outbox") == []
