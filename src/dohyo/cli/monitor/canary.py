"""Options: known pairs that are encoded again on schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dohyo.cli.options import Common, meanings
from dohyo.cli.session import Session
from dohyo.encoders.load import load_encoder
from dohyo.encoders.protocol import Encoder
from dohyo.errors import DohyoError, UsageError

if TYPE_CHECKING:
    from dohyo.monitor.canaries.items import Items
    from dohyo.monitor.canaries.kept import Kept
    from dohyo.monitor.canaries.scheduled import Canary, Checked
    from dohyo.monitor.running import Told
    from dohyo.monitor.watch import Watch
    from dohyo.rollout.ledger import Ledger

EVERY = "1d"
ENCODER = "shapes-world"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryPairs:
    """Known pairs that show whether the encoder is still the same."""

    canary: Annotated[
        Path | None,
        typer.Option(
            help="Pictures with captions, as dohyo embed reads them, to encode again on schedule."
        ),
    ] = None
    canary_encoder: Annotated[
        str | None,
        typer.Option(help="As --encoder of dohyo embed.", show_default="the last, or shapes-world"),
    ] = None
    canary_every: Annotated[str, typer.Option(help="Time between two checks of the canary.")] = (
        EVERY
    )
    canary_columns: Annotated[
        str | None, typer.Option(help="As --columns of dohyo embed, of the canary's table.")
    ] = None
    canary_device: Annotated[str, typer.Option(help="Of its encoder: cpu, cuda or mps.")] = "cpu"

    def ahead(self, ledger: "Ledger", watch: str, common: Common, *, anew: bool) -> Any:
        """Encode what will be stored, before anything is written; None where nothing will be.

        Raises
        ------
        DohyoError
            If the canary cannot be used.
        """
        from dohyo.monitor.canaries.kept import read_kept
        from dohyo.monitor.replay import days_of

        days_of(self.canary_every)
        if self.canary is None:
            if self.canary_encoder or self.canary_columns:
                raise UsageError("There is no canary to encode.", hint="Name it with --canary.")
            return None
        kept = read_kept(ledger, watch)
        if kept is not None and not anew:
            return None
        return self._items().encoded(self._load(self._name(kept), common))

    def of(self, watch: "Watch", s: Session, first: Any, *, anew: bool) -> "Canary | None":
        """Return the canary of a watch, stored where it is not yet; None without one.

        Parameters
        ----------
        first : what `ahead` has returned

        Raises
        ------
        DohyoError
            If it cannot be used, see `dohyo.monitor.canaries.scheduled.Canary.begin`.
        """
        from dohyo.monitor.canaries.kept import read_kept
        from dohyo.monitor.canaries.scheduled import Canary
        from dohyo.monitor.replay import days_of

        if self.canary is None:
            return None
        kept = read_kept(watch.ledger, watch.name)
        name = self._name(kept)
        found = Canary(
            watch=watch,
            items=self._items(),
            name=name,
            encoder=lambda: self._load(name, s.common),
            every=timedelta(days=days_of(self.canary_every)),
        )
        if found.begin(anew=anew, first=first):
            kept = found.kept()
            pairs = kept.result["recall"]["text_to_image"]["after"]["n"]
            figures = {"pairs": pairs, "recall": kept.recall, "every": self.canary_every}
            source = escape(str(self.canary))
            s.tell(s.common.words("watch.canary_stored", source=source, **figures))
        return found

    def _items(self) -> "Items":
        from dohyo.monitor.canaries.items import Items

        return Items(path=self.canary or Path(), columns=meanings(self.canary_columns) or {})

    def _name(self, kept: "Kept | None") -> str:
        return self.canary_encoder or (ENCODER if kept is None else kept.encoder)

    def _load(self, name: str, common: Common) -> Encoder:
        return load_encoder(name, device=self.canary_device, threads=common.threads or 0)


def with_recall(
    ledger: "Ledger", watch: str, figures: Any, *, canary: bool, anew: bool = False
) -> Any:
    """Return the figures that a watch has, with the recall of its canary.

    What a watch rests on is settled at its beginning: one that was begun without a canary has its
    alarms, and no such figure.

    Parameters
    ----------
    figures : those that were asked for; None leaves them as they are
    canary : whether one was named
    """
    from dohyo.monitor.book import read_page
    from dohyo.monitor.canaries.kept import FIGURE

    page = read_page(ledger, watch)
    begins = page is None or anew
    there = () if page is None else page.settings.extra
    wanted = canary if begins else FIGURE in there
    if not wanted or (figures is None and not begins):
        return figures
    found = tuple(there if figures is None else figures)
    return found if FIGURE in found else (*found, FIGURE)


def looking_after(canary: "Canary", s: Session, told: "Told") -> Callable[[], object]:
    """Return what checks a canary where it is due, and says what came of it."""

    def look() -> None:
        try:
            done = canary.check_if_due()
        except DohyoError as error:
            told.trouble(error)  # the batches, their alarms and their messages go on
            return
        if done is not None:
            _tell(canary, done, s, told)

    return look


def _tell(canary: "Canary", done: "Checked", s: Session, told: "Told") -> None:
    words, found = s.common.words, done.found
    if not found.changed:
        s.tell(words("watch.canary_same", recall=found.recall_now))
        return
    because = words(f"alerts.canary.why.{found.why}")
    s.tell(words("watch.canary_changed", because=because))
    for row in canary.watch.alarms():
        if row["number"] == done.alarm:
            told.alarm(row)
