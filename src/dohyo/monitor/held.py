"""The statistics of a watch in memory, as they were at a revision of the ledger."""

from dataclasses import dataclass
from typing import Self

from dohyo.monitor.batch import Batch
from dohyo.monitor.book import Page
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.monitor import Monitor, Seen
from dohyo.monitor.taken import watched_figures
from dohyo.rollout.ledger import Ledger


@dataclass(eq=False, slots=True)
class Held:
    """What a watch has learnt.

    Attributes
    ----------
    revision : of the watch's page that it belongs to
    monitor : the statistics
    memory : for explanations
    """

    revision: int
    monitor: Monitor
    memory: Memory

    @classmethod
    def of(cls, ledger: Ledger, page: Page) -> Self:
        """Read it, or begin."""
        row = ledger.rows("SELECT saved, memory, revision FROM watches WHERE name = ?", page.name)[
            0
        ]
        settings = page.settings
        if row["saved"] is None:
            monitor = Monitor(
                every=settings.every,
                learn=settings.learn,
                calibrate=settings.calibrate,
                season=settings.season,
                extra=settings.extra,
                seed=settings.seed,
            )
        else:
            monitor = Monitor.load(row["saved"])
        if row["memory"] is None:
            memory = Memory(keep=settings.reservoir, seed=settings.seed)
        else:
            memory = Memory.load(row["memory"])
        return cls(row["revision"], monitor, memory)

    def shown(self, batch: Batch, page: Page) -> Seen:
        """Show a batch to the monitor, and let the memory have it if it counts."""
        seen = self.monitor.update(
            *(batch.rows("image"), batch.rows("text")),
            at=batch.at,
            figures=watched_figures(batch, page),
        )
        if seen.phase != "refused":
            self.memory.take(batch, learning=seen.phase == "learning")
        return seen
