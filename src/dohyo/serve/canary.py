"""Known pairs that the service's own encoder encodes again on schedule."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dohyo.errors import DohyoError, UsageError
from dohyo.monitor.running import Told
from dohyo.monitor.watch import Watch
from dohyo.serve.service import Service

if TYPE_CHECKING:
    from dohyo.monitor.canaries.scheduled import Canary

LOOK = 5.0
"""Seconds between two looks at the schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Which pairs, and how often.

    Attributes
    ----------
    path : pictures with captions, as `dohyo embed` reads them
    every : time between two checks
    """

    path: Path
    every: timedelta = timedelta(days=1)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Looking:
    """Checks the canary of a service in a thread of its own: no request waits for it.

    Attributes
    ----------
    canary : of one of the service's watches
    told : who hears of it
    stop : set to end
    """

    canary: "Canary"
    told: Told
    stop: threading.Event

    def until_stopped(self) -> None:
        """Check where it is due, at the start too if the encoder is another one."""
        last = ""
        while not self.stop.is_set():
            try:
                done = self.canary.check_if_due()
                if done is not None:
                    last = ""
                    self._tell(done.alarm)
            except DohyoError as error:  # tried again later
                if str(error) != last:
                    last = str(error)
                    self.told.trouble(error)
            self.stop.wait(LOOK)

    def _tell(self, alarm: int | None) -> None:
        for row in self.canary.watch.alarms():
            if row["number"] == alarm:
                self.told.alarm(row)


def looking(
    service: Service,
    pairs: Pairs,
    watch: Watch,
    told: Told,
    stop: threading.Event,
    *,
    anew: bool = False,
) -> Looking:
    """Return what looks after a canary; at the first start it is stored.

    Parameters
    ----------
    anew : store it again

    Raises
    ------
    DohyoError
        If the service has no encoder, or the canary cannot be used.
    """
    # They bring along what embeds; a service without a canary is back sooner.
    from dohyo.monitor.canaries.items import Items
    from dohyo.monitor.canaries.scheduled import Canary

    encoder = service.encoder
    if encoder is None:
        raise UsageError(
            "This service has no encoder to check with a canary.", hint="Name it with --encoder."
        )
    canary = Canary(
        watch=watch,
        items=Items(path=pairs.path),
        name=encoder.name,
        encoder=lambda: encoder,
        fingerprint=encoder.fingerprint,
        every=pairs.every,
    )
    canary.begin(anew=anew)
    return Looking(canary=canary, told=told, stop=stop)
