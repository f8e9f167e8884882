"""How a watch stands, in figures: for the command line, the dashboard and for programs."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from dohyo.monitor import book
from dohyo.monitor.book import Page
from dohyo.monitor.monitor import Monitor
from dohyo.rollout.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a watch stands.

    Attributes
    ----------
    name, began : of the watch
    phase : "learning" and "calibrating" are a warm-up in which nothing is judged; "watching"
    left : good batches until the first is judged, at least; 0 while watching
    until : about when that is, by the usual time between batches; None where that is not known
    evidence : that something has changed; an alarm where it reaches `threshold`
    threshold : batches between false alarms on average, at least
    newest : time of the newest batch that counts
    beat : when the latest batch came
    silent : none came for too long
    counts : batches by what became of them
    alarms, open_alarms : how many there were, and how many nobody has closed
    settings : how it is set
    """

    name: str
    began: datetime
    phase: Literal["learning", "calibrating", "watching"]
    left: int
    until: datetime | None
    evidence: float
    threshold: float
    newest: datetime | None
    beat: datetime
    silent: bool
    counts: dict[str, int]
    alarms: int
    open_alarms: int
    settings: dict[str, Any]

    @property
    def warming_up(self) -> bool:
        """Whether nothing is judged yet."""
        return self.phase != "watching"

    def to_json(self) -> dict[str, Any]:
        """Return every field; times in UTC."""
        return {
            name: book.written(value) if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def standing_of(ledger: Ledger, page: Page, monitor: Monitor) -> Standing:
    """Return how a watch stands."""
    left, usual = monitor.warming, page.settings.beat_seconds
    until = None
    if left and usual is not None:
        until = (page.newest or page.began) + left * timedelta(seconds=usual)
    told = ledger.rows(
        "SELECT count(*) AS n, coalesce(sum(state = 'open'), 0) AS open FROM alarms "
        "WHERE watch = ?",
        page.name,
    )[0]
    warming = "learning" if monitor.reference is None else "calibrating"
    return Standing(
        name=page.name,
        began=page.began,
        phase=warming if left else "watching",  # type: ignore[arg-type]
        left=left,
        until=until,
        evidence=monitor.evidence,
        threshold=page.settings.every,
        newest=page.newest,
        beat=page.beat,
        silent=page.silent,
        counts=book.counts(ledger, page.name),
        alarms=told["n"],
        open_alarms=told["open"],
        settings=asdict(page.settings),
    )
