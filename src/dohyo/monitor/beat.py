"""Whether batches still come: a heartbeat that is missed is an alarm itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the time with a zone."""
Ticks = Callable[[], float]
"""Returns seconds of a clock that nobody sets."""

MISSED = 2.0
"""So many usual times between batches without one are a silence."""
SLACK = timedelta(seconds=2)
"""A clock may be set back by so much without being counted as a jump."""


def went_back(beat: datetime, now: datetime) -> bool:
    """Whether the clock shows less than when the latest batch came."""
    return now < beat - SLACK


@dataclass(eq=False)
class Pulse:
    """How long ago the latest batch came.

    Within one process that is told by a clock that nobody sets, so that a jump of the time of day
    is no silence. What was before the process began, only the time of day can tell.
    """

    ticks: Ticks = time.monotonic
    _beat: datetime | None = field(default=None, init=False)
    _age: float = field(default=0.0, init=False)
    _since: float = field(default=0.0, init=False)

    def silence(self, beat: datetime, now: datetime) -> float:
        """Return the seconds since the latest batch.

        Parameters
        ----------
        beat : when it came, as the ledger holds it; another process may have taken it
        now : time of day
        """
        tick = self.ticks()
        if beat != self._beat:
            begins = self._beat is None
            self._age = max(0.0, (now - beat).total_seconds()) if begins else 0.0
            self._beat, self._since = beat, tick
        return self._age + tick - self._since
