"""dohyo monitor watch"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dohyo.cli.monitor.alerting import Alerting
from dohyo.cli.monitor.canary import CanaryPairs, looking_after, with_recall
from dohyo.cli.monitor.setting import WatchSetting
from dohyo.cli.monitor.sources import Batches
from dohyo.cli.monitor.state import minute, opened, told_alarm
from dohyo.cli.monitor.status import stands
from dohyo.cli.options import STATE, Common, StoreAddress
from dohyo.cli.session import Session, session
from dohyo.errors import DohyoError, Interrupted
from dohyo.words import Words

if TYPE_CHECKING:
    from dohyo.monitor.alerts import Channel
    from dohyo.monitor.batch import Batch
    from dohyo.monitor.taken import Taken
    from dohyo.monitor.watch import Watch
    from dohyo.rollout.ledger import Ledger


def watch(
    *,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="Folder of batches, one corpus a file; or a store, lancedb://…."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Of the watch.", show_default="the folder's")
    ] = None,
    setting: WatchSetting,
    batches: Batches,
    address: StoreAddress,
    canary: CanaryPairs,
    poll: Annotated[str, typer.Option(help="Time between two looks.")] = "30s",
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what it has learnt, and learn again.")
    ] = False,
    alerting: Alerting,
    metrics_file: Annotated[
        Path | None, typer.Option(help="Leave metrics for Prometheus there, *.prom.")
    ] = None,
    state: Annotated[Path, typer.Option(help="Folder of the state.")] = STATE,
    common: Common,
) -> None:
    """Watch batches as they come, and tell of every change, until stopped.

    Killed at any moment, it goes on from there: no batch is lost or counted twice.

    Example: dohyo monitor watch batches --false-alarm-every 180d --batch-every 1d
    """
    from dohyo.monitor.replay import days_of
    from dohyo.monitor.running import Run
    from dohyo.monitor.watch import Watch

    pause, channels = days_of(poll) * 86_400, alerting.channels()
    usual = batches.name(source, address)
    with session(common) as s, opened(state, make=True) as ledger:
        called = name or usual
        given = setting.given(ledger, called, seed=common.seed)
        figures = with_recall(
            *(ledger, called, given.get("extra")), canary=canary.canary is not None, anew=anew
        )
        first = canary.ahead(ledger, called, common, anew=anew)
        given |= {} if figures is None else {"extra": figures}
        watched = Watch(
            ledger,
            called,
            {} if anew else given,
            channels=[each.name for each in channels],
            language=common.lang,
        )
        checked = canary.of(watched, s, first, anew=anew)
        if anew:
            watched.anew("dohyo monitor watch --anew", **given)
        now = watched.settings
        opened_source = batches.source(
            source, address, every=now.beat_seconds or 86_400, seed=now.seed
        )
        hears = _Hears(s)
        looks = [] if checked is None else [looking_after(checked, s, hears)]
        run = Run(
            watch=watched,
            source=opened_source,
            told=hears,
            poll=pause,
            follow=batches.following(*(source, address, opened_source, now, common.lang)),
            before=looks,
            after=_afterwards(ledger, channels, metrics_file, common.words),
        )
        s.tell(common.words("watch.begin", source=escape(source), state=escape(str(state))))
        s.tell(stands(watched.standing(), common.words))
        with _until_told(run.stop) as stopped:
            if once:
                run.once()
            else:
                run.until_stopped()
        hears.end(watched)
        if stopped == [signal.SIGINT]:
            raise Interrupted(
                "Stopped by hand; all that was taken is kept.", hint="The same command goes on."
            )


def _afterwards(
    ledger: "Ledger", channels: "tuple[Channel, ...]", metrics: Path | None, words: Words
) -> list[Callable[[], object]]:
    """Return what is done after each look."""
    found: list[Callable[[], object]] = []
    if channels:
        found.append(lambda: _deliver(ledger, channels, words))
    if metrics is not None:
        from dohyo.monitor.exposition import write_metrics

        found.append(lambda: write_metrics(ledger, metrics))
    return found


def _deliver(ledger: "Ledger", channels: "tuple[Channel, ...]", words: Words) -> None:
    """Send what is due, and say what could not be sent."""
    from dohyo.monitor.alerts import deliver, said

    for line in said(deliver(ledger, channels), words):
        print(f"dohyo: {line}", file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def _until_told(stop: threading.Event) -> Iterator[list[int]]:
    """Let SIGTERM and Ctrl-C end the run after the batch at hand; yield which came first."""
    came: list[int] = []

    def hear(number: int, frame: object) -> None:
        came.append(number)
        del came[1:]
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Hears:
    """Says in plain lines what happens, and at the end how it stands."""

    def __init__(self, s: Session) -> None:
        self._s, self._words = s, s.common.words
        self._alarms: list[dict[str, Any]] = []
        self._counts: dict[str, int] = {}
        self._phase = ""

    def taken(self, batch: "Batch", taken: "Taken") -> None:
        outcome = taken.outcome
        self._counts[outcome] = self._counts.get(outcome, 0) + 1
        if taken.why:
            why = escape(taken.why.rstrip("."))
            self._s.tell(self._words(f"watch.took.{outcome}", id=escape(batch.id), why=why))
        elif outcome != "duplicate" and outcome != self._phase:
            self._phase = outcome
            at = minute(batch.at)
            self._s.tell(self._words(f"watch.now.{outcome}", id=escape(batch.id), at=at))

    def alarm(self, row: dict[str, Any]) -> None:
        self._alarms.append(row)
        self._s.tell(told_alarm(row, self._words))

    def trouble(self, error: DohyoError) -> None:
        print(f"dohyo: {' '.join(str(error).split())}", file=sys.stderr, flush=True)  # noqa: T201

    def end(self, watch: "Watch") -> None:
        """Say how it stands."""
        standing = watch.standing()
        taken = sum(self._counts.values())
        self._s.tell(self._words("watch.end", taken=taken, alarms=len(self._alarms)))
        self._s.tell(stands(standing, self._words))
        self._s.answer(
            {"standing": standing.to_json(), "taken": self._counts, "alarms": self._alarms}
        )
