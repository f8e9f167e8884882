"""What Prometheus is told of the watches, in its text format and without its library.

The ledger holds all of it, so that a process without a port can leave it in a file for the
textfile collector of the node exporter, and the service can add it to its own metrics.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

from dohyo.errors import UsageError
from dohyo.monitor.book import Kind, told
from dohyo.monitor.settings import WatchSettings
from dohyo.monitor.taken import Outcome
from dohyo.rollout.ledger import Ledger

Sample = tuple[str, Mapping[str, str], float]
"""Name, labels, value."""

FAMILIES: Final[Mapping[str, tuple[str, str]]] = {
    "dohyo_monitor_evidence": ("gauge", "Evidence that something has changed, latest batch."),
    "dohyo_monitor_evidence_threshold": ("gauge", "Evidence at which there is an alarm."),
    "dohyo_monitor_stream": ("gauge", "What is watched, latest batch."),
    "dohyo_monitor_batches_total": ("counter", "Batches by what became of them."),
    "dohyo_monitor_clock_back_total": ("counter", "Times that the clock was set back."),
    "dohyo_monitor_refused_run": ("gauge", "Bad batches since the last good one."),
    "dohyo_monitor_last_batch_timestamp_seconds": ("gauge", "When the latest batch came."),
    "dohyo_monitor_beat_seconds": ("gauge", "Usual time between batches."),
    "dohyo_monitor_silent": ("gauge", "1 while batches are missed."),
    "dohyo_monitor_alarms_total": ("counter", "Alarms by kind."),
    "dohyo_monitor_alarms_open": ("gauge", "Alarms that nobody has closed or put off."),
    "dohyo_proposals_open": ("gauge", "Proposals that wait for somebody."),
    "dohyo_proposals_oldest_timestamp_seconds": ("gauge", "When the oldest of them was made."),
    "dohyo_outbox_waiting": ("gauge", "Messages that are still to be sent."),
    "dohyo_outbox_oldest_timestamp_seconds": ("gauge", "When the oldest of them was made."),
    "dohyo_outbox_sent_total": ("counter", "Messages that were accepted."),
    "dohyo_outbox_given_up_total": ("counter", "Messages that are tried no more."),
}
"""Kind and help of each metric, in the order in which they are written."""

_COUNTED = "outcome IN ('learning', 'calibrating', 'watching')"


def exposition(ledger: Ledger, now: datetime | None = None) -> str:
    """Return everything as Prometheus reads it, text format 0.0.4.

    Parameters
    ----------
    now : with a zone, for what was put off until then; the machine's clock if left out

    Raises
    ------
    NotCounted
        If the ledger cannot be read.
    """
    at = datetime.now(UTC) if now is None else now
    with told("The metrics were not read"):
        samples = [*_watches(ledger), *_alarms(ledger, at), *_proposals(ledger, at)]
        samples += _outbox(ledger)
    lines = []
    for name, (kind, about) in FAMILIES.items():
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
        lines += [_line(*sample) for sample in samples if sample[0] == name]
    return "\n".join(lines) + "\n"


def write_metrics(ledger: Ledger, path: Path, now: datetime | None = None) -> None:
    """Leave everything in a file, whole at any moment, for the textfile collector.

    Parameters
    ----------
    path : its name should end in .prom, or the collector passes it by

    Raises
    ------
    UsageError
        If the file cannot be written, or the ledger not be read.
    """
    text = exposition(ledger, now)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # which the collector passes by
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(
            f"Cannot write {path}: {error.strerror}.",
            hint="Name another file with --metrics-file, or check its folder and the space.",
        ) from error


def _watches(ledger: Ledger) -> Iterator[Sample]:
    counted = ledger.rows("SELECT watch, what, n FROM counts")
    for row in ledger.rows("SELECT name, settings, beat, silent, refused_run FROM watches"):
        of, settings = {"watch": row["name"]}, WatchSettings.from_json(row["settings"])
        latest = ledger.rows(
            f"SELECT evidence, figures FROM batches WHERE watch = ? AND {_COUNTED} "
            "ORDER BY number DESC LIMIT 1",
            row["name"],
        )
        yield "dohyo_monitor_evidence", of, latest[0]["evidence"] if latest else 0.0
        yield "dohyo_monitor_evidence_threshold", of, settings.every
        for stream, value in (json.loads(latest[0]["figures"]) if latest else {}).items():
            yield "dohyo_monitor_stream", of | {"stream": stream}, value
        counts = {each["what"]: each["n"] for each in counted if each["watch"] == row["name"]}
        for outcome in get_args(Outcome):  # at 0 too, so that the first one is an increase
            labels = of | {"outcome": outcome}
            yield "dohyo_monitor_batches_total", labels, counts.get(outcome, 0)
        yield "dohyo_monitor_clock_back_total", of, counts.get("clock_back", 0)
        yield "dohyo_monitor_refused_run", of, row["refused_run"]
        yield "dohyo_monitor_last_batch_timestamp_seconds", of, _seconds(row["beat"])
        if settings.beat_seconds is not None:
            yield "dohyo_monitor_beat_seconds", of, settings.beat_seconds
        yield "dohyo_monitor_silent", of, row["silent"]


def _alarms(ledger: Ledger, now: datetime) -> Iterator[Sample]:
    rows = ledger.rows("SELECT watch, kind, state, snoozed_until FROM alarms")
    waiting = [row for row in rows if _waits(row, now)]
    for watch in ledger.rows("SELECT name FROM watches"):
        for kind in get_args(Kind):
            labels = {"watch": watch["name"], "kind": kind}
            yield "dohyo_monitor_alarms_total", labels, _count(rows, labels)
            yield "dohyo_monitor_alarms_open", labels, _count(waiting, labels)


def _proposals(ledger: Ledger, now: datetime) -> Iterator[Sample]:
    found = ledger.rows("SELECT collection, at, state, snoozed_until FROM proposals")
    for name in dict.fromkeys(row["collection"] for row in found):
        of = {"collection": name}
        waiting = [row["at"] for row in found if row["collection"] == name and _waits(row, now)]
        yield "dohyo_proposals_open", of, len(waiting)
        if waiting:
            yield "dohyo_proposals_oldest_timestamp_seconds", of, _seconds(min(waiting))


def _outbox(ledger: Ledger) -> Iterator[Sample]:
    waits = "(sent IS NULL AND given_up IS NULL)"
    for row in ledger.rows(
        f"SELECT channel, sum({waits}) AS waiting, min(CASE WHEN {waits} THEN made END) AS oldest, "
        "count(sent) AS sent, count(given_up) AS given_up FROM outbox GROUP BY channel"
    ):
        of = {"channel": row["channel"]}
        yield "dohyo_outbox_waiting", of, row["waiting"]
        if row["oldest"] is not None:
            yield "dohyo_outbox_oldest_timestamp_seconds", of, _seconds(row["oldest"])
        yield "dohyo_outbox_sent_total", of, row["sent"]
        yield "dohyo_outbox_given_up_total", of, row["given_up"]


def _waits(row: Mapping[str, Any], now: datetime) -> bool:
    until = row["snoozed_until"]
    return row["state"] == "open" and (until is None or datetime.fromisoformat(until) <= now)


def _count(rows: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> int:
    return sum(all(row[name] == value for name, value in labels.items()) for row in rows)


def _seconds(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
