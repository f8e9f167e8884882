"""kill −9 at fifty moments: nothing is lost, counted twice or told twice, bit for bit."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.monitor.stream import FIRST, sides, state

from dohyo.rollout.ledger import Ledger

KILLS = 50
BATCHES = 180


@pytest.fixture
def folder(tmp_path):
    """Days that jump now and then; some files are broken."""
    found = tmp_path / "batches"
    found.mkdir()
    for day in range(BATCHES):
        image, text = sides(day, shift=3.0 * (day // 30 % 2), rows=10, dim=3)
        name = f"{FIRST + timedelta(days=day):%Y-%m-%d}.npz"
        np.savez(found / name, image=image, text=text, encoder=np.array("clip-1"))
        if day % 50 == 17:
            (found / name).write_bytes(b"broken")
    return found


def everything(file):
    ledger = Ledger(file)
    found = state(ledger) | {
        "outbox": ledger.rows("SELECT number, key, channel, subject, body FROM outbox"),
        "followed": ledger.rows("SELECT number, explained, adjusted FROM alarms ORDER BY number"),
    }
    ledger.close()
    return found


def test_killed_at_fifty_moments_a_watch_ends_as_if_it_had_never_been(folder, tmp_path):
    files = [tmp_path / name for name in ("undisturbed.sqlite", "killed.sqlite")]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killing.py"), folder, *files, str(KILLS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < KILLS / 2  # most kills hit a watch at work
    before, after = map(everything, files)
    for what in before:
        assert after[what] == before[what], what
    assert len(before["batches"]) == BATCHES
    assert len(before["alarms"]) >= 3
    assert len(before["outbox"]) == 2 * len(before["alarms"])
    assert {row["explained"] for row in before["followed"]} == {"{}"}
