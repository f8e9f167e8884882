"""What the ledger holds of a watch: read and written here, and nowhere else."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from dohyo.errors import UsageError
from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.settings import WatchSettings
from dohyo.rollout.ledger import Ledger

Kind = Literal["drift", "encoder", "silence", "refused"]
DIGITS = 6
"""Significant ones of a figure that is kept for the time line."""


class NotCounted(UsageError):
    """The ledger refused: nothing was counted, and the same may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The state of a watch, but for its statistics.

    Attributes
    ----------
    name : of the watch
    began : when it was first made
    settings : how it is set
    newest : time of the newest batch that was judged or learnt from
    forgotten : of batches up to this time nothing single is known any more
    encoder : fingerprint of the encoder that made what it has learnt
    beat : when the latest batch came, by the clock of the machine
    silent : it has told that none comes
    refused_run : bad batches since the last good one
    canary_recall : of a check of its canary that no batch has had as a figure yet
    revision : grows with every change
    """

    name: str
    began: datetime
    settings: WatchSettings
    newest: datetime | None
    forgotten: datetime | None
    encoder: str | None
    beat: datetime
    silent: bool
    refused_run: int
    canary_recall: float | None
    revision: int


COLUMNS = (
    "name, began, settings, newest, forgotten, encoder, beat, silent, refused_run, canary_recall, "
    "revision"
)


def written(at: datetime) -> str:
    """Return a time as the ledger holds it: UTC to the microsecond, in the order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_page(ledger: Ledger, name: str) -> Page | None:
    """Return the state of a watch; None where there is none of that name."""
    found = ledger.rows(f"SELECT {COLUMNS} FROM watches WHERE name = ?", name)
    if not found:
        return None
    row = found[0]
    times = {
        key: None if row[key] is None else datetime.fromisoformat(row[key])
        for key in ("began", "newest", "forgotten", "beat")
    }
    rest = {"settings": WatchSettings.from_json(row["settings"]), "silent": bool(row["silent"])}
    return Page(**(row | times | rest))


def begin(ledger: Ledger, name: str, settings: WatchSettings, now: datetime) -> None:
    """Write down a new watch; inside a change."""
    ledger.rows(
        "INSERT INTO watches (name, began, settings, beat) VALUES (?, ?, ?, ?)",
        *(name, written(now), settings.to_json(), written(now)),
    )


def update(ledger: Ledger, name: str, **columns: Any) -> None:
    """Change a watch and let its revision grow; inside a change."""
    values = {
        key: written(value) if isinstance(value, datetime) else value
        for key, value in columns.items()
    }
    set_ = "".join(f"{key} = ?, " for key in values)
    ledger.rows(
        f"UPDATE watches SET {set_}revision = revision + 1 WHERE name = ?", *values.values(), name
    )


def row_count(side: Side | None) -> int:
    """Return how many rows a side has; 0 for what is no list of rows."""
    return 0 if side is None or not np.ndim(side.rows) else len(side.rows)


def write_batch(
    ledger: Ledger,
    name: str,
    batch: Batch,
    *,
    received: datetime,
    outcome: str,
    why: str = "",
    evidence: float = 0.0,
    figures: Mapping[str, float] | None = None,
) -> None:
    """Write down a batch; inside a change."""
    short = {key: float(f"{value:.{DIGITS}g}") for key, value in (figures or {}).items()}
    rows = [row_count(side) for side in (batch.image, batch.text)]
    ledger.rows(
        "INSERT INTO batches (watch, id, at, received, outcome, why, images, texts, evidence, "
        "figures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(name, batch.id, written(batch.at), written(received), outcome, why),
        *(*rows, evidence, json.dumps(short, allow_nan=False, sort_keys=True)),
    )


def count(ledger: Ledger, name: str, what: str) -> None:
    """Count something; inside a change."""
    ledger.rows(
        "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT (watch, what) DO UPDATE SET n = n + 1",
        *(name, what),
    )


def counts(ledger: Ledger, name: str) -> dict[str, int]:
    """Return what was counted, by what it was."""
    rows = ledger.rows("SELECT what, n FROM counts WHERE watch = ? ORDER BY what", name)
    return {row["what"]: row["n"] for row in rows}


def write_alarm(
    ledger: Ledger,
    name: str,
    kind: Kind,
    detail: Mapping[str, Any],
    *,
    at: datetime,
    received: datetime,
    batch: str | None = None,
) -> dict[str, Any]:
    """Write down an alarm and return its row; inside a change.

    A change of the data or of the encoder is explained and followed up; of the others the detail
    says all.
    """
    done = None if kind in ("drift", "encoder") else "{}"
    ledger.rows(
        "INSERT INTO alarms (watch, at, received, batch, kind, detail, explained, adjusted) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(name, written(at), written(received), batch, kind),
        *(json.dumps(dict(detail), sort_keys=True), done, done),
    )
    row = ledger.rows("SELECT * FROM alarms WHERE number = last_insert_rowid()")[0]
    return _alarm(row)


def alarms(ledger: Ledger, name: str | None = None, *, most: int = 200) -> list[dict[str, Any]]:
    """Return the alarms of one watch or of all, the latest first; details are parsed."""
    rows = ledger.rows(
        "SELECT * FROM alarms WHERE watch = ? OR ? IS NULL ORDER BY number DESC LIMIT ?",
        *(name, name, most),
    )
    return [_alarm(row) for row in rows]


def open_alarm(ledger: Ledger, name: str, kind: Kind, key: str, value: Any) -> bool:
    """Whether an alarm of that kind about the same thing is open already."""
    rows = ledger.rows(
        "SELECT detail FROM alarms WHERE watch = ? AND kind = ? AND state = 'open'", name, kind
    )
    return any(json.loads(row["detail"]).get(key) == value for row in rows)


def batches(ledger: Ledger, name: str, *, most: int = 1_000) -> list[dict[str, Any]]:
    """Return the latest batches, the earliest of them first; figures are parsed."""
    rows = ledger.rows(
        "SELECT * FROM batches WHERE watch = ? ORDER BY number DESC LIMIT ?", name, most
    )
    return [row | {"figures": json.loads(row["figures"])} for row in reversed(rows)]


def judged(ledger: Ledger, name: str, upto: str, most: int) -> list[dict[str, Any]]:
    """Return id and time of the batches that were judged up to one of them, that one first."""
    return ledger.rows(
        "SELECT id, at FROM batches WHERE watch = ? AND outcome = 'watching' AND number <= "
        "(SELECT number FROM batches WHERE watch = ? AND id = ?) ORDER BY number DESC LIMIT ?",
        *(name, name, upto, most),
    )


def known(ledger: Ledger, name: str, id: str) -> bool:
    """Whether a batch is written down."""
    return bool(ledger.rows("SELECT 1 FROM batches WHERE watch = ? AND id = ?", name, id))


def _alarm(row: Mapping[str, Any]) -> dict[str, Any]:
    parsed = {
        key: None if row[key] is None else json.loads(row[key])
        for key in ("detail", "explained", "adjusted")
    }
    return dict(row) | parsed


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say in one sentence why the ledger refused.

    Parameters
    ----------
    what : was not done, the beginning of a sentence

    Raises
    ------
    NotCounted
        In place of SQLite's error.
    """
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said:
            why, hint = "the disk is full", "Make room; it goes on from there."
        elif "locked" in said or "busy" in said:
            why = "another process holds the state for too long"
            hint = "It is tried again; look what holds it."
        else:
            why, hint = said, "Check the disk that holds the state (--state)."
        raise NotCounted(f"{what}: {why}.", hint=hint) from error
