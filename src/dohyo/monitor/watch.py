"""One watch that outlives its process: `Watch.take` counts every batch once, whatever happens."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from dohyo.errors import UsageError
from dohyo.monitor import book
from dohyo.monitor.alerts.message import message_of, message_of_recovery
from dohyo.monitor.alerts.outbox import queue
from dohyo.monitor.alerts.proposals import queue_proposals
from dohyo.monitor.batch import Batch
from dohyo.monitor.beat import MISSED, Clock, Pulse, Ticks, went_back
from dohyo.monitor.book import NotCounted, Page
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.following import (
    Follow,
    Read,
    follow_all,
    no_more,
    unfollowed,
    usual_following,
)
from dohyo.monitor.held import Held
from dohyo.monitor.monitor import Monitor, Seen
from dohyo.monitor.plain import plain, plain_batch
from dohyo.monitor.retention import OFTEN, prune
from dohyo.monitor.settings import WatchSettings
from dohyo.monitor.standing import Standing, standing_of
from dohyo.monitor.taken import (
    Found,
    Taken,
    beyond,
    out_of_time,
    refused,
    shown_figures,
    unusable,
)
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.roles import Caller
from dohyo.words import Language, Words

TRIES = 20
"""Other processes may take batches for the same watch; so often it is begun again at most."""
SELF = Caller("monitor", "operator")


class Watch:
    """A monitor, its batches and its alarms, as the ledger holds them.

    Parameters
    ----------
    ledger : of the state's folder; several processes may have it open
    name : of the watch
    settings : how it is set, or only what shall be other than it is; None as it is, or the usual
    channels : names of where alarms are told; the messages are part of the alarm's transaction
    language : of the messages
    clock : time of day, with a zone
    ticks : seconds of a clock that nobody sets

    Raises
    ------
    UsageError
        If a setting makes no sense, or cannot change without learning anew.
    """

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        settings: WatchSettings | Mapping[str, Any] | None = None,
        *,
        channels: Sequence[str] = (),
        language: Language = "en",
        clock: Clock = lambda: datetime.now(UTC),
        ticks: Ticks = time.monotonic,
    ) -> None:
        if not name or plain(name) != name:
            raise UsageError(
                f"{plain(name)!r} is no name of a watch.", hint="Take a short, plain word."
            )
        self.ledger, self.name = ledger, name
        self.channels, self.language = tuple(channels), language
        self._clock, self._pulse = clock, Pulse(ticks)
        self._lock = threading.RLock()
        self._held: Held | None = None
        given = asdict(settings) if isinstance(settings, WatchSettings) else settings
        with book.told(f"The watch {name} cannot begin"):
            if given or book.read_page(ledger, name) is None:  # else nobody has to wait
                with ledger.change():
                    self._settle(given or {})

    @property
    def settings(self) -> WatchSettings:
        """How it is set now, also by another process."""
        return self.page().settings

    def page(self) -> Page:
        """Return its state as the ledger holds it now.

        Raises
        ------
        UsageError
            If somebody removed it.
        """
        found = book.read_page(self.ledger, self.name)
        if found is None:
            raise UsageError(f"There is no watch {self.name}.", hint="It was removed; begin anew.")
        return found

    def take(self, batch: Batch, *, bookmark: bytes | None = None) -> Taken:
        """Count a batch once: its row, the statistics, an alarm and its messages, or nothing.

        Parameters
        ----------
        bookmark : where its source goes on after it, kept in the same transaction

        Raises
        ------
        NotCounted
            If the ledger refuses, such as on a full disk: the same batch may be given again.
        """
        batch = plain_batch(batch)
        with self._lock:
            for _ in range(TRIES):
                try:
                    with book.told(f"The batch {batch.id} was not counted"):
                        taken = self._once(batch, bookmark)
                except BaseException:
                    self._held = None  # it may have learnt from a batch that does not count
                    raise
                if taken is not None:
                    return taken
                self._held = None
        raise NotCounted(
            f"The batch {batch.id} was not counted: other processes were always faster.",
            hint="Let one process take the batches of a watch.",
        )

    def beat(self) -> int | None:
        """Tell once when no batch came for twice the usual time; return the alarm's number.

        To be called now and then by whatever runs, and at its start: then it also tells that
        nothing ran.

        Raises
        ------
        NotCounted
            If the ledger refuses.
        """
        with self._lock, book.told("The heartbeat was not kept"):
            page, now = self.page(), self._clock()
            usual, length = page.settings.beat_seconds, self._pulse.silence(page.beat, now)
            late = usual is not None and not page.silent and length > MISSED * usual
            if not late and not went_back(page.beat, now):
                return None
            with self.ledger.change():
                fresh = self.page()
                if fresh.revision != page.revision:
                    return None  # something came just now, or another process told it
                if went_back(page.beat, now):
                    book.count(self.ledger, self.name, "clock_back")
                    book.update(self.ledger, self.name, beat=now)
                if not late:
                    return None
                book.update(self.ledger, self.name, silent=1)
                detail = {"since": book.written(page.beat), "seconds": round(length)}
                return self.raise_alarm("silence", detail | {"usual": usual}, at=now, now=now)

    def follow_up(self, read: Read = no_more, *, follow: Follow | None = None) -> tuple[int, ...]:
        """Explain and adjust after every alarm that was not followed up yet; return their numbers.

        To be called after `take`, and at the start: a kill in between is so made good. It may
        take minutes.

        Parameters
        ----------
        read : reads a batch again by its id
        follow : in place of the usual way, which `usual_following` gives

        Raises
        ------
        DohyoError
            If one cannot be followed up; the next call tries it again.
        """
        numbers = unfollowed(self.ledger, self.name)
        with book.told("The alarm was not followed up"):
            if numbers:
                if follow is None:
                    follow = usual_following(self.settings, read, language=self.language)
                follow_all(self.ledger, numbers, self.memory(), follow)
            words = Words(self.language)
            queue_proposals(self.ledger, self.name, self.channels, words, self._clock())
        return tuple(numbers)

    def anew(self, why: str, **settings: Any) -> None:
        """Forget the statistics and learn anew from the next batch; that is in the audit."""
        with self._lock, book.told("It was not begun anew"), self.ledger.change():
            before = self.page().settings
            after = WatchSettings.of(asdict(before) | settings)
            forgotten = dict.fromkeys(("saved", "memory", "encoder"))
            book.update(
                self.ledger, self.name, settings=after.to_json(), refused_run=0, **forgotten
            )
            detail = {"before": asdict(before), "after": asdict(after)}
            self.ledger.audit(SELF, "learn_anew", self.name, why, detail)
            self._held = None

    def alarms(self, *, most: int = 200) -> list[dict[str, Any]]:
        """Return its alarms, the latest first; details are parsed."""
        return book.alarms(self.ledger, self.name, most=most)

    def batches(self, *, most: int = 1_000) -> list[dict[str, Any]]:
        """Return its latest batches, the earliest of them first; figures are parsed."""
        return book.batches(self.ledger, self.name, most=most)

    def standing(self) -> Standing:
        """Return how it stands."""
        with self._lock:
            page = self.page()
            return standing_of(self.ledger, page, self._state(page).monitor)

    def monitor(self) -> Monitor:
        """Return its statistics, a copy to read from."""
        return Monitor.load(self._state(self.page()).monitor.save())

    def memory(self) -> Memory:
        """Return what it remembers for explanations, a copy to read from."""
        return Memory.load(self._state(self.page()).memory.save())

    def bookmark(self) -> bytes | None:
        """Return where its source goes on."""
        rows = self.ledger.rows("SELECT bookmark FROM watches WHERE name = ?", self.name)
        found: bytes | None = rows[0]["bookmark"] if rows else None
        return found

    def knows(self, id: str, at: datetime) -> bool:
        """Whether a batch was taken already, or is so old that it would not be known any more."""
        return book.known(self.ledger, self.name, id) or beyond(self.page(), at)

    def _settle(self, given: Mapping[str, Any]) -> None:
        page = book.read_page(self.ledger, self.name)
        if page is None:
            book.begin(self.ledger, self.name, WatchSettings.of(given), self._clock())
            return
        after = page.settings.changed(self.name, given)
        if after != page.settings:
            book.update(self.ledger, self.name, settings=after.to_json())
            detail = {"before": asdict(page.settings), "after": asdict(after)}
            self.ledger.audit(SELF, "watch_settings", self.name, "", detail)

    def _state(self, page: Page) -> Held:
        """Return the statistics, from memory where nobody else has changed them."""
        if self._held is None or self._held.revision != page.revision:
            self._held = Held.of(self.ledger, page)
        return self._held

    def _once(self, batch: Batch, bookmark: bytes | None) -> Taken | None:
        """Try to count a batch; None where another process was faster.

        The work on its rows is done before the ledger is locked, so that nobody waits for it.
        """
        page, now = self.page(), self._clock()
        if book.known(self.ledger, self.name, batch.id):
            found = Found(outcome="duplicate")
        else:
            found = out_of_time(batch, page, now) or self._judged(batch, page)
        with self.ledger.change():
            if self.page().revision != page.revision or (
                self._held is not None and self._held.revision != page.revision
            ):
                return None
            alarm = self._write(batch, found, page, now, bookmark)
            revision = self.page().revision
        if self._held is not None:
            self._held.revision = revision
        if found.outcome != "duplicate":
            self._pulse.silence(now, now)  # from here on its own ticks count
        return Taken(outcome=found.outcome, seen=found.seen, alarm=alarm, why=found.why)

    def _judged(self, batch: Batch, page: Page) -> Found:
        """Say what a batch is; the statistics in memory take it in, the ledger not yet."""
        held = self._state(page)
        why = unusable(batch, page, held.monitor)
        if not why and page.encoder and batch.encoder and batch.encoder != page.encoder:
            return self._other_encoder(batch, page)
        seen = held.monitor.refuse(why) if why else self._shown(batch, page)
        if seen.phase == "refused":
            return refused(batch, page, seen)
        alarm = None if seen.alarm is None else seen.alarm.to_json()
        return Found(
            outcome=seen.phase, seen=seen, alarm=None if alarm is None else ("drift", alarm)
        )

    def _shown(self, batch: Batch, page: Page) -> Seen:
        """Show a batch to the statistics; one that breaks them is refused like any bad one.

        Else it would break them again after every start, and nothing after it would count.
        """
        held = self._state(page)
        try:
            return held.shown(batch, page)
        except Exception as error:
            self._held = None  # it may be half of what it was
            why = f"it cannot be judged: {type(error).__name__}: {error}"
            return self._state(page).monitor.refuse(why)

    def _other_encoder(self, batch: Batch, page: Page) -> Found:
        why = f"the encoder {batch.encoder} made it, not {page.encoder}"
        told = book.open_alarm(self.ledger, self.name, "encoder", "found", batch.encoder)
        detail = {"expected": page.encoder, "found": batch.encoder, "latest": batch.id}
        return Found(outcome="encoder", why=why, alarm=None if told else ("encoder", detail))

    def _write(
        self, batch: Batch, found: Found, page: Page, now: datetime, bookmark: bytes | None
    ) -> int | None:
        """Write everything that a batch changes, and return the alarm; inside a change."""
        ledger, seen = self.ledger, found.seen
        changes: dict[str, Any] = {} if bookmark is None else {"bookmark": bookmark}
        book.count(ledger, self.name, found.outcome)
        if went_back(page.beat, now):
            book.count(ledger, self.name, "clock_back")
        if found.outcome != "duplicate":
            changes |= {"beat": now, "silent": 0} | self._learnt(batch, found, page)
            if found.outcome != "late" or not beyond(page, batch.at):
                book.write_batch(
                    ledger,
                    self.name,
                    batch,
                    received=now,
                    outcome=found.outcome,
                    why=found.why,
                    evidence=0.0 if seen is None else seen.evidence,
                    figures=shown_figures(batch, seen),
                )
        if changes:
            book.update(ledger, self.name, **changes)
        if page.silent and changes.get("silent") == 0:
            self._heard_again(now)
        if (page.revision + 1) % OFTEN == 0:
            prune(ledger, page, changes.get("newest") or page.newest or now, now)
        if found.alarm is None:
            return None
        kind, detail = found.alarm
        if kind == "drift":
            detail = detail | self._dated(batch, detail)
        return self.raise_alarm(kind, detail, at=batch.at, now=now, batch=batch.id)

    def _learnt(self, batch: Batch, found: Found, page: Page) -> dict[str, Any]:
        """Return what changes of the statistics."""
        if found.seen is None or self._held is None:
            return {}
        changes: dict[str, Any] = {"saved": self._held.monitor.save()}
        if found.outcome == "refused":
            return changes | {"refused_run": page.refused_run + 1}
        changes |= {"memory": self._held.memory.save(), "refused_run": 0}
        changes |= {"newest": batch.at, "canary_recall": None}
        return changes | {"encoder": page.encoder or batch.encoder}

    def _heard_again(self, now: datetime) -> None:
        """Close the alarm about a silence and tell so; inside a change."""
        for row in book.alarms(self.ledger, self.name):
            if row["kind"] == "silence" and row["state"] == "open":
                self.ledger.rows(
                    "UPDATE alarms SET state = 'closed' WHERE number = ?", row["number"]
                )
                if self.channels:
                    message = message_of_recovery(row, Words(self.language))
                    queue(self.ledger, self.channels, message, now)

    def _dated(self, batch: Batch, alarm: Mapping[str, Any]) -> dict[str, Any]:
        """Return names and times of the batches that an alarm speaks of by number."""
        rows = book.judged(self.ledger, self.name, batch.id, int(alarm["earliest"]))
        return {
            f"{which}_{what}": rows[min(int(alarm[which]), len(rows)) - 1][column]
            for which in ("began", "earliest", "latest")
            for what, column in (("batch", "id"), ("at", "at"))
        }

    def raise_alarm(
        self,
        kind: book.Kind,
        detail: Mapping[str, Any],
        *,
        at: datetime,
        now: datetime,
        batch: str | None = None,
    ) -> int:
        """Write down an alarm and the messages that tell it; inside a change."""
        row = book.write_alarm(
            self.ledger, self.name, kind, detail, at=at, received=now, batch=batch
        )
        if self.channels:
            queue(self.ledger, self.channels, message_of(row, Words(self.language)), now)
        number: int = row["number"]
        return number
