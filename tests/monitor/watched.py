"""A ledger in which everything that can be counted has happened."""

from datetime import timedelta

from tests.monitor.alerts.rows import MONDAY, message

from dohyo.monitor import book
from dohyo.monitor.alerts import queue
from dohyo.monitor.batch import Batch
from dohyo.monitor.settings import WatchSettings
from dohyo.rollout.ledger import Ledger

DAY = timedelta(days=1)
BAD_NAME = 'a"} 1\ninjected{b="\\'


def fill(ledger: Ledger, name: str = "shop") -> None:
    """Write a watch with batches, alarms, two of them put off or closed, and proposals."""
    with ledger.change():
        book.begin(ledger, name, WatchSettings(), MONDAY)
        for number, evidence in enumerate((12.0, 90.5)):
            batch = Batch(id=f"d{number}", at=MONDAY + number * DAY)
            book.write_batch(
                *(ledger, name, batch),
                received=MONDAY,
                outcome="watching",
                evidence=evidence,
                figures={"gap_size": -0.25},
            )
            book.count(ledger, name, "watching")
        bad = Batch(id="bad", at=MONDAY + 2 * DAY)
        book.write_batch(ledger, name, bad, received=MONDAY, outcome="refused", why="NaN")
        for what in ("refused", "clock_back"):
            book.count(ledger, name, what)
        book.update(ledger, name, refused_run=1)
        for kind in ("drift", "drift", "silence"):
            book.write_alarm(ledger, name, kind, {}, at=MONDAY, received=MONDAY)
        ledger.rows("UPDATE alarms SET state = 'closed' WHERE number = 1")
        put_off = (MONDAY + 2 * DAY).isoformat()
        ledger.rows("UPDATE alarms SET snoozed_until = ? WHERE number = 3", put_off)
        for days, until in ((4, None), (9, put_off)):
            ledger.rows(
                "INSERT INTO proposals (at, by, collection, wanted, why, snoozed_until) "
                "VALUES (?, 'monitor', 'goods', '{}', '', ?)",
                *((MONDAY - days * DAY).isoformat(), until),
            )


def fill_outbox(ledger: Ledger) -> None:
    """Put one message there that waits."""
    queue(ledger, ["phone"], message(), MONDAY)
