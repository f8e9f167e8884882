"""A canary and its schedule: `Canary`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dohyo.corpus import Corpus
from dohyo.encoders.protocol import Encoder
from dohyo.errors import DohyoError, UsageError
from dohyo.monitor import book
from dohyo.monitor.beat import SLACK, Clock, Ticks
from dohyo.monitor.canaries.items import Items
from dohyo.monitor.canaries.kept import ANEW, Kept, read_kept, store, stored, write_kept
from dohyo.monitor.canary import CanaryFound, check_canary
from dohyo.monitor.plain import plain
from dohyo.monitor.watch import Watch

EARLY = 0.05
"""Share of the time between checks by which one may be early: a nightly job is never on the dot."""
AGAIN = 600.0
"""Seconds until a check that failed is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check that was made.

    Attributes
    ----------
    found : what it has shown
    alarm : number of the alarm that it raised, None where it raised none
    """

    found: CanaryFound
    alarm: int | None


@dataclass(eq=False, kw_only=True)
class Canary:
    """Known pairs that are encoded again on schedule.

    Attributes
    ----------
    watch : that it belongs to, and in whose name it alarms
    items : the pairs
    name : of the encoder
    encoder : returns it; called at every check, so that a changed file of weights is seen
    every : time between two checks
    fingerprint : of the encoder, where it is known before it is loaded
    clock : time of day, with a zone
    ticks : seconds of a clock that nobody sets
    """

    watch: Watch
    items: Items
    name: str
    encoder: Callable[[], Encoder]
    every: timedelta = timedelta(days=1)
    fingerprint: str | None = None
    clock: Clock = lambda: datetime.now(UTC)
    ticks: Ticks = time.monotonic
    _failed: float | None = field(default=None, init=False)

    def begin(self, *, anew: bool = False, first: Corpus | None = None) -> bool:
        """Store the canary where it is not yet, or anew; return whether it was stored now.

        Parameters
        ----------
        first : what the encoder gives now, where somebody has encoded the items already

        Raises
        ------
        DohyoError
            If its items cannot be used or are not those that were stored, its file is damaged, or
            the batches of the watch are of another encoder than the one it was stored with.
        """
        kept = read_kept(self.watch.ledger, self.watch.name)
        if kept is None or anew:
            self._store(self._encoded() if first is None else first, anew=anew)
            return True
        self._check_items(kept)
        before = stored(self.watch.ledger, self.watch.name, kept)
        self._check_encoder(before.encoder)
        return False

    def kept(self) -> Kept:
        """Return what the ledger holds of it.

        Raises
        ------
        UsageError
            If it was not begun.
        """
        kept = read_kept(self.watch.ledger, self.watch.name)
        if kept is None:
            raise UsageError(f"The watch {self.watch.name} has no canary.", hint="Begin it first.")
        return kept

    def due(self) -> bool:
        """Whether it is time for a check: by the schedule, or since the encoder is another one."""
        kept, now = self.kept(), self.clock()
        waited = now - kept.checked
        went_back = waited < -SLACK  # the clock; nobody knows how long ago it was
        last = kept.result["encoder"][1]
        other = kept.encoder != self.name or self.fingerprint not in (None, last)
        return other or went_back or waited >= (1 - EARLY) * self.every

    def check_if_due(self) -> Checked | None:
        """Check where it is time to; after a failure not before `AGAIN`.

        Raises
        ------
        DohyoError
            As `check`.
        """
        if self._failed is not None and self.ticks() - self._failed < AGAIN:
            return None
        if not self.due():
            return None
        try:
            done = self.check()
        except DohyoError:
            self._failed = self.ticks()
            raise
        self._failed = None
        return done

    def check(self) -> Checked:
        """Encode the items now, compare, and keep the result; an alarm is part of that change.

        Killed before its end, it leaves the old result, and is due still.

        Raises
        ------
        DohyoError
            If the items cannot be used or are not those that were stored, the encoder cannot be
            loaded, or the ledger refuses.
        """
        ledger, name = self.watch.ledger, self.watch.name
        kept = self.kept()
        before = stored(ledger, name, kept)
        self._check_items(kept)
        fresh = self._encoded()
        found = check_canary(before, fresh, seed=self.watch.settings.seed)
        now, alarm = self.clock(), None
        after = replace(kept, encoder=self.name, checked=now, result=found.to_json())
        with book.told("The check of the canary was not kept"), ledger.change():
            write_kept(ledger, name, after)
            if found.changed and not self._is_told(found):
                detail = self._detail(found)
                alarm = self.watch.raise_alarm("encoder", detail, at=now, now=now)
        return Checked(found=found, alarm=alarm)

    def _store(self, corpus: Corpus, *, anew: bool) -> None:
        ledger, name = self.watch.ledger, self.watch.name
        if not anew:
            self._check_encoder(corpus.encoder)
        found = check_canary(corpus, corpus, seed=self.watch.settings.seed)
        now = self.clock()
        kept = Kept(
            source=str(self.items.path),
            digest=self.items.digest(),
            file=store(ledger, name, corpus),
            encoder=self.name,
            began=now,
            checked=now,
            result=found.to_json(),
        )
        with book.told("The canary was not stored"), ledger.change():
            write_kept(ledger, name, kept)

    def _encoded(self) -> Corpus:
        try:
            return self.items.encoded(self.encoder())
        except DohyoError:
            raise
        except Exception as error:  # anybody may have written the encoder; watching goes on
            told = plain(f"{type(error).__name__}: {error}", 300)
            raise DohyoError(
                f"The canary {self.items.path} was not encoded: {told}.",
                hint=f"Check the encoder {self.name}.",
            ) from error

    def _check_items(self, kept: Kept) -> None:
        if self.items.digest() != kept.digest:
            raise UsageError(
                f"The canary {self.items.path} is not what was stored at the beginning: pictures "
                "or captions of it have changed.",
                hint=f"Put the old ones back. Or: {ANEW[0].lower()}{ANEW[1:]}",
            )

    def _check_encoder(self, fingerprint: str | None) -> None:
        batches = self.watch.page().encoder
        if None not in (batches, fingerprint) and batches != fingerprint:
            raise UsageError(
                f"The canary is of the encoder {fingerprint}, and the batches of the watch "
                f"{self.watch.name} are of {batches}.",
                hint="Name the batches' encoder with --canary-encoder, and store it with --anew.",
            )

    def _is_told(self, found: CanaryFound) -> bool:
        """Whether an alarm about the same change of encoder is open, whoever noticed it."""
        expected, now = found.encoder
        rows = self.watch.ledger.rows(
            "SELECT 1 FROM alarms WHERE watch = ? AND kind = 'encoder' AND state = 'open' AND "
            "json_extract(detail, '$.expected') IS ? AND json_extract(detail, '$.found') IS ?",
            *(self.watch.name, expected, now),
        )
        return bool(rows)

    def _detail(self, found: CanaryFound) -> dict[str, Any]:
        ways = found.recall.values()
        return {
            "expected": found.encoder[0],
            "found": found.encoder[1],
            "why": found.why,
            "image_cosine": found.cosine.get("image"),
            "text_cosine": found.cosine.get("text"),
            "recall_before": sum(each.before.value for each in ways) / len(ways),
            "recall_after": found.recall_now,
            "canary": found.to_json(),
        }
