"""A canary on schedule: a changed encoder is one alarm, and nothing of the schedule is lost."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.monitor.canaries.drawn import fill
from tests.monitor.stream import FIRST, QUICK, Clock, batch

from dohyo.encoders.builtin import load
from dohyo.errors import CorpusError, DohyoError, UsageError
from dohyo.monitor import Watch
from dohyo.monitor.canaries.items import Items
from dohyo.monitor.canaries.kept import file_of, read_kept
from dohyo.monitor.canaries.scheduled import AGAIN, Canary
from dohyo.rollout.ledger import Ledger

TRAINED = load("shapes-world")
DAY = timedelta(days=1)


class Blurred:
    """The same weights and the same fingerprint behind another preprocessing."""

    name, dimension, fingerprint = TRAINED.name, TRAINED.dimension, TRAINED.fingerprint
    encode_texts = TRAINED.encode_texts

    def encode_images(self, images):
        return TRAINED.encode_images([each.resize((12, 12)) for each in images])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("canary") / "pairs")


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def clock():
    return Clock(FIRST)


@pytest.fixture
def make(ledger, clock, drawn):
    """Return a canary as a new process would."""

    def made(encoder=TRAINED, *, path=drawn, name="shapes-world", channels=("pager",), **watched):
        settings = QUICK | {"extra": ("canary_recall",)} | watched
        watch = Watch(ledger, "goods", settings, channels=channels, clock=clock)
        return Canary(
            watch=watch,
            items=Items(path=path),
            name=name,
            encoder=lambda: encoder,
            clock=clock,
            ticks=lambda: clock.now.timestamp(),
        )

    return made


def test_the_same_encoder_is_no_alarm_and_its_recall_is_a_figure_of_the_next_batch(
    make, clock, ledger
):
    canary = make()
    assert canary.begin()
    assert file_of(ledger, "goods").is_file()
    assert canary.check_if_due() is None
    canary.watch.take(batch(0))
    canary.watch.take(batch(1))
    clock.now += 2 * DAY
    done = canary.check_if_due()
    assert (done.found.why, done.alarm) == ("same", None)
    for number in (2, 3):
        canary.watch.take(replace(batch(number), encoder=None))
    with_figure, without = canary.watch.batches()[2:]
    assert with_figure["figures"]["canary_recall"] == pytest.approx(done.found.recall_now, abs=1e-5)
    assert "canary_recall" not in without["figures"]
    assert canary.watch.alarms() == []


def test_another_encoder_is_one_alarm_at_once_however_often_it_is_seen(make, clock, ledger):
    make().begin()
    other = make(load("shapes-world-untrained"), name="shapes-world-untrained")
    assert other.due()  # it was named, so nobody waits for the schedule
    first = other.check_if_due()
    assert first.found.why == "fingerprint"
    clock.now += DAY
    assert other.check_if_due().alarm is None
    (alarm,) = other.watch.alarms()
    assert (alarm["number"], alarm["kind"], alarm["batch"]) == (first.alarm, "encoder", None)
    detail = alarm["detail"]
    assert detail["expected"] == TRAINED.fingerprint
    assert detail["found"] == load("shapes-world-untrained").fingerprint
    assert detail["recall_after"] < detail["recall_before"]
    (message,) = ledger.rows("SELECT * FROM outbox")
    assert json.loads(message["body"])["detail"]["why"] == "fingerprint"
    clock.now += DAY
    assert make().check_if_due().found.why == "same"


def test_another_preprocessing_under_the_same_fingerprint_is_told_by_the_vectors(make, clock):
    make().begin()
    clock.now += DAY
    done = make(Blurred()).check_if_due()
    assert (done.found.why, done.alarm) == ("vectors", 1)
    assert done.found.cosine["image"] < 0.999
    assert done.found.cosine["text"] == pytest.approx(1, abs=1e-6)


def test_what_its_batches_have_told_already_is_not_told_again(make, clock):
    canary = make()
    canary.begin()
    canary.watch.take(replace(batch(0), encoder=TRAINED.fingerprint))
    other = load("shapes-world-untrained")
    assert canary.watch.take(replace(batch(1), encoder=other.fingerprint)).alarm == 1
    clock.now += DAY
    assert make(other).check_if_due().alarm is None
    assert len(canary.watch.alarms()) == 1


def test_its_alarm_is_explained_and_followed_up(make, clock):
    make().begin()
    clock.now += DAY
    canary = make(Blurred())
    canary.watch.take(batch(0))
    canary.check_if_due()
    assert canary.watch.follow_up() == (1,)
    (alarm,) = canary.watch.alarms()
    assert alarm["explained"]["kind"] == "canary"
    assert alarm["explained"]["notes"] == []
    assert alarm["adjusted"]["outcome"] == "encoder"


def test_a_restart_keeps_the_schedule_and_a_job_a_little_early_is_not_a_day_late(make, clock):
    make().begin()
    clock.now += timedelta(hours=20)
    assert not make().due()
    clock.now += timedelta(hours=3, minutes=50)
    again = make()
    assert not again.begin()
    assert again.due()
    again.check()
    assert not make().due()
    clock.now -= timedelta(days=300)  # the clock was ahead
    assert make().due()


def test_a_check_that_is_killed_leaves_the_old_result_and_is_due_still(
    make, clock, ledger, monkeypatch
):
    make().begin()
    before = read_kept(ledger, "goods")
    clock.now += DAY
    canary = make(Blurred())

    def dies(*_, **__):  # the result is written, and not yet safe
        assert read_kept(ledger, "goods") != before
        raise SystemExit(9)

    monkeypatch.setattr(canary.watch, "raise_alarm", dies)
    with pytest.raises(SystemExit):
        canary.check_if_due()
    assert read_kept(ledger, "goods") == before
    assert make().due()
    assert make(Blurred()).check_if_due().alarm == 1


def test_a_check_that_fails_is_told_and_tried_again_later(make, clock, ledger):
    class Broken(Blurred):
        def encode_images(self, images):
            raise RuntimeError("no memory")

    make().begin()
    before = read_kept(ledger, "goods")
    clock.now += DAY
    canary = make(Broken())
    with pytest.raises(DohyoError, match="RuntimeError: no memory"):
        canary.check_if_due()
    assert canary.check_if_due() is None
    clock.now += timedelta(seconds=AGAIN)
    with pytest.raises(DohyoError, match="no memory"):
        canary.check_if_due()
    assert read_kept(ledger, "goods") == before


def test_a_canary_that_was_changed_is_refused_unless_it_is_taken_anew(make, drawn, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(drawn, copy)
    make(path=copy).begin()
    shutil.copy(copy / "01.png", copy / "02.png")
    with pytest.raises(UsageError, match="not what was stored at the beginning") as told:
        make(path=copy).begin()
    assert "--anew" in told.value.hint
    with pytest.raises(UsageError, match="not what was stored"):
        make(path=copy).check()
    assert make(path=copy).begin(anew=True)
    assert not make(path=copy).begin()


@pytest.mark.parametrize("name", ["goods", "../goods", "棚", "a/b"])
def test_the_file_lies_in_the_state_whatever_the_watch_is_called(ledger, name):
    assert file_of(ledger, name).parent == ledger.path.parent / "canaries"


def test_a_stored_file_that_was_touched_is_told(make, ledger):
    make().begin()
    path = file_of(ledger, "goods")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UsageError, match="not what was stored"):
        make().check()
    path.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        make().begin()


def test_a_canary_of_another_encoder_than_the_batches_is_refused(make):
    canary = make()
    canary.watch.take(batch(0))
    with pytest.raises(UsageError, match="the batches of the watch goods are of clip-1"):
        canary.begin()


def test_nothing_of_its_pictures_and_captions_is_kept(make, ledger):
    make().begin()
    with np.load(file_of(ledger, "goods"), allow_pickle=False) as held:
        assert set(held) == {"image", "text", "text_to_image", "encoder"}


def test_broken_pictures_are_refused_by_name(make, drawn, tmp_path, ledger):
    copy = tmp_path / "copy"
    shutil.copytree(drawn, copy)
    (copy / "03.png").write_bytes(b"no picture")
    with pytest.raises(CorpusError, match=r"cannot be used: .*03\.png"):
        make(path=copy).begin()
    assert read_kept(ledger, "goods") is None
    assert not file_of(ledger, "goods").exists()


def test_a_canary_without_captions_or_with_few_pictures_is_refused(drawn, tmp_path):
    few = fill(tmp_path / "few", 4)
    with pytest.raises(CorpusError, match="4 pictures, too few"):
        Items(path=few).encoded(TRAINED)
    bare = tmp_path / "bare"
    shutil.copytree(drawn, bare)
    (bare / "captions.csv").unlink()
    with pytest.raises(CorpusError, match="16 pictures and no captions"):
        Items(path=bare).digest()
