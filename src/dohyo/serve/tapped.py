"""From what passes through the service to batches of its watches."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from dohyo.corpus import Modality
from dohyo.errors import DohyoError
from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.following import Follow
from dohyo.monitor.running import Told
from dohyo.monitor.watch import Watch
from dohyo.serve.live import Live
from dohyo.serve.traffic import Population, Traffic, Window

TICK: Final = 1.0
"""Seconds between two looks at what has passed."""
RECENT: Final = 16
"""Windows of a population that are kept in memory, for what follows an alarm."""
WAITING: Final = 64
"""Windows that wait while the ledger refuses; of more the oldest are dropped."""
FIGURES: Final[Mapping[Population, tuple[str, ...]]] = {
    "queries": ("cross_share", "comparability", "volume", "refused", "benefit"),
    "items": ("volume", "refused"),
}
"""The live figures that are watched, each a stream of its own."""


@dataclass(eq=False, kw_only=True)
class Tapped:
    """The watches of the service's own traffic.

    Attributes
    ----------
    tap : what takes note of requests
    live : the figures that no vector shows
    watches : of each population
    followers : the same, for the thread that follows up; by default the very same
    encoder : returns its fingerprint, or None
    told : who hears of it
    stop : set to end
    follow : what follows an alarm, for each population
    after : called after each window
    clock : time of day, with a zone
    """

    tap: Traffic
    live: Live
    watches: Mapping[Population, Watch]
    followers: Mapping[Population, Watch] | None = None
    encoder: Callable[[], str | None]
    told: Told
    stop: threading.Event
    follow: Mapping[Population, Follow] = field(default_factory=dict)
    after: Sequence[Callable[[], object]] = ()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _waiting: deque[tuple[Population, Batch]] = field(init=False)
    _recent: dict[str, Batch] = field(default_factory=dict, init=False)
    _last: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._waiting = deque(maxlen=WAITING)
        self._alarmed = threading.Event()
        self._alarmed.set()  # what a kill has cut off is followed up at the start

    def until_stopped(self) -> None:
        """Sum up every second and judge every window, until `stop` is set."""
        while not self.stop.wait(TICK):
            self.turn()
        self.turn(ending=True)
        self._alarmed.set()

    def turn(self, *, ending: bool = False) -> None:
        """Sum up what has passed and judge the windows that are over."""
        for window in self.tap.close(self.clock(), ending=ending):
            self._waiting.append((window.population, self._batch(window)))
        try:
            while self._waiting:
                self._take(*self._waiting[0])
                self._waiting.popleft()
            for each in self.after:
                each()
            self._last = ""
        except DohyoError as error:  # a full disk, a locked ledger: the next turn tries again
            if str(error) != self._last:
                self._last = str(error)
                self.told.trouble(error)

    def follow_until_stopped(self) -> None:
        """Explain and adjust after alarms, beside the one who sums up: it can take minutes."""
        while not self.stop.is_set():
            if not self._alarmed.wait(TICK):
                continue
            self._alarmed.clear()
            for population, watch in (self.followers or self.watches).items():
                try:
                    watch.follow_up(self.read, follow=self.follow.get(population))
                except DohyoError as error:
                    self.told.trouble(error)

    def read(self, id: str) -> Batch | None:
        """Return a recent window again."""
        return self._recent.get(id)

    def _take(self, population: Population, batch: Batch) -> None:
        watch = self.watches[population]
        taken = watch.take(batch)
        self._remember(batch)
        self.told.taken(batch, taken)
        if taken.alarm is not None:
            rows = (row for row in watch.alarms() if row["number"] == taken.alarm)
            for row in rows:
                self.told.alarm(row)
        self._alarmed.set()  # an alarm that waits for more data is tried again, too

    def _remember(self, batch: Batch) -> None:
        self._recent[batch.id] = batch
        while len(self._recent) > RECENT * len(self.watches):
            del self._recent[next(iter(self._recent))]

    def _batch(self, window: Window) -> Batch:
        figures = dict(window.figures) | self.live.of(window)
        return Batch(
            id=f"{window.population} {window.began:%Y-%m-%dT%H:%M:%SZ}",
            at=window.ended,
            image=_side(window, "image"),
            text=_side(window, "text"),
            figures={
                name: value for name, value in figures.items() if name in FIGURES[window.population]
            },
            encoder=self.encoder(),
        )


def _side(window: Window, modality: Modality) -> Side | None:
    rows = window.rows.get(modality)
    return None if rows is None else Side(rows=rows)
