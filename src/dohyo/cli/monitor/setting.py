"""Options: how a watch is set. What is left out stays as it is, or is as usual."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from dohyo.rollout.ledger import Ledger

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSetting:
    """How a watch is set."""

    false_alarm_every: Annotated[
        str | None,
        typer.Option(help="Time between false alarms on average, at least.", show_default="180d"),
    ] = None
    batch_every: Annotated[
        str | None, typer.Option(help="Time between batches.", show_default="1d")
    ] = None
    season: Annotated[
        Literal["none", "weekday", "hour", "weekhour"] | None,
        typer.Option(help="What may differ regularly and is no change.", show_default="none"),
    ] = None
    learn: Annotated[
        int | None,
        typer.Option(min=1, help="Batches that make the reference.", show_default="10"),
    ] = None
    calibrate: Annotated[
        int | None,
        typer.Option(min=5, help="Further batches before the first is judged.", show_default="20"),
    ] = None
    figure: Annotated[
        list[str] | None, typer.Option(help="Also watch a figure of each batch, e.g. volume.")
    ] = None
    policy: Annotated[
        Literal["notify", "propose", "auto-conservative"] | None,
        typer.Option(help="What follows an alarm.", show_default="propose"),
    ] = None
    reservoir: Annotated[
        int | None,
        typer.Option(min=0, help="Raw vectors kept for explanations.", show_default="0, none"),
    ] = None
    keep: Annotated[
        str | None, typer.Option(help="How long single batches are known.", show_default="400d")
    ] = None
    most_refused: Annotated[
        int | None,
        typer.Option(min=1, help="Bad batches in a row that are an alarm.", show_default="3"),
    ] = None

    def given(self, ledger: "Ledger", name: str, *, seed: int) -> dict[str, Any]:
        """Return the settings that were asked for, by their names in `WatchSettings`.

        Raises
        ------
        UsageError
            If a length of time is none.
        """
        from dohyo.monitor.book import read_page
        from dohyo.monitor.detector import batches_between
        from dohyo.monitor.replay import days_of

        page = read_page(ledger, name)
        found: dict[str, Any] = {} if page is not None else {"seed": seed}
        plain = ("season", "learn", "calibrate", "policy", "reservoir", "most_refused")
        found |= {key: getattr(self, key) for key in plain if getattr(self, key) is not None}
        if self.figure is not None:
            found["extra"] = tuple(self.figure)
        if self.keep is not None:
            found["keep_days"] = days_of(self.keep)
        every, beat = 180.0, 1.0
        if page is not None:
            beat = (page.settings.beat_seconds or DAY) / DAY
            every = page.settings.every * beat
        if self.false_alarm_every is not None:
            every = days_of(self.false_alarm_every)
        if self.batch_every is not None:
            beat = days_of(self.batch_every)
        if page is None or self.false_alarm_every is not None or self.batch_every is not None:
            found |= {"every": batches_between(every, beat), "beat_seconds": beat * DAY}
        return found
