"""The watches inside the service: its own traffic, and a folder of new batches."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from dohyo.corpus import Corpus
from dohyo.errors import DohyoError
from dohyo.monitor.alerts import Channel, deliver
from dohyo.monitor.batch import Batch
from dohyo.monitor.following import Follow, Read
from dohyo.monitor.running import Run
from dohyo.monitor.sources import FolderSource
from dohyo.monitor.taken import Taken
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger
from dohyo.serve.canary import Looking, Pairs, looking
from dohyo.serve.live import Live
from dohyo.serve.service import Indexed, Service
from dohyo.serve.tapped import Tapped
from dohyo.serve.traffic import POPULATIONS, Pace, Population, Traffic
from dohyo.stores.protocol import Store
from dohyo.words import Language, Words

if TYPE_CHECKING:
    from dohyo.monitor.adjust.shop import Shop

GRACE = 10.0
"""Seconds in which threads may end what they have begun; the next start makes good the rest."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Plan:
    """What the service watches, and what follows an alarm.

    Attributes
    ----------
    pace : of the windows of its own traffic; None leaves that alone
    folder : of new batches; None without one
    traffic, batches : settings of these watches, those that shall be other than they are
    channels : who is told
    language : of messages and reports
    poll : seconds between two looks at the folder
    pairs : reads known pairs of the encoder, for batches without pairs; None where there are none
    store : opens the database a second time, for the copy that a proposal needs; None without one
    stress : whether a proposal's report also judges under the faults of industry
    canary : known pairs that the service's encoder encodes again; None without
    anew : forget what the watches have learnt, and store the canary again
    """

    pace: Pace | None = None
    folder: Path | None = None
    traffic: Mapping[Population, Mapping[str, Any]] = field(default_factory=dict)
    batches: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    language: Language = "en"
    poll: float = 30.0
    pairs: Callable[[], Corpus] | None = None
    store: Callable[[], AbstractContextManager[Store]] | None = None
    stress: bool = True
    canary: Pairs | None = None
    anew: bool = False


class Watching:
    """Threads beside the service that watch, tell, and follow alarms up.

    They have a connection of their own to the ledger: no request waits for what they write.
    """

    def __init__(self, service: Service, plan: Plan) -> None:
        """Open the watches; a setting that makes no sense is told here.

        Raises
        ------
        UsageError
            If the folder is none, or a watch cannot be set so.
        """
        self._service, self._plan = service, plan
        self._log = structlog.get_logger("dohyo.monitor")
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._ledger = Ledger(service.settings.state / "service.sqlite")
        try:
            self._runs = [] if plan.folder is None else [self._folder(plan.folder)]
            self._traffic = None if plan.pace is None else self._tapped(plan.pace)
            self._canary = None if plan.canary is None else self._looking(plan.canary)
        except BaseException:
            self._ledger.close()
            raise

    def start(self) -> None:
        """Begin to watch."""
        work: list[Callable[[], None]] = [run.until_stopped for run in self._runs]
        if self._traffic is not None:
            work += [self._traffic.until_stopped, self._traffic.follow_until_stopped]
        if self._canary is not None:
            work.append(self._canary.until_stopped)
        for each in work:
            thread = threading.Thread(target=self._guarded, args=(each,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop; a window that has enough rows is still counted."""
        self._stop.set()
        until = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):
            self._ledger.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # searching goes on whatever happens to the watch
            self._service.watch_ended = True
            self._log.exception("watch ended", error=type(error).__name__)

    def _watch(self, name: str, settings: Mapping[str, Any]) -> Watch:
        names = [channel.name for channel in self._plan.channels]
        language = self._plan.language
        return Watch(self._ledger, name, settings, channels=names, language=language)

    def _begun(self, name: str, settings: Mapping[str, Any]) -> Watch:
        """Return a watch that goes on with these settings, or that begins anew with them."""
        if not self._plan.anew:
            return self._watch(name, settings)
        found = self._watch(name, {})
        found.anew("dohyo serve --anew", **settings)
        return found

    def _folder(self, folder: Path) -> Run:
        source = FolderSource(folder=folder)
        watch = self._begun(source.name, self._plan.batches)
        return Run(
            watch=watch,
            source=source,
            told=Logged(self._log, watch.name),
            stop=self._stop,
            poll=self._plan.poll,
            follow=self._following(watch, source.read),
            after=[self._deliver],
        )

    def _tapped(self, pace: Pace) -> "Tapped":
        service = self._service
        watches = {
            population: self._begun(population, self._plan.traffic.get(population, {}))
            for population in POPULATIONS
        }
        tap = Traffic(pace, datetime.now(UTC))
        tapped = Tapped(
            tap=tap,
            live=Live(service.metrics, self._ledger, service.collection),
            watches=watches,
            followers={name: self._watch(name, {}) for name in watches},
            encoder=self._encoder,
            told=Logged(self._log, "traffic"),
            stop=self._stop,
            after=[] if self._runs else [self._deliver],
        )
        tapped.follow = {
            population: self._following(watch, tapped.read) for population, watch in watches.items()
        }
        service.tap = tap
        return tapped

    def _looking(self, pairs: Pairs) -> Looking:
        """Return what looks after the canary of the items, or of the folder without them."""
        name = "items" if self._traffic is not None else self._runs[0].watch.name
        told = Logged(self._log, name)
        watch, anew = self._watch(name, {}), self._plan.anew
        return looking(self._service, pairs, watch, told, self._stop, anew=anew)

    def _following(self, watch: Watch, read: Read) -> Follow:
        """Return what follows an alarm of a watch, on what this service searches."""
        service, plan = self._service, self._plan

        def follow(ledger: Ledger, number: int, memory: Any) -> None:
            # They bring along most of dohyo; a service must be back within seconds.
            from dohyo.monitor.adjust.follow_up import FollowUp, follow_up
            from dohyo.monitor.adjust.settings import AdjustSettings

            settings = watch.settings
            bounds = AdjustSettings(
                policy=settings.policy,
                seed=settings.seed,
                collection=service.collection,
                stress=plan.stress,
            )
            with self._shop() as shop:
                by = FollowUp(
                    read=read,
                    settings=bounds,
                    words=Words(plan.language),
                    pairs=None if plan.pairs is None else plan.pairs(),
                    shop=shop,
                )
                follow_up(ledger, number, memory, by)

        return follow

    def _shop(self) -> AbstractContextManager[Any]:
        indexed, opening = self._service.indexed, self._plan.store
        if indexed is None or opening is None:
            return nullcontext(None)
        return _opened(opening, indexed)

    def _encoder(self) -> str | None:
        """Return the fingerprint of the encoder that the vectors are of, as far as it is known."""
        service = self._service
        if service.encoder is not None:
            return service.encoder.fingerprint
        which = service.rollout.map
        return None if which is None else service.library.get(which).encoder

    def _deliver(self) -> object:
        if not self._plan.channels:
            return None
        done = deliver(self._ledger, self._plan.channels)
        for channel, why in done.troubles:
            self._log.warning("message not sent", channel=channel, why=why)
        return done


@contextmanager
def _opened(
    opening: Callable[[], AbstractContextManager[Store]], indexed: Indexed
) -> Iterator["Shop"]:
    from dohyo.monitor.adjust.shop import Shop

    with opening() as store:
        yield Shop(
            store=store,
            collection=indexed.collection,
            texts=indexed.texts,
            modality_field=indexed.modality_field,
            shown=indexed.shown,
        )


class Logged:
    """Writes into the service's log what the watches say."""

    def __init__(self, log: Any, name: str) -> None:
        self._log, self._name = log, name

    def taken(self, batch: Batch, taken: Taken) -> None:
        """A batch was counted."""
        self._log.info("batch", watch=self._name, batch=batch.id, outcome=taken.outcome)

    def alarm(self, row: dict[str, Any]) -> None:
        """An alarm was raised, and is safe."""
        self._log.warning("alarm", watch=row["watch"], number=row["number"], kind=row["kind"])

    def trouble(self, error: DohyoError) -> None:
        """Something failed that is tried again."""
        self._log.warning("watch trouble", watch=self._name, why=str(error))
