"""A watch for a Python program that has its batches in hand: `open_watch`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.following import Follow
from dohyo.monitor.taken import Taken
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger

FILE = "service.sqlite"


class OpenWatch:
    """A watch and its file; use it as a context manager, or `close` it."""

    def __init__(self, watch: Watch, follow: Follow | None = None) -> None:
        self.watch, self._follow = watch, follow

    def update(
        self,
        images: ArrayLike | None,
        texts: ArrayLike | None,
        *,
        id: str | None = None,
        at: datetime | None = None,
        figures: Mapping[str, float] | None = None,
        encoder: str | None = None,
        labels: Sequence[str] | None = None,
        sources: Sequence[str] | None = None,
        captions: Sequence[str] | None = None,
    ) -> Taken:
        """Count one batch once, and follow up an alarm that it raises.

        Parameters
        ----------
        images, texts : (n, d) and (m, d) floats as the encoder made them, not corrected; None for
            a batch of one modality
        id : makes it this batch and no other; left out it is its time, so that a batch that is
            sent again after a crash would count twice
        at : when it was made; a time without a zone is UTC. Left out: now
        figures : live figures by name, those that the watch was begun with (`extra`)
        encoder : fingerprint of the encoder
        labels, sources : of each image
        captions : of each text

        Raises
        ------
        NotCounted
            If the disk or the ledger refuses: nothing was counted, and the same may be sent again.
        """
        now = datetime.now(UTC) if at is None else at
        now = now.replace(tzinfo=UTC) if now.tzinfo is None else now
        batch = Batch(
            id=id or now.isoformat(),
            at=now,
            image=_side(images, label=_strings(labels), source=_strings(sources)),
            text=_side(texts, caption=_strings(captions)),
            figures=figures or {},
            encoder=encoder,
        )
        taken = self.watch.take(batch)
        if taken.alarm is not None:
            self.follow_up(batch)
        return taken

    def follow_up(self, *recent: Batch) -> tuple[int, ...]:
        """Follow up every alarm that was not yet."""
        held = {each.id: each for each in recent}
        return self.watch.follow_up(held.get, follow=self._follow)

    def close(self) -> None:
        """Let go of the file; everything is in it already."""
        self.watch.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def open_watch(
    state: Path | str,
    name: str,
    *,
    follow: Follow | None = None,
    **settings: Any,
) -> OpenWatch:
    """Open a watch, and begin it where there is none of that name.

    Parameters
    ----------
    state : folder of the state; `dohyo serve --state` and `dohyo monitor` may share it
    name : of the watch
    follow : what follows an alarm, in place of an explanation and a proposal
    settings : see `WatchSettings`; only those that shall be other than they are

    Raises
    ------
    UsageError
        If the folder cannot be written, or a setting makes no sense or cannot change.
    """
    ledger = Ledger(Path(state) / FILE)
    try:
        watch = Watch(ledger, name, settings)
        found = OpenWatch(watch, follow)
        watch.beat()
        found.follow_up()
    except BaseException:
        ledger.close()
        raise
    return found


def _side(rows: ArrayLike | None, **known: Any) -> Side | None:
    if rows is None:
        return None
    try:
        return Side(rows=np.asanyarray(rows), **known)
    except ValueError:  # rows of different lengths: refused like any matrix that is none
        return Side(rows=np.empty(0), **known)


def _strings(given: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(map(str, given))
