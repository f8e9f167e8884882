"""dohyo monitor watch"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from dohyo.cli.monitor.alerting import Alerting
from dohyo.cli.monitor.setting import WatchSetting
from dohyo.cli.monitor.state import minute, opened, told_alarm
from dohyo.cli.monitor.status import stands
from dohyo.cli.options import Common, StoreAddress
from dohyo.cli.serve import STATE
from dohyo.cli.session import Session, session
from dohyo.errors import DohyoError, Interrupted, UsageError

if TYPE_CHECKING:
    from dohyo.monitor.batch import Batch
    from dohyo.monitor.sources import Source
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
    pattern: Annotated[str, typer.Option(help="Of the files that are batches.")] = "*",
    collection: Annotated[
        str | None, typer.Option(help="Of a store; the raw one.", show_default="the only one")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=10, help="Rows of each kind that a look at a store draws.")
    ] = 2_000,
    which: Annotated[
        Literal["sample", "new"], typer.Option(help="Of a store: all rows, or the new ones alone.")
    ] = "sample",
    address: StoreAddress,
    poll: Annotated[str, typer.Option(help="Time between two looks.")] = "30s",
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what it has learnt, and learn again.")
    ] = False,
    alerting: Alerting,
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
    with session(common) as s, opened(state, make=True) as ledger:
        opened_source, usual = _source(
            source,
            pattern=pattern,
            collection=collection,
            sample=sample,
            which=which,
            address=address,
            every=days_of(setting.batch_every or "1d") * 86_400,
            seed=common.seed,
        )
        called = name or usual
        given = setting.given(ledger, called, seed=common.seed)
        watched = Watch(
            ledger,
            called,
            {} if anew else given,
            channels=[each.name for each in channels],
            language=common.lang,
        )
        if anew:
            watched.anew("dohyo monitor watch --anew", **given)
        hears = _Hears(s)
        run = Run(
            watch=watched,
            source=opened_source,
            told=hears,
            poll=pause,
            after=_deliveries(ledger, channels),
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


def _deliveries(ledger: "Ledger", channels: Any) -> list[Any]:
    if not channels:
        return []
    from dohyo.monitor.alerts import deliver

    return [lambda: deliver(ledger, channels)]


def _source(
    source: str,
    *,
    pattern: str,
    collection: str | None,
    sample: int,
    which: Literal["sample", "new"],
    address: StoreAddress,
    every: float,
    seed: int,
) -> "tuple[Source, str]":
    """Return the source that was named, and what a watch of it is called."""
    from dohyo.monitor.plain import plain
    from dohyo.monitor.sources import FolderSource, StoreSource

    if "://" not in source:
        if not Path(source).is_dir():
            raise UsageError(
                f"{source} is no folder.", hint="Name the folder that the batches come into."
            )
        folder = FolderSource(folder=Path(source), pattern=pattern)
        return folder, plain(folder.name)
    if collection is None:
        with address.open(source) as store:
            there = store.collections()
        if len(there) != 1:
            raise UsageError(
                "Which collection is not clear.",
                hint=f"Name it with --collection: {', '.join(there) or 'there is none'}.",
            )
        collection = there[0]
    store_source = StoreSource(
        opening=lambda: address.open(source),
        collection=collection,
        every=every,
        sample=sample,
        which=which,
        modality_field=address.modality_field,
        seed=seed,
    )
    return store_source, plain(store_source.name)


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
