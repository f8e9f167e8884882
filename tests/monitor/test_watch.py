"""A batch counts once or not at all, and what is bad leaves the statistics as they were."""

import threading
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.monitor.stream import FIRST, QUICK, Clock, batch, sides, state

from dohyo.errors import DohyoError, UsageError
from dohyo.monitor import Monitor, Watch, open_watch
from dohyo.monitor.batch import Batch, Side
from dohyo.rollout.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def clock():
    return Clock(FIRST + timedelta(days=200))


@pytest.fixture
def watch(ledger, clock):
    return Watch(ledger, "goods", QUICK, clock=clock)


def fill(watch, numbers, **changed):
    return [watch.take(batch(number, **changed)) for number in numbers]


def test_it_warms_up_says_so_and_then_watches(watch):
    begun = watch.standing()
    assert (begun.phase, begun.left, begun.warming_up) == ("learning", 7, True)
    assert begun.until is not None
    outcomes = [taken.outcome for taken in fill(watch, range(10))]
    assert outcomes == ["learning"] * 2 + ["calibrating"] * 5 + ["watching"] * 3
    now = watch.standing()
    assert (now.phase, now.left, now.until) == ("watching", 0, None)
    assert now.counts == {"learning": 2, "calibrating": 5, "watching": 3}
    assert now.newest == FIRST + timedelta(days=9)
    assert now.to_json()["threshold"] == 20


def test_a_change_is_one_alarm_with_the_names_of_its_batches(watch):
    taken = fill(watch, range(12)) + fill(watch, range(12, 20), shift=3.0)
    numbers = [each.alarm for each in taken if each.alarm is not None]
    (alarm,) = watch.alarms()
    assert numbers == [alarm["number"]]
    assert alarm["kind"] == "drift"
    detail = alarm["detail"]
    assert detail["began_batch"] in {f"day {n}" for n in range(10, 15)}
    assert detail["earliest_at"] <= detail["began_at"] <= detail["latest_at"] <= alarm["at"]


def test_it_goes_on_bit_for_bit_in_another_process(ledger, clock, tmp_path):
    whole = Watch(ledger, "goods", QUICK, clock=clock)
    fill(whole, range(15))
    other = Ledger(tmp_path / "other.sqlite")
    for number in range(15):
        Watch(other, "goods", QUICK, clock=clock).take(batch(number))
    assert state(other) == state(ledger)
    other.close()


def test_the_same_batch_again_is_counted_and_changes_nothing_else(watch, ledger):
    fill(watch, range(8))
    before = state(ledger)
    again = watch.take(replace(batch(3), at=FIRST + timedelta(days=90)))
    assert again.outcome == "duplicate"
    after = state(ledger)
    assert watch.standing().counts["duplicate"] == 1
    assert {**after, "counts": ()} == {**before, "counts": ()}


def test_late_ones_and_ones_from_the_future_are_written_down_and_not_judged(watch, ledger, clock):
    fill(watch, range(8))
    saved = state(ledger)["watch"]
    late = watch.take(batch(50, at=FIRST + timedelta(days=3)))
    future = watch.take(batch(51, at=clock() + timedelta(days=1, seconds=1)))
    assert (late.outcome, future.outcome) == ("late", "future")
    assert "came before it" in late.why
    assert "ahead of the clock" in future.why
    assert state(ledger)["watch"] == saved
    assert [row["outcome"] for row in watch.batches()][-2:] == ["late", "future"]
    assert watch.take(batch(51, at=clock() + timedelta(days=2))).outcome == "duplicate"
    assert watch.take(batch(52, at=clock() + timedelta(hours=23))).outcome == "watching"


def test_a_clock_that_goes_back_is_counted_once_and_makes_nothing_a_batch_of_the_future(
    watch, clock
):
    fill(watch, range(8))
    clock.now = FIRST - timedelta(days=20_000)
    assert watch.take(batch(8)).outcome == "watching"
    assert watch.take(batch(9)).outcome == "watching"
    assert watch.standing().counts["clock_back"] == 1


IMAGE, TEXT = sides(7)
BAD = {
    "unreadable": ({"image": None, "text": None, "why": "it is no archive\x00"}, "no archive"),
    "NaN": ({"image": Side(rows=np.full((20, 6), np.nan))}, "NaN"),
    "infinity": ({"image": Side(rows=np.full((20, 6), np.inf))}, "infinity"),
    "zeros": ({"text": Side(rows=np.zeros((20, 6)))}, "zeros"),
    "dimension": ({"image": Side(rows=IMAGE[:, :5])}, "dimensions"),
    "both dimensions": (
        {"image": Side(rows=IMAGE[:, :5]), "text": Side(rows=TEXT[:, :5])},
        "dimensions",
    ),
    "modality": ({"image": Side(rows=TEXT), "text": Side(rows=IMAGE)}, "lie where"),
    "modality of one side": ({"image": Side(rows=TEXT), "text": None}, "lie where"),
    "nothing": ({"image": None, "text": None}, "empty"),
    "no rows": ({"image": Side(rows=IMAGE[:0]), "text": Side(rows=TEXT[:0])}, "fewer"),
    "few rows": ({"image": Side(rows=IMAGE[:3])}, "fewer"),
    "no matrix": ({"image": Side(rows=IMAGE[0])}, "matrix"),
    "a number": ({"image": Side(rows=np.float32(3))}, "matrix"),
    "whole numbers": ({"image": Side(rows=np.ones((20, 6), int))}, "matrix"),
    "words": ({"image": Side(rows=np.full((20, 6), "x", object))}, "matrix"),
    "a figure that is none": ({"figures": {"volume": float("nan")}}, "volume"),
    "too few labels": ({"image": Side(rows=IMAGE, label=("cup",))}, "20, and 1 have a label"),
    "pairs of others": ({"text_to_image": np.arange(1, 21)}, "pairs name rows"),
    "too many rows": (
        {"image": Side(rows=np.broadcast_to(np.float32(1), (10_000_001, 6)))},
        "more than 10000000",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_batch_is_quarantined_with_a_count_and_the_statistics_are_untouched(
    name, ledger, clock, tmp_path
):
    changed, said = BAD[name]
    watch = Watch(ledger, "goods", QUICK, clock=clock)
    other = Ledger(tmp_path / "undisturbed.sqlite")
    undisturbed = Watch(other, "goods", QUICK, clock=clock)
    fill(watch, range(8))
    fill(undisturbed, range(8))
    taken = watch.take(batch(8, **changed))
    assert taken.outcome == "refused"
    assert said in taken.why
    row = watch.batches()[-1]
    assert (row["outcome"], row["why"]) == ("refused", taken.why)
    assert watch.standing().counts["refused"] == 1
    fill(watch, range(9, 12))
    fill(undisturbed, range(9, 12))
    good = [row for row in watch.batches() if row["outcome"] != "refused"]
    without = ("number", "received")
    assert [{k: v for k, v in row.items() if k not in without} for row in good] == [
        {k: v for k, v in row.items() if k not in without} for row in undisturbed.batches()
    ]
    other.close()


def test_one_that_breaks_the_statistics_is_refused_and_the_next_counts(watch, ledger, monkeypatch):
    fill(watch, range(8))
    whole = Monitor.judge

    def breaks(self, *given, **named):
        whole(self, *given, **named)
        raise MemoryError("no room")

    monkeypatch.setattr(Monitor, "judge", breaks)
    before = watch.monitor()
    taken = watch.take(batch(8))
    assert (taken.outcome, "MemoryError: no room" in taken.why) == ("refused", True)
    monkeypatch.undo()
    before.refuse("the same")
    assert watch.monitor().save() == before.save()
    assert watch.take(batch(9)).outcome == "watching"


def test_a_million_rows_at_once_are_one_batch_in_bounded_memory(watch):
    fill(watch, range(8))
    rng = np.random.default_rng(0)
    many = {
        side: Side(rows=np.tile(rows, (50_000, 1)) + rng.normal(0, 0.01, (1, 6)).astype("f"))
        for side, rows in zip(("image", "text"), sides(1), strict=True)
    }
    taken = watch.take(batch(8, **many))
    assert taken.outcome == "watching"
    assert all(np.isfinite(value) for value in taken.seen.values.values())
    assert watch.batches()[-1]["images"] == 1_000_000
    assert len(watch.memory().save()) + len(watch.monitor().save()) < 200_000


HOSTILE = (
    "'); DROP TABLE watches; --",
    '<script>alert("x")</script>',
    "\x1b[31mred\x00\x07",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    "\ud800 half a character",
    "x" * 100_000,
    "日本語のラベル\u3000。",
)


def test_hostile_strings_are_kept_as_short_plain_text(watch, ledger):
    for number in range(7):
        image, text = sides(number)
        labels = tuple(HOSTILE[place % len(HOSTILE)] for place in range(20))
        taken = watch.take(
            Batch(
                id=HOSTILE[number],
                at=FIRST + timedelta(days=number),
                image=Side(rows=image, label=labels, source=labels),
                text=Side(rows=text, caption=labels),
                figures={HOSTILE[number]: 1.0} | {f"more {n}": 1.0 for n in range(1_000)},
                encoder=HOSTILE[0],
            )
        )
        assert taken.outcome != "refused"
        assert watch.take(Batch(id=HOSTILE[number], at=FIRST)).outcome == "duplicate"
    kept = [row["id"] for row in watch.batches()]
    assert len(set(kept)) == len(HOSTILE)
    assert kept[0] == HOSTILE[0]
    assert all(len(each) <= 220 and each.isprintable() for each in kept[:-1])
    assert kept[-1] == HOSTILE[-1]
    assert all(len(row["figures"]) == 200 for row in watch.batches())
    held = watch.memory().before["image"]["label"].counts
    assert all(each.isprintable() for each in held)
    assert ledger.rows("SELECT name FROM watches") == [{"name": "goods"}]


def test_too_many_bad_ones_in_a_row_are_an_alarm_told_once(watch):
    fill(watch, range(3))
    bad = {"image": None, "text": None}
    alarms = [taken.alarm for taken in fill(watch, range(3, 9), **bad)]
    assert [each is not None for each in alarms] == [False, False, True, False, False, False]
    assert watch.alarms()[0]["detail"]["batches"] == 3
    fill(watch, range(9, 10))
    assert [taken.alarm for taken in fill(watch, range(10, 13), **bad)][-1] is not None


def test_another_encoder_is_told_at_once_and_its_batches_do_not_count(watch, ledger):
    fill(watch, range(8))
    saved = state(ledger)["watch"]
    first = watch.take(batch(8, encoder="clip-2"))
    second = watch.take(batch(9, encoder="clip-2"))
    third = watch.take(batch(10, encoder="clip-3"))
    assert [each.outcome for each in (first, second, third)] == ["encoder"] * 3
    assert [each.alarm is not None for each in (first, second, third)] == [True, False, True]
    assert watch.alarms()[1]["detail"]["found"] == "clip-2"
    assert state(ledger)["watch"] == saved
    assert watch.take(batch(11, encoder=None)).outcome == "watching"
    assert watch.take(batch(12)).outcome == "watching"
    watch.anew("the encoder was changed on purpose")
    assert watch.take(batch(13, encoder="clip-2")).outcome == "learning"
    assert ledger.history(1)[0]["action"] == "learn_anew"


def test_what_the_promise_rests_on_cannot_change_without_learning_anew(watch, ledger):
    fill(watch, range(8))
    with pytest.raises(UsageError, match="begun with learn 2, not 3"):
        Watch(ledger, "goods", {"learn": 3})
    with pytest.raises(UsageError, match="no setting 'speed'"):
        Watch(ledger, "goods", {"speed": 3})
    changed = Watch(ledger, "goods", {"policy": "notify", "keep_days": 30.0})
    assert watch.settings.policy == "notify"
    assert ledger.history(1)[0]["detail"]["after"]["keep_days"] == 30
    changed.anew("other seasons", season="weekday", learn=3)
    assert changed.standing().left == 8
    assert [each.outcome for each in fill(watch, range(8, 12))][2:] == ["learning", "calibrating"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 0.5},
        {"learn": 0},
        {"learn": "x"},
        {"calibrate": 2},
        {"season": "moon"},
        {"policy": "always"},
        {"keep_days": float("nan")},
        {"beat_seconds": 0.0},
        {"most_refused": 0},
    ],
)
def test_senseless_settings_are_refused(ledger, wrong):
    with pytest.raises(UsageError):
        Watch(ledger, "goods", wrong)
    assert ledger.rows("SELECT * FROM watches") == []


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 300])
def test_a_name_is_a_short_plain_word(ledger, name):
    with pytest.raises(UsageError, match="no name"):
        Watch(ledger, name)


def test_live_figures_that_are_declared_are_watched(ledger, clock):
    watch = Watch(ledger, "goods", QUICK | {"extra": ("volume", "cross_share")}, clock=clock)
    for number in range(9):
        last = watch.take(batch(number, figures={"cross_share": 0.4, "other": 1.0}))
    assert last.seen.values["volume"] == 40
    assert last.seen.values["cross_share"] == 0.4
    assert "other" not in last.seen.values
    assert watch.batches()[-1]["figures"]["other"] == 1


def test_two_processes_at_once_lose_and_double_nothing(ledger, clock):
    """Each thread has a connection of its own, as a process would."""
    Watch(ledger, "goods", QUICK | {"every": 1e6}, clock=clock)

    def work(numbers):
        own = Ledger(ledger.path)
        watch = Watch(own, "goods", clock=clock)
        for number in numbers:
            watch.take(batch(number, at=FIRST))
        own.close()

    threads = [threading.Thread(target=work, args=(range(start, 16, 2),)) for start in (0, 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    watch = Watch(ledger, "goods", clock=clock)
    assert sum(watch.standing().counts.values()) == 16
    order = [int(row["id"].split()[1]) for row in watch.batches()]
    assert sorted(order) == list(range(16))
    alone = Monitor(every=1e6, learn=2, calibrate=5)
    for number in order:
        alone.update(*sides(number), at=FIRST)
    assert watch.monitor().save() == alone.save()


def test_every_alarm_is_followed_up_in_the_end(watch, ledger):
    fill(watch, range(12))
    fill(watch, range(12, 18), shift=3.0)
    (alarm,) = watch.alarms()
    seen = []

    def fails(ledger, number, memory):
        seen.append(number)
        raise ZeroDivisionError("a fault")

    for _ in range(2):  # as after a kill: it is tried again
        with pytest.raises(DohyoError, match="was not followed up: ZeroDivisionError: a fault"):
            watch.follow_up(follow=fails)

    def works(ledger, number, memory):
        assert memory.settled
        seen.append(number)
        with ledger.change():
            ledger.rows("UPDATE alarms SET explained = '{}', adjusted = '{}'")

    assert watch.follow_up(follow=works) == (alarm["number"],)
    assert watch.follow_up(follow=works) == ()
    assert seen == [alarm["number"]] * 3


def test_a_program_with_batches_in_hand_opens_a_watch(tmp_path):
    told = []
    follow = lambda ledger, number, memory: told.append(number)  # noqa: E731
    with open_watch(tmp_path, "goods", follow=follow, **QUICK) as opened:
        for number in range(18):
            taken = opened.update(
                *sides(number, shift=3.0 * (number >= 12)),
                id=f"day {number}",
                at=(FIRST + timedelta(days=number)).replace(tzinfo=None),
                labels=["cup"] * 20,
            )
    assert taken.outcome != "refused"
    with open_watch(tmp_path, "goods", follow=follow) as opened:
        assert opened.update(*sides(3), id="day 3").outcome == "duplicate"
        assert opened.watch.standing().alarms == 1
        assert opened.update([[1.0], [1.0, 2.0]], sides(3)[1]).outcome == "refused"
        assert opened.update(None, sides(3)[1]).outcome in ("calibrating", "watching")
    assert len(told) == 2  # once for the alarm, once as it was not written down that it was done
