"""A missed heartbeat is an alarm, told once, whoever looks; a clock that jumps is none."""

from datetime import timedelta

import pytest
from tests.monitor.stream import FIRST, QUICK, Clock, batch

from dohyo.monitor import Watch
from dohyo.rollout.ledger import Ledger

DAY = 86_400.0


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


class Time:
    """Time of day, and seconds of a clock that nobody sets."""

    def __init__(self):
        self.day, self.seconds = Clock(FIRST), 0.0

    def pass_(self, seconds):
        self.day.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def watch(self, ledger, **settings):
        ticks = lambda: self.seconds  # noqa: E731
        return Watch(ledger, "goods", QUICK | settings, clock=self.day, ticks=ticks)


def test_no_batch_for_twice_the_usual_time_is_one_alarm_until_one_comes(ledger):
    time = Time()
    watch = time.watch(ledger)
    watch.take(batch(0))
    told = []
    for _ in range(60):
        time.pass_(DAY / 10)
        told.append(watch.beat())
    assert told.index(1) == 20
    assert [each for each in told if each] == [1]
    assert watch.standing().silent
    (alarm,) = watch.alarms()
    assert (alarm["kind"], alarm["detail"]["usual"]) == ("silence", DAY)
    assert 2 * DAY < alarm["detail"]["seconds"] < 2.2 * DAY
    watch.take(batch(6))
    assert not watch.standing().silent
    assert watch.alarms()[0]["state"] == "closed"
    time.pass_(3 * DAY)
    assert watch.beat() == 2


def test_what_was_down_is_found_at_the_next_start_and_told_by_one_of_two_processes(ledger):
    time = Time()
    time.watch(ledger).take(batch(0))
    time.pass_(30 * DAY)
    second = Ledger(ledger.path)
    started = [time.watch(each).beat() for each in (ledger, second)]
    assert started == [1, None]
    second.close()


def test_a_jump_of_the_clock_is_no_silence_and_going_back_is_counted_once(ledger):
    time = Time()
    watch = time.watch(ledger)
    watch.take(batch(0))
    assert watch.beat() is None
    time.day.now += timedelta(days=400)
    assert watch.beat() is None
    watch.take(batch(1))
    time.day.now -= timedelta(days=300)
    assert [watch.beat() for _ in range(3)] == [None] * 3
    assert watch.standing().counts["clock_back"] == 1
    time.pass_(3 * DAY)
    assert watch.beat() == 1


def test_a_batch_that_another_process_took_is_a_sign_of_life(ledger):
    time = Time()
    service, other = time.watch(ledger), Ledger(ledger.path)
    reads = time.watch(other)
    assert service.beat() is None
    for day in range(5):
        time.pass_(DAY)
        reads.take(batch(day))
        assert service.beat() is None
    time.pass_(3 * DAY)
    assert service.beat() == 1
    assert reads.beat() is None
    other.close()


def test_a_batch_that_was_there_before_is_no_sign_of_life(ledger):
    time = Time()
    watch = time.watch(ledger)
    watch.take(batch(0))
    assert watch.beat() is None
    for _ in range(5):
        time.pass_(DAY / 2)
        watch.take(batch(0))
    assert watch.beat() == 1


def test_without_a_usual_time_nothing_is_missed(ledger):
    time = Time()
    watch = time.watch(ledger, beat_seconds=None)
    time.pass_(1000 * DAY)
    assert watch.beat() is None
    assert watch.standing().until is None


def test_a_silence_and_its_end_are_told_to_people(ledger):
    time = Time()
    watch = Watch(
        *(ledger, "goods", QUICK), channels=["mail a"], clock=time.day, ticks=lambda: time.seconds
    )
    watch.beat()
    time.pass_(3 * DAY)
    watch.beat()
    watch.take(batch(3))
    sent = ledger.rows("SELECT subject FROM outbox ORDER BY number")
    assert "no batch comes" in sent[0]["subject"]
    assert "come again" in sent[1]["subject"]
