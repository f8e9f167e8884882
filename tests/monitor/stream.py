"""Small batches, a day apart, and a clock that a test sets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from dohyo.monitor.batch import Batch, Side

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
QUICK = {"every": 20.0, "learn": 2, "calibrate": 5, "beat_seconds": 86_400.0}


def sides(number, *, shift=0.0, rows=20, dim=6):
    """Return images and texts with a gap, the images moved by `shift`."""
    rng = np.random.default_rng(number)
    meaning = rng.normal(size=(rows, dim)) / 3
    away = np.eye(dim)[0]
    image = meaning + (1 + shift) * away + rng.normal(size=(rows, dim)) / 4
    text = meaning - away + rng.normal(size=(rows, dim)) / 4
    return image.astype(np.float32), text.astype(np.float32)


def batch(number, *, shift=0.0, **changed):
    """Return the batch of a day, by its number."""
    image, text = sides(number, shift=shift)
    made = Batch(
        id=f"day {number}",
        at=FIRST + timedelta(days=number),
        image=Side(rows=image),
        text=Side(rows=text),
        encoder="clip-1",
    )
    return replace(made, **changed)


class Clock:
    """Shows what it is told to."""

    def __init__(self, now=FIRST):
        self.now = now

    def __call__(self):
        return self.now


def state(ledger, name="goods"):
    """Return everything of a watch but when it came."""
    return {
        "watch": ledger.rows("SELECT saved, memory, newest, encoder, refused_run FROM watches"),
        "batches": ledger.rows(
            "SELECT id, at, outcome, why, images, texts, evidence, figures FROM batches "
            "WHERE watch = ? ORDER BY number",
            name,
        ),
        "counts": ledger.rows("SELECT * FROM counts ORDER BY what"),
        "alarms": ledger.rows("SELECT number, batch, kind, detail FROM alarms ORDER BY number"),
    }
