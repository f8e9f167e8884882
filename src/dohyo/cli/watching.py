"""Options: what a service watches beside its work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dohyo.cli.monitor.canary import EVERY as CANARY_EVERY
from dohyo.cli.monitor.canary import with_recall
from dohyo.cli.monitor.setting import WatchSetting
from dohyo.cli.options import Common
from dohyo.errors import UsageError
from dohyo.stores.protocol import Store

if TYPE_CHECKING:
    from dohyo.monitor.alerts import Channel
    from dohyo.serve.canary import Pairs
    from dohyo.serve.service import Service
    from dohyo.serve.watching import Plan

EVERY = "1h"
PROMISE = "180d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a service watches."""

    watch: Annotated[
        bool, typer.Option("--watch", help="Watch what is searched with and what is corrected.")
    ] = False
    watch_every: Annotated[
        str | None, typer.Option(help="With --watch: time between two looks.", show_default=EVERY)
    ] = None
    watch_rows: Annotated[
        int, typer.Option(min=20, help="With --watch: vectors that a look needs at least.")
    ] = 200
    watch_folder: Annotated[
        Path | None, typer.Option(help="Watch a folder of new batches, one corpus a file.")
    ] = None
    watch_poll: Annotated[
        str, typer.Option(help="With --watch-folder: time between two looks.")
    ] = "30s"
    watch_stress: Annotated[
        bool,
        typer.Option("--watch-stress/--no-watch-stress", help="Stress tests in its reports."),
    ] = True
    canary: Annotated[
        Path | None,
        typer.Option(
            help="Pictures with captions, as dohyo embed reads them, to encode again on schedule."
        ),
    ] = None
    canary_every: Annotated[str, typer.Option(help="Time between two checks of the canary.")] = (
        CANARY_EVERY
    )

    anew: Annotated[
        bool,
        typer.Option("--anew", help="Forget what the watches have learnt, and learn again."),
    ] = False

    @property
    def anything(self) -> bool:
        """Whether something is watched."""
        return self.watch or self.watch_folder is not None or self._needs_watch

    @property
    def _needs_watch(self) -> bool:
        return self.canary is not None or self.anew

    def plan(
        self,
        setting: WatchSetting,
        service: "Service",
        *,
        channels: "tuple[Channel, ...]",
        common: Common,
        pairs: Path | None,
        store: Callable[[], AbstractContextManager[Store]] | None,
    ) -> "Plan":
        """Return what is watched, and what follows.

        Parameters
        ----------
        setting : of the folder's watch; the other two take from it what is not about batches
        pairs : corpus of known pairs, for batches without pairs
        store : opens the database once more

        Raises
        ------
        UsageError
            If a length of time is none, or the folder is.
        """
        from dohyo.io.read import read
        from dohyo.monitor.replay import days_of
        from dohyo.serve.traffic import POPULATIONS, Pace
        from dohyo.serve.watching import Plan

        folder, known = self.watch_folder, pairs
        if self._needs_watch and folder is None and not self.watch:
            raise UsageError(
                "--canary and --anew are about a watch, and there is none.",
                hint="Add --watch, or --watch-folder.",
            )
        if folder is not None and not folder.is_dir():
            raise UsageError(
                f"{folder} is no folder.", hint="Name the folder that the batches come into."
            )
        name = "" if folder is None else folder.resolve().name or "folder"
        if self.watch and name in POPULATIONS:
            raise UsageError(
                f"A watch of the service's own is called {name} already.",
                hint="Give the folder another name.",
            )
        pace = Pace(every=timedelta(days=days_of(self.watch_every or EVERY)), least=self.watch_rows)
        batches = setting.given(service.ledger, name, seed=common.seed) if folder else {}
        if folder is not None and not self.watch:
            self._add_recall(batches, service, name)
        return Plan(
            pace=pace if self.watch else None,
            folder=folder,
            traffic={each: self._traffic(setting, service, each, common) for each in POPULATIONS}
            if self.watch
            else {},
            batches=batches,
            channels=channels,
            language=common.lang,
            poll=days_of(self.watch_poll) * 86_400,
            pairs=None if known is None else lambda: read(known),
            store=store,
            stress=self.watch_stress,
            canary=self._pairs(),
            anew=self.anew,
        )

    def _pairs(self) -> "Pairs | None":
        from dohyo.monitor.replay import days_of
        from dohyo.serve.canary import Pairs

        if self.canary is None:
            return None
        return Pairs(path=self.canary, every=timedelta(days=days_of(self.canary_every)))

    def _add_recall(self, found: dict[str, Any], service: "Service", name: str) -> None:
        """Let a watch have the recall of its canary as a figure."""
        figures = with_recall(
            *(service.ledger, name, found.get("extra")),
            canary=self.canary is not None,
            anew=self.anew,
        )
        if figures is not None:
            found["extra"] = figures

    def _traffic(
        self, setting: WatchSetting, service: "Service", name: str, common: Common
    ) -> dict[str, Any]:
        """Return the settings of a watch of the service's own traffic."""
        from dohyo.monitor.book import read_page
        from dohyo.monitor.detector import batches_between
        from dohyo.monitor.replay import days_of
        from dohyo.serve.tapped import FIGURES

        plain = replace(setting, false_alarm_every=None, batch_every=None, figure=None)
        found = plain.given(service.ledger, name, seed=common.seed)
        begun = read_page(service.ledger, name) is not None
        if not begun or self.watch_every is not None or setting.false_alarm_every is not None:
            promise = days_of(setting.false_alarm_every or PROMISE)
            found["every"] = batches_between(promise, days_of(self.watch_every or EVERY))
        # Nobody must search: a night without a query is no alarm, and volume is watched.
        found |= {"beat_seconds": None, "extra": FIGURES[name]}  # type: ignore[index]
        if name == "items":
            self._add_recall(found, service, name)
        if name == "queries":
            found["policy"] = "notify"  # a map is fitted on items; other questions are no reason
        return found
