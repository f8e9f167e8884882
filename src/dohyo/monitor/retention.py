"""What is forgotten of single batches; alarms, proposals and the audit never are."""

from datetime import datetime, timedelta

from dohyo.monitor.book import Page, update, written
from dohyo.rollout.ledger import Ledger

MOST_ROWS = 100_000
"""Batches of one watch that are kept at most, however young."""
OFTEN = 50
"""It is looked whether there is something to forget after so many changes."""

_COUNTED = "outcome IN ('learning', 'calibrating', 'watching')"


def prune(ledger: Ledger, page: Page, newest: datetime, now: datetime) -> int:
    """Forget what is older than the settings say; inside a change. Return how many batches.

    A batch that comes again after it was forgotten is a late one, and so is never judged twice:
    the newest time that is forgotten is kept.
    """
    keep = timedelta(days=page.settings.keep_days)
    old = written(newest - keep)
    # Times of bad batches can be anything, so they also go by when they came.
    came = written(now - keep)
    rows = ledger.rows(
        "SELECT number FROM batches WHERE watch = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
        *(page.name, MOST_ROWS),
    )
    last = rows[0]["number"] if rows else 0
    where = f"watch = ? AND (at < ? OR number <= ? OR (NOT {_COUNTED} AND at > ? AND received < ?))"
    values = (page.name, old, last, written(newest), came)
    gone = ledger.rows(
        f"SELECT count(*) AS n, max(CASE WHEN {_COUNTED} THEN at END) AS latest "
        f"FROM batches WHERE {where}",
        *values,
    )[0]
    if gone["n"]:
        ledger.rows(f"DELETE FROM batches WHERE {where}", *values)
        latest = gone["latest"]
        if latest is not None and (page.forgotten is None or latest > written(page.forgotten)):
            update(ledger, page.name, forgotten=datetime.fromisoformat(latest))
    found: int = gone["n"]
    return found
