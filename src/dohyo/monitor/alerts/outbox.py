"""Messages that wait in the ledger until they are delivered: `queue` and `deliver`."""

import hashlib
import json
import random
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dohyo.monitor.alerts.channel import Channel, Trouble
from dohyo.monitor.alerts.message import Message
from dohyo.monitor.book import told
from dohyo.rollout.ledger import Ledger
from dohyo.words import Words

FIRST_WAIT, LONGEST_WAIT = 10.0, 3_600.0
"""Seconds until the second attempt; each further wait is twice as long, up to an hour."""
LONGEST_ASKED = 6 * 3_600.0
"""A receiver may ask for a longer wait, and for no longer one than this."""
LEASE = 60.0
"""Seconds for which an attempt belongs to the process that makes it. Should that be killed, the
message is sent again afterwards, under the same key."""
PATIENCE = timedelta(days=3)
LEAST_ATTEMPTS = 20
"""Given up is what is older and was tried so often; a machine that slept has not tried."""
ABANDONED = timedelta(days=14)
"""So long a message waits for a channel that this process does not have; another may have it."""
DOUBTS = 6
"""After so many failures that may be about one message alone, the next ones go on."""
ROUND = 30.0
"""Seconds after which `deliver` begins no further attempt; the rest is for the next call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one call of `deliver` did.

    Attributes
    ----------
    sent : messages that were accepted
    failed : attempts that were not
    given_up : messages that are tried no more
    waiting : messages that are still to be sent, on all channels
    troubles : (channel, why) of each attempt that failed, for a log: without secrets
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    waiting: int = 0
    troubles: tuple[tuple[str, str], ...] = ()


def given_up(ledger: Ledger) -> int:
    """Return how many messages were given up so far."""
    found: int = ledger.rows("SELECT count(given_up) AS n FROM outbox")[0]["n"]
    return found


def said(done: Delivered, words: Words) -> tuple[str, ...]:
    """Return what somebody should know of a delivery, a sentence each; nothing if all went well."""
    lines = [words("alerts.trouble", channel=name, why=why) for name, why in done.troubles]
    if done.given_up:
        lines.append(words("alerts.given_up", n=done.given_up))
    return tuple(lines)


def queue(
    ledger: Ledger, channels: Sequence[str], message: Message, now: datetime | None = None
) -> int:
    """Put a message into the outbox of each channel; inside the change that it tells of.

    Parameters
    ----------
    channels : names of channels
    now : with a zone; the machine's clock if left out

    Returns
    -------
    How many were new: the same is never put there twice for one channel.
    """
    at = _written(datetime.now(UTC) if now is None else now)
    body = json.dumps(message.body, sort_keys=True, allow_nan=False)
    new = 0
    with ledger.change():
        # Two services may tell one receiver; their alarms have the same numbers.
        state = hashlib.sha256(ledger.secret("outbox", secrets.token_bytes(16))).hexdigest()[:12]
        for channel in dict.fromkeys(channels):
            mark = hashlib.sha256(channel.encode()).hexdigest()[:8]
            new += len(
                ledger.rows(
                    "INSERT INTO outbox (key, channel, subject, body, made, due) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING number",
                    *(f"{state}-{message.key}-{mark}", channel, message.subject, body, at, at),
                )
            )
    return new


def deliver(ledger: Ledger, channels: Sequence[Channel], now: datetime | None = None) -> Delivered:
    """Send what is due, each channel beside the others, and in order within it.

    Only what its receiver refuses for itself is overtaken. Never raises for a channel's trouble;
    may be called as often as one likes, by several processes too.

    Parameters
    ----------
    channels : what this process can send by
    now : with a zone; the machine's clock if left out

    Raises
    ------
    NotCounted
        If the ledger refuses. What was sent and could not be marked is sent again, with its key.
    """
    with told("The messages were not sent"):
        return _delivered(ledger, channels, datetime.now(UTC) if now is None else now)


def _delivered(ledger: Ledger, channels: Sequence[Channel], at: datetime) -> Delivered:
    done = [Delivered(given_up=_abandon(ledger, channels, at))]
    if len(channels) > 1:
        with ThreadPoolExecutor(len(channels), thread_name_prefix="dohyo-alerts") as pool:
            done += pool.map(lambda channel: _round(ledger, channel, at), channels)
    else:
        done += [_round(ledger, channel, at) for channel in channels]
    left = ledger.rows("SELECT count(*) AS n FROM outbox WHERE sent IS NULL AND given_up IS NULL")[
        0
    ]["n"]
    return Delivered(
        sent=sum(each.sent for each in done),
        failed=sum(each.failed for each in done),
        given_up=sum(each.given_up for each in done),
        waiting=left,
        troubles=tuple(trouble for each in done for trouble in each.troubles),
    )


def _round(ledger: Ledger, channel: Channel, now: datetime) -> Delivered:
    """Send what is due on one channel, until one fails for a reason that others share."""
    sent, given_up, troubles = 0, 0, []
    begun = time.monotonic()
    for row in ledger.rows(
        "SELECT * FROM outbox WHERE channel = ? AND sent IS NULL AND given_up IS NULL "
        "ORDER BY number",
        channel.name,
    ):
        passed = time.monotonic() - begun
        if passed > ROUND:
            break
        at = now + timedelta(seconds=passed)
        if not _claimed(ledger, row, at):
            if row["aside"]:
                continue
            break  # the ones behind it wait, so that they arrive in order
        try:
            channel.send(
                Message(key=row["key"], subject=row["subject"], body=json.loads(row["body"]))
            )
        except Trouble as trouble:
            troubles.append((channel.name, trouble.why))
            over, aside = _failed(ledger, row, trouble, at)
            given_up += over
            if not aside:
                break
        else:
            _mark(ledger, row["number"], sent=_written(at), trouble=None)
            sent += 1
    return Delivered(sent=sent, failed=len(troubles), given_up=given_up, troubles=tuple(troubles))


def _claimed(ledger: Ledger, row: dict[str, Any], now: datetime) -> bool:
    """Take a message for this process, if it is due and no other has it."""
    # A wait beyond the longest is from before the clock was set back.
    latest = now + timedelta(seconds=LONGEST_ASKED)
    if _written(now) < row["due"] <= _written(latest):
        return False
    with ledger.change():
        taken = ledger.rows(
            "UPDATE outbox SET attempts = attempts + 1, due = ? "
            "WHERE number = ? AND attempts = ? AND sent IS NULL AND given_up IS NULL "
            "RETURNING number",
            *(_written(now + timedelta(seconds=LEASE)), row["number"], row["attempts"]),
        )
    return bool(taken)


def _failed(
    ledger: Ledger, row: dict[str, Any], trouble: Trouble, now: datetime
) -> tuple[bool, bool]:
    """Write down a failure; return whether it is given up, and whether the next ones go on."""
    attempts = row["attempts"] + 1
    old = now - datetime.fromisoformat(row["made"]) >= PATIENCE
    over = old and attempts >= LEAST_ATTEMPTS
    aside = bool(row["aside"]) or trouble.own or (trouble.doubtful and attempts >= DOUBTS)
    due = now + timedelta(seconds=wait(row["key"], attempts, trouble))
    given_up = _written(now) if over else None
    _mark(
        ledger,
        row["number"],
        due=_written(due),
        trouble=trouble.why,
        aside=int(aside),
        given_up=given_up,
    )
    return over, aside


def wait(key: str, attempts: int, trouble: Trouble) -> float:
    """Return the seconds until the next attempt.

    It doubles from ten seconds to an hour; up to a quarter is taken off by chance, seeded by the
    key, so that what failed together does not come back together. "Full jitter" would also try
    at once what has just failed.

    Parameters
    ----------
    attempts : that have failed, 1 or more
    """
    full = LONGEST_WAIT if trouble.slow else FIRST_WAIT * 2.0 ** min(attempts - 1, 20)
    off = random.Random(f"{key} {attempts}").random() / 4
    waited = max(FIRST_WAIT, min(full, LONGEST_WAIT) * (1 - off))
    return max(waited, min(trouble.retry_after or 0.0, LONGEST_ASKED))


def _abandon(ledger: Ledger, channels: Sequence[Channel], now: datetime) -> int:
    """Give up what has waited too long for a channel that nobody has any more."""
    if not channels:
        return 0
    names = [channel.name for channel in channels]
    with ledger.change():
        return len(
            ledger.rows(
                "UPDATE outbox SET given_up = ?, trouble = coalesce(trouble, 'no such channel') "
                "WHERE sent IS NULL AND given_up IS NULL AND made < ? "
                f"AND channel NOT IN ({', '.join('?' * len(names))}) RETURNING number",
                *(_written(now), _written(now - ABANDONED), *names),
            )
        )


def _mark(ledger: Ledger, number: int, **columns: Any) -> None:
    set_ = ", ".join(f"{name} = ?" for name in columns)
    with ledger.change():
        ledger.rows(f"UPDATE outbox SET {set_} WHERE number = ?", *columns.values(), number)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
