"""Metrics: what the ledger holds, in a text that Prometheus reads."""

import os
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.monitor.alerts.rows import MONDAY, message
from tests.monitor.watched import BAD_NAME, fill

from dohyo.errors import UsageError
from dohyo.monitor.alerts import Trouble, deliver, queue
from dohyo.monitor.exposition import FAMILIES, exposition, write_metrics
from dohyo.rollout.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


def samples(text):
    """Return values by name and labels, as Prometheus's own parser reads them."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found, name, **labels):
    return found[(f"dohyo_{name}", *sorted(labels.items()))]


def test_an_empty_ledger_has_no_samples_and_can_be_read(ledger):
    text = exposition(ledger)
    assert samples(text) == {}
    assert text.count("# TYPE") == len(FAMILIES)


def test_it_says_what_the_ledger_holds(ledger):
    fill(ledger)
    found = samples(exposition(ledger, MONDAY))
    assert value(found, "monitor_evidence", watch="shop") == 90.5
    assert value(found, "monitor_evidence_threshold", watch="shop") == 180
    assert value(found, "monitor_stream", watch="shop", stream="gap_size") == -0.25
    assert value(found, "monitor_batches_total", watch="shop", outcome="watching") == 2
    assert value(found, "monitor_batches_total", watch="shop", outcome="late") == 0
    assert value(found, "monitor_clock_back_total", watch="shop") == 1
    assert value(found, "monitor_refused_run", watch="shop") == 1
    assert value(found, "monitor_beat_seconds", watch="shop") == 86_400
    beat = value(found, "monitor_last_batch_timestamp_seconds", watch="shop")
    assert beat == MONDAY.timestamp()
    assert value(found, "monitor_silent", watch="shop") == 0
    for kind, all_, open_ in (("drift", 2, 1), ("silence", 1, 0), ("encoder", 0, 0)):
        assert value(found, "monitor_alarms_total", watch="shop", kind=kind) == all_
        assert value(found, "monitor_alarms_open", watch="shop", kind=kind) == open_
    assert value(found, "proposals_open", collection="goods") == 1
    oldest = value(found, "proposals_oldest_timestamp_seconds", collection="goods")
    assert oldest == (MONDAY - timedelta(days=4)).timestamp()


def test_what_was_put_off_comes_back_when_its_time_is_over(ledger):
    fill(ledger)
    later = samples(exposition(ledger, MONDAY + timedelta(days=3)))
    assert value(later, "monitor_alarms_open", watch="shop", kind="silence") == 1
    assert value(later, "proposals_open", collection="goods") == 2


def test_messages_are_counted_as_waiting_sent_or_given_up(ledger):
    class Phone:
        name = "phone"
        down = False

        def send(self, message):
            if self.down:
                raise Trouble("down")

    phone = Phone()
    queue(ledger, ["phone"], message(1), MONDAY)
    deliver(ledger, [phone], MONDAY)
    phone.down = True
    queue(ledger, ["phone"], message(2), MONDAY + timedelta(hours=1))
    found = samples(exposition(ledger))
    assert value(found, "outbox_sent_total", channel="phone") == 1
    assert value(found, "outbox_waiting", channel="phone") == 1
    oldest = value(found, "outbox_oldest_timestamp_seconds", channel="phone")
    assert oldest == (MONDAY + timedelta(hours=1)).timestamp()
    for hour in range(1, 99):
        deliver(ledger, [phone], MONDAY + timedelta(hours=hour))
    found = samples(exposition(ledger))
    assert value(found, "outbox_given_up_total", channel="phone") == 1
    assert value(found, "outbox_waiting", channel="phone") == 0
    assert not any("oldest" in key[0] for key in found)


def test_hostile_names_stay_names(ledger):
    fill(ledger, BAD_NAME)
    found = samples(exposition(ledger, MONDAY))
    assert value(found, "monitor_evidence", watch=BAD_NAME) == 90.5
    assert "injected" not in {key[0] for key in found}


def test_the_file_is_whole_or_the_one_before_and_others_may_read_it(ledger, tmp_path):
    fill(ledger)
    path = tmp_path / "out" / "dohyo.prom"
    path.parent.mkdir()
    before = os.umask(0o022)
    try:
        write_metrics(ledger, path, MONDAY)
        write_metrics(ledger, path, MONDAY)
    finally:
        os.umask(before)
    assert path.read_text() == exposition(ledger, MONDAY)
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["dohyo.prom"]


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(ledger, tmp_path):
    with pytest.raises(UsageError, match=r"Cannot write .*nowhere.*\. .*--metrics-file"):
        write_metrics(ledger, tmp_path / "nowhere" / "dohyo.prom")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="Cannot write"):
        write_metrics(ledger, tmp_path / "folder")
    assert not list(tmp_path.glob(".folder*"))
