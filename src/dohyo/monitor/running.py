"""Watching a source until somebody says stop."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dohyo.errors import DohyoError, MissingExtra
from dohyo.monitor.batch import Batch
from dohyo.monitor.book import NotCounted
from dohyo.monitor.following import Follow
from dohyo.monitor.sources.protocol import Source
from dohyo.monitor.taken import Taken
from dohyo.monitor.watch import Watch

SHORT = 1.0
"""Seconds until the next look where a file was still being written or the ledger refused."""
PATIENCE = 10
"""Looks in a row at such a file before `once` leaves it."""


class Told(Protocol):
    """Who hears of what happens; every method returns soon."""

    def taken(self, batch: Batch, taken: Taken) -> None:
        """A batch was counted."""
        ...

    def alarm(self, row: dict[str, Any]) -> None:
        """An alarm was raised, and is safe."""
        ...

    def trouble(self, error: DohyoError) -> None:
        """Something failed that is tried again."""
        ...


@dataclass(eq=False, kw_only=True)
class Run:
    """A watch, its source, and what is done between batches.

    Attributes
    ----------
    watch, source : which
    told : who hears of it
    stop : set to end after the batch at hand
    poll : seconds between two looks
    follow : what follows an alarm; None for an explanation and a proposal
    before : called before each look, such as to check a canary
    after : called after each look, such as to deliver messages and write metrics
    """

    watch: Watch
    source: Source
    told: Told
    stop: threading.Event = field(default_factory=threading.Event)
    poll: float = 30.0
    follow: Follow | None = None
    before: Sequence[Callable[[], object]] = ()
    after: Sequence[Callable[[], object]] = ()
    _last: str = field(default="", init=False)
    _stuck: bool = field(default=False, init=False)

    def once(self) -> None:
        """Take what is there and end.

        Raises
        ------
        DohyoError
            If the source cannot be read or the ledger refuses; what was counted stays counted.
        """
        self._beat()
        for _ in range(PATIENCE):
            self._look()
            if not self.source.waiting or self.stop.wait(SHORT):
                break

    def until_stopped(self) -> None:
        """Take batches as they come, until `stop` is set.

        Raises
        ------
        MissingExtra
            If something must be installed first. All else is told and tried again.
        """
        while not self.stop.is_set():
            pause = self.poll
            try:
                self._beat()
                self._look()
                self._last = ""
            except MissingExtra:
                raise
            except DohyoError as error:
                if str(error) != self._last:  # the same trouble is told once
                    self._last = str(error)
                    self.told.trouble(error)
                pause = min(SHORT, self.poll) if isinstance(error, NotCounted) else self.poll
            if self.source.waiting:
                pause = min(pause, SHORT)
            self.stop.wait(pause)

    def _beat(self) -> None:
        number = self.watch.beat()
        if number is not None:
            self._tell(number)

    def _look(self) -> None:
        for each in self.before:
            each()
        self._follow()  # what a kill has cut off
        for batch in self._batches():
            taken = self.watch.take(batch, bookmark=self.source.bookmark)
            self.told.taken(batch, taken)
            self._stuck = False
            if taken.alarm is not None:
                self._tell(taken.alarm)
                self._follow()
        for each in self.after:
            each()

    def _batches(self) -> Iterator[Batch]:
        self.source.bookmark = self.watch.bookmark()
        for batch in self.source.look(self.watch.knows):
            yield batch
            if self.stop.is_set():
                return

    def _follow(self) -> None:
        """Follow up what there is; trouble with it is told, and tried again after a batch."""
        if self._stuck:
            return
        try:
            self.watch.follow_up(self.source.read, follow=self.follow)
        except DohyoError as error:
            self._stuck = True
            self.told.trouble(error)

    def _tell(self, number: int) -> None:
        row = next((each for each in self.watch.alarms() if each["number"] == number), None)
        if row is not None:
            self.told.alarm(row)
