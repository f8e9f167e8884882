"""A full disk and a locked ledger: one sentence, nothing counted, and the next try succeeds."""

import sqlite3
import threading
from datetime import timedelta

import pytest
from tests.monitor.stream import FIRST, QUICK, Clock, batch, state

from dohyo.errors import StoreError
from dohyo.monitor import Watch
from dohyo.monitor.book import NotCounted
from dohyo.monitor.running import Run
from dohyo.rollout.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def watch(ledger):
    found = Watch(ledger, "goods", QUICK, clock=Clock(FIRST + timedelta(days=200)))
    for number in range(6):
        found.take(batch(number))
    return found


def full(ledger):
    """Let the file grow no more, as on a full disk."""
    pages = ledger.rows("PRAGMA page_count")[0]["page_count"]
    ledger.rows(f"PRAGMA max_page_count = {pages}")


def counted(watch, number):
    """Whether a batch still found room."""
    try:
        watch.take(batch(number))
    except NotCounted:
        return False
    return True


def test_on_a_full_disk_a_batch_is_not_counted_and_the_next_try_succeeds(watch, ledger, tmp_path):
    before = state(ledger)
    full(ledger)
    number = 6
    while counted(watch, number):
        before, number = state(ledger), number + 1
    with pytest.raises(NotCounted, match=r"^The batch day \d+ was not counted: the disk is full\."):
        watch.take(batch(number))
    assert state(ledger) == before
    ledger.rows("PRAGMA max_page_count = 1000000")
    assert watch.take(batch(number)).outcome in ("calibrating", "watching")
    other = Ledger(tmp_path / "undisturbed.sqlite")
    undisturbed = Watch(other, "goods", QUICK, clock=Clock(FIRST + timedelta(days=200)))
    for each in range(number + 1):
        undisturbed.take(batch(each))
    assert state(other) == state(ledger)
    other.close()


def test_locked_for_longer_than_the_time_out_is_told_and_nothing_is_lost(watch, ledger):
    ledger.rows("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = state(ledger)
    with pytest.raises(NotCounted, match="another process holds the state"):
        watch.take(batch(6))
    with pytest.raises(NotCounted, match="another process"):
        Watch(ledger, "more")
    assert state(ledger) == before
    reader = Ledger(ledger.path)  # who only reads need not wait
    assert Watch(reader, "goods").standing().left == 1
    reader.close()
    other.execute("COMMIT")
    other.close()
    assert watch.take(batch(6)).outcome == "calibrating"


class Three:
    """A source of three batches, which ends the run when all are taken."""

    name, waiting, bookmark = "three", False, None

    def look(self, known):
        return (each for each in map(batch, (6, 7, 8)) if not known(each.id, each.at))

    def read(self, id):
        return None


class Hears:
    def __init__(self, stop):
        self.stop, self.troubles, self.outcomes = stop, [], []

    def taken(self, batch, taken):
        self.outcomes.append(taken.outcome)
        if len(self.outcomes) == 3:
            self.stop.set()

    def alarm(self, row):
        pass

    def trouble(self, error):
        self.troubles.append(str(error))


def test_a_running_watch_says_it_once_and_goes_on_when_the_lock_is_gone(watch, ledger):
    ledger.rows("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(ledger.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def let_go():
        other.execute("COMMIT")
        other.close()

    timer = threading.Timer(0.3, let_go)
    timer.start()
    stop = threading.Event()
    hears = Hears(stop)
    Run(watch=watch, source=Three(), told=hears, stop=stop, poll=0.05).until_stopped()
    timer.join()
    assert hears.outcomes == ["calibrating", "watching", "watching"]
    assert len(hears.troubles) == 1
    assert "day 6 was not counted" in hears.troubles[0]


def test_what_a_kill_has_cut_off_is_followed_up_at_the_next_start(ledger):
    clock = Clock(FIRST + timedelta(days=200))
    cut = Watch(ledger, "goods", QUICK, clock=clock)
    for number in range(20):
        cut.take(batch(number, shift=3.0 * (number >= 12)))
    assert [row["explained"] for row in cut.alarms()] == [None]
    done = []

    def follow(ledger, number, memory):
        done.append(number)

    again = Watch(ledger, "goods", clock=clock)
    empty = Three()
    empty.look = lambda known: iter(())
    Run(watch=again, source=empty, told=Hears(threading.Event()), follow=follow).once()
    assert done == [cut.alarms()[0]["number"]]


def test_a_follow_up_that_fails_is_told_and_stops_no_batch(ledger):
    watch = Watch(ledger, "goods", QUICK, clock=Clock(FIRST + timedelta(days=200)))
    for number in range(20):
        watch.take(batch(number, shift=3.0 * (number >= 12)))

    def follow(ledger, number, memory):
        raise StoreError("The store does not answer.", hint="See whether it runs.")

    source, stop = Three(), threading.Event()
    source.look = lambda known: iter([batch(20), batch(21), batch(22)])
    hears = Hears(stop)
    Run(watch=watch, source=source, told=hears, stop=stop, poll=0.01, follow=follow).until_stopped()
    assert len(hears.outcomes) == 3
    assert hears.troubles == ["The store does not answer. See whether it runs."]


def test_an_error_of_sqlite_that_nobody_knows_is_told_in_a_sentence_too(watch, ledger):
    ledger.rows("DROP TABLE batches")
    with pytest.raises(NotCounted, match="no such table: batches"):
        watch.take(batch(6))
