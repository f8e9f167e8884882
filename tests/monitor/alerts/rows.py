"""Rows of the ledger, as the watch writes them."""

import json
from datetime import UTC, datetime

from dohyo.monitor.alerts import message_of
from dohyo.words import Words

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
FRIDAY = "2026-11-27T09:00:00.000000+00:00"
DETAILS = {
    "drift": {
        "stream": "gap_size",
        "share": 0.41,
        "began": 4,
        "earliest": 6,
        "latest": 2,
        "began_batch": "d4.npz",
        "earliest_batch": "d6.npz",
        "latest_batch": "d2.npz",
        **dict.fromkeys(("began_at", "earliest_at", "latest_at"), FRIDAY),
        "blamed": [["gap_size", 0.41]],
    },
    "encoder": {"expected": "clip-a", "found": "clip-b", "latest": "d9.npz"},
    "silence": {"since": FRIDAY, "seconds": 200000, "usual": 86400.0},
    "refused": {"batches": 3, "latest": "d9.npz", "why": "it holds NaN"},
}


def alarm(number=1, kind="drift", watch="shop", **detail):
    return {
        "number": number,
        "watch": watch,
        "at": MONDAY.isoformat(),
        "kind": kind,
        "detail": json.dumps(DETAILS[kind] | detail),
    }


def message(number=1, **detail):
    return message_of(alarm(number, **detail), Words())
