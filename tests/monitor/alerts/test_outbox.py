"""The outbox: once, in order, again after trouble, and never for ever in silence."""

import json
import sqlite3
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta

import pytest
from tests.monitor.alerts.receiver import SECRET, receiving
from tests.monitor.alerts.rows import MONDAY, message

from dohyo.errors import DohyoError
from dohyo.monitor.alerts import (
    Delivered,
    Trouble,
    Webhook,
    deliver,
    outbox,
    queue,
    verify_signature,
)
from dohyo.monitor.alerts.outbox import LONGEST_WAIT, wait
from dohyo.rollout.ledger import Ledger
from dohyo.words import Words

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))


class Channel:
    """Keeps what it gets; `trouble` is raised instead, if there is one for that message."""

    def __init__(self, name="phone"):
        self.name, self.got, self.tried, self.trouble = name, [], [], lambda _: None

    def send(self, message):
        number = message.body["alarm"]
        self.tried.append(number)
        trouble = self.trouble(number)
        if trouble is not None:
            raise trouble
        self.got.append(message)

    @property
    def numbers(self):
        return [each.body["alarm"] for each in self.got]


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


def put(ledger, *numbers, channels=("phone",), now=MONDAY):
    return sum(queue(ledger, channels, message(number), now) for number in numbers)


def through(ledger, channels, begin, span, step):
    """Deliver again and again, as a loop does; return the sums."""
    at, sent, failed, given_up = begin, 0, 0, 0
    while at <= begin + span:
        done = deliver(ledger, channels, at)
        sent, failed = sent + done.sent, failed + done.failed
        given_up += done.given_up
        at += step
    return sent, failed, given_up


def test_what_is_queued_is_delivered_once_and_in_order(ledger):
    phone = Channel()
    put(ledger, 1, 2, 3)
    assert deliver(ledger, [phone], MONDAY) == Delivered(sent=3)
    assert deliver(ledger, [phone], MONDAY + DAY) == Delivered()
    assert phone.numbers == [1, 2, 3]


def test_the_same_is_never_queued_twice_for_a_channel(ledger):
    assert put(ledger, 1, channels=("phone", "mail", "phone")) == 2
    assert put(ledger, 1, channels=("phone", "mail")) == 0
    deliver(ledger, [phone := Channel()], MONDAY)
    assert put(ledger, 1) == 0  # also after it was sent
    deliver(ledger, [phone], MONDAY + DAY)
    assert phone.numbers == [1]


def test_it_is_part_of_the_change_that_it_tells_of(ledger):
    def undone():
        with ledger.change():
            assert put(ledger, 1) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert deliver(ledger, [phone := Channel()], MONDAY).waiting == 0
    assert phone.tried == []


def test_two_states_never_use_the_same_key(ledger, tmp_path):
    """One receiver may serve both; it must not take one's first alarm for the other's."""
    other = Ledger(tmp_path / "other" / "service.sqlite")
    keys = []
    for each in (ledger, other):
        put(each, 1)
        deliver(each, [phone := Channel()], MONDAY)
        keys.append(phone.got[0].key)
    other.close()
    assert keys[0] != keys[1]
    assert all("alarm-1" in key for key in keys)


def test_an_endpoint_that_is_down_for_a_day_gets_everything_once_and_in_order(ledger):
    """Alarms come before, while it is down, and after; nothing is lost, doubled or overtaken."""
    with receiving() as receiver:
        hook = Webhook(receiver.url, SECRET)
        name, receiver.status = [hook.name], 503
        for hour in range(24):
            put(ledger, hour + 1, channels=name, now=MONDAY + hour * HOUR)
            through(ledger, [hook], MONDAY + hour * HOUR, 59 * MINUTE, 10 * MINUTE)
        down = len(receiver.got)
        assert set(receiver.keys) == {receiver.keys[0]}  # the others wait behind the first
        assert 25 <= down <= 45  # doubling to an hour: not a flood
        receiver.status = 204
        put(ledger, 25, channels=name, now=MONDAY + DAY)
        through(ledger, [hook], MONDAY + DAY, 2 * HOUR, 10 * MINUTE)
        told = [json.loads(body) for _, body in receiver.got[down:]]
        assert [each["alarm"] for each in told] == list(range(1, 26))
        assert len({each["delivery"] for each in told}) == 25
        for head, body in receiver.got:
            assert verify_signature(SECRET, head["Dohyo-Signature"], body)
    assert deliver(ledger, [hook], MONDAY + 9 * DAY) == Delivered()


@pytest.mark.parametrize("moment", ["before it is sent", "after it is sent"])
def test_killed_between_send_and_mark_the_same_key_is_sent_again_and_no_other(ledger, moment):
    class Killed(BaseException):
        pass

    phone = Channel()
    put(ledger, 1, 2)
    whole = phone.send

    def killed(message):
        if moment == "after it is sent":
            whole(message)
        raise Killed

    phone.send = killed
    with pytest.raises(Killed):
        deliver(ledger, [phone], MONDAY)
    phone.send = whole
    assert deliver(ledger, [phone], MONDAY + 59 * SECOND).sent == 0  # it may still be on its way
    assert deliver(ledger, [phone], MONDAY + 60 * SECOND).sent == 2
    assert phone.numbers == ([1, 1, 2] if moment == "after it is sent" else [1, 2])
    assert len({each.key for each in phone.got}) == 2


def test_a_process_that_is_killed_while_it_sends_sends_the_same_key_again(ledger, tmp_path):
    sends = """
        import sys
        from datetime import datetime
        from pathlib import Path
        from dohyo.monitor.alerts import Webhook, deliver
        from dohyo.rollout.ledger import Ledger
        path, url, secret, at = sys.argv[1:]
        hook = Webhook(url, secret.encode())
        deliver(Ledger(Path(path)), [hook], datetime.fromisoformat(at))
    """
    with receiving() as receiver:
        hook, receiver.slow = Webhook(receiver.url, SECRET), "silent"
        put(ledger, 1, 2, channels=[hook.name])
        given = [str(ledger.path), receiver.url, SECRET.decode(), MONDAY.isoformat()]
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(sends), *given])
        try:
            assert receiver.came.wait(60)
        finally:
            process.kill()
            process.wait()
        receiver.slow = ""
        assert deliver(ledger, [hook], MONDAY + 60 * SECOND).sent == 2
        first, again, second = receiver.keys
    assert first == again != second


def test_two_processes_do_not_send_the_same(ledger, tmp_path):
    other = Ledger(tmp_path / "service.sqlite")
    inside, go = threading.Event(), threading.Event()

    class Slow(Channel):
        def send(self, message):
            inside.set()
            assert go.wait(5)
            super().send(message)

    put(ledger, 1)
    slow, quick = Slow(), Channel()
    thread = threading.Thread(target=deliver, args=(ledger, [slow], MONDAY))
    thread.start()
    assert inside.wait(5)
    assert deliver(other, [quick], MONDAY + SECOND) == Delivered(waiting=1)
    go.set()
    thread.join()
    other.close()
    assert (slow.numbers, quick.numbers) == ([1], [])


def test_of_two_that_have_looked_at_the_same_time_one_sends(ledger):
    put(ledger, 1)
    row = ledger.rows("SELECT * FROM outbox")[0]
    assert [outbox._claimed(ledger, row, MONDAY) for _ in range(2)] == [True, False]


def test_a_channel_that_is_down_does_not_hold_up_another(ledger):
    """Not even by waiting for it: they are asked at the same time."""
    reached = threading.Event()

    class Down(Channel):
        def send(self, message):
            assert reached.wait(5), "the other channel had to wait"
            raise Trouble("down")

    class Up(Channel):
        def send(self, message):
            super().send(message)
            reached.set()

    down, up = Down("mail"), Up("phone")
    put(ledger, 1, 2, channels=("mail", "phone"))
    done = deliver(ledger, [down, up], MONDAY)
    assert (done.sent, done.failed, done.waiting) == (2, 1, 2)
    assert done.troubles == (("mail", "down"),)
    assert up.numbers == [1, 2]


def test_waits_double_from_ten_seconds_to_an_hour_and_are_spread():
    waits = [wait("k", n, Trouble("down")) for n in range(1, 200)]
    assert waits[0] == 10
    for n, seconds in enumerate(waits):
        full = min(10 * 2**n, LONGEST_WAIT)
        assert max(10, 0.75 * full) <= seconds <= full
    assert waits == [wait("k", n, Trouble("down")) for n in range(1, 200)]
    assert len({wait(f"k{n}", 9, Trouble("down")) for n in range(50)}) == 50
    assert wait("k", 1, Trouble("no", slow=True)) >= 0.75 * LONGEST_WAIT


def test_a_receiver_may_ask_for_more_time_but_not_for_ever():
    assert wait("k", 1, Trouble("busy", retry_after=500)) == 500
    assert wait("k", 1, Trouble("busy", retry_after=1)) == 10
    assert wait("k", 1, Trouble("busy", retry_after=1e9)) == 6 * 3_600


def test_retry_after_is_respected(ledger):
    phone = Channel()
    phone.trouble = lambda _: Trouble("busy", retry_after=300)
    put(ledger, 1)
    deliver(ledger, [phone], MONDAY)
    through(ledger, [phone], MONDAY, 299 * SECOND, 13 * SECOND)
    assert phone.tried == [1]
    deliver(ledger, [phone], MONDAY + 300 * SECOND)
    assert phone.tried == [1, 1]


def test_it_is_tried_for_three_days_and_then_given_up_and_said_so(ledger):
    phone = Channel()
    phone.trouble = lambda _: Trouble("HTTP 503")
    put(ledger, 1)
    early = through(ledger, [phone], MONDAY, 3 * DAY - 10 * MINUTE, 10 * MINUTE)
    assert early[2] == 0
    assert early[1] > 70
    late = through(ledger, [phone], MONDAY + 3 * DAY, 2 * HOUR, 10 * MINUTE)
    assert late[1:] == (1, 1)
    row = ledger.rows("SELECT * FROM outbox")[0]
    assert row["given_up"] >= (MONDAY + 3 * DAY).isoformat()
    assert row["trouble"] == "HTTP 503"
    assert outbox.given_up(ledger) == 1
    assert deliver(ledger, [phone], MONDAY + 9 * DAY) == Delivered()


def test_what_went_wrong_is_said_and_what_went_well_is_not():
    done = Delivered(sent=2, failed=1, given_up=3, troubles=(("phone", "HTTP 503"),))
    assert outbox.said(done, Words()) == (
        "phone did not accept a message: HTTP 503. It is tried again.",
        "3 messages were given up after days of trying; nobody was told by them.",
    )
    assert outbox.said(Delivered(sent=2, waiting=1), Words("ja")) == ()


def test_a_machine_that_slept_has_not_given_up(ledger):
    phone = Channel()
    phone.trouble = lambda _: Trouble("no network yet")
    put(ledger, 1)
    assert deliver(ledger, [phone], MONDAY + 30 * DAY).given_up == 0
    phone.trouble = lambda _: None
    assert deliver(ledger, [phone], MONDAY + 30 * DAY + MINUTE).sent == 1


def test_what_is_refused_for_itself_is_overtaken_and_tried_on(ledger):
    phone = Channel()
    phone.trouble = lambda n: Trouble("HTTP 413", slow=True, own=True) if n == 1 else None
    put(ledger, 1, 2, 3)
    assert deliver(ledger, [phone], MONDAY).sent == 2
    phone.trouble = lambda _: None
    through(ledger, [phone], MONDAY, HOUR, 10 * MINUTE)
    assert phone.numbers == [2, 3, 1]


def test_a_message_on_which_the_receiver_breaks_is_overtaken_after_some_attempts(ledger):
    phone = Channel()
    phone.trouble = lambda n: Trouble("HTTP 500", doubtful=True) if n == 1 else None
    put(ledger, 1, 2)
    deliver(ledger, [phone], MONDAY)
    assert phone.numbers == []
    through(ledger, [phone], MONDAY, HOUR, MINUTE)
    assert phone.numbers == [2]


def test_a_wrong_secret_holds_everything_so_that_order_is_kept(ledger):
    phone = Channel()
    phone.trouble = lambda _: Trouble("HTTP 401", slow=True)
    put(ledger, 1, 2)
    through(ledger, [phone], MONDAY, HOUR, MINUTE)
    assert set(phone.tried) == {1}
    phone.trouble = lambda _: None
    through(ledger, [phone], MONDAY + HOUR, HOUR, MINUTE)
    assert phone.numbers == [1, 2]


def test_a_clock_that_was_set_back_does_not_make_it_wait(ledger):
    phone = Channel()
    phone.trouble = lambda _: Trouble("down")
    put(ledger, 1)
    deliver(ledger, [phone], MONDAY + 365 * DAY)
    phone.trouble = lambda _: None
    assert deliver(ledger, [phone], MONDAY).sent == 1


def test_what_waits_for_a_channel_of_another_process_stays_for_two_weeks(ledger):
    put(ledger, 1, channels=("gone",))
    here = Channel()
    assert deliver(ledger, [], MONDAY + 99 * DAY) == Delivered(waiting=1)
    assert deliver(ledger, [here], MONDAY + 13 * DAY) == Delivered(waiting=1)
    assert deliver(ledger, [here], MONDAY + 15 * DAY) == Delivered(given_up=1)
    assert ledger.rows("SELECT trouble FROM outbox")[0]["trouble"] == "no such channel"


def test_a_ledger_that_refuses_is_told_in_a_sentence(ledger, tmp_path):
    put(ledger, 1)
    ledger._db.execute("PRAGMA busy_timeout = 1")
    with sqlite3.connect(tmp_path / "service.sqlite", isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(DohyoError, match=r"^The messages were not sent: another process"):
            deliver(ledger, [Channel()], MONDAY)
        blocker.execute("ROLLBACK")
    blocker.close()
    assert deliver(ledger, [Channel()], MONDAY).sent == 1
