"""A watch that is killed again and again: run as a program, so that it forks from little."""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from dohyo.monitor import Watch
from dohyo.monitor.running import Run
from dohyo.monitor.sources import FolderSource
from dohyo.rollout.ledger import Ledger

SETTINGS = {"every": 8.0, "learn": 3, "calibrate": 6, "beat_seconds": None, "reservoir": 3}


class Silent:
    """Hears nothing."""

    def taken(self, batch, taken):
        pass

    def alarm(self, row):
        pass

    def trouble(self, error):
        raise error


def followed(ledger, number, memory):
    """Follow an alarm in two steps, between which a kill may come."""
    assert memory is not None
    for column in ("explained", "adjusted"):
        with ledger.change():
            ledger.rows(f"UPDATE alarms SET {column} = '{{}}' WHERE number = ?", number)


def run(folder, file):
    """Take every batch of the folder, as `dohyo monitor watch --once` does."""
    ledger = Ledger(file)
    watch = Watch(
        *(ledger, "goods", SETTINGS),
        channels=["mail a", "webhook b"],
        clock=lambda: datetime(2100, 1, 1, tzinfo=UTC),
    )
    source = FolderSource(folder=folder, settled=0.0)
    Run(watch=watch, source=source, told=Silent(), follow=followed).once()
    ledger.close()


def kill(folder, undisturbed, killed, kills):
    """Run once undisturbed, and once killed so many times; print how many ended before."""
    begun = time.monotonic()
    run(folder, undisturbed)
    whole = time.monotonic() - begun
    with_secret(undisturbed, killed)
    rng, left, finished = random.Random(0), kills, 0
    while left:
        # A fork imports nothing anew, so that the kills fall into the work and not before it.
        child = get_context("fork").Process(target=run, args=(folder, killed))
        child.start()
        child.join(0.004 + rng.random() * 1.2 * whole / kills)
        if child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
            left -= 1
        child.join()
        finished += child.exitcode == 0
        assert child.exitcode in (0, -signal.SIGKILL)
    run(folder, killed)
    print(finished)


def with_secret(source, target):
    """Begin a ledger with the other one's secret, from which the keys of messages are made."""
    ledger, fresh = Ledger(source), Ledger(target)
    for row in ledger.rows("SELECT name, value FROM secrets"):
        fresh.secret(row["name"], row["value"])
    ledger.close()
    fresh.close()


if __name__ == "__main__":
    kill(*map(Path, sys.argv[1:4]), int(sys.argv[4]))
