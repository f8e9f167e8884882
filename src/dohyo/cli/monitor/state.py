"""The state that the commands of the monitor share with the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from dohyo.errors import UsageError
from dohyo.words import Words

if TYPE_CHECKING:
    from dohyo.rollout.ledger import Ledger

FILE = "service.sqlite"


@contextmanager
def opened(state: Path, *, make: bool = False) -> "Iterator[Ledger]":
    """Yield the ledger of a state's folder.

    Parameters
    ----------
    make : whether it may be a new one

    Raises
    ------
    UsageError
        If there is none, or it cannot be used.
    """
    from dohyo.rollout.ledger import Ledger

    if not make and not (state / FILE).is_file():
        raise UsageError(
            f"There is no state in {state}.", hint="Name its folder with --state; watch makes one."
        )
    ledger = Ledger(state / FILE)
    try:
        yield ledger
    finally:
        ledger.close()


def names_of(ledger: "Ledger", name: str | None) -> tuple[str, ...]:
    """Return the watches that were asked for: one, or all.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    there = tuple(row["name"] for row in ledger.rows("SELECT name FROM watches ORDER BY name"))
    if name is not None and name not in there:
        raise UsageError(
            f"There is no watch {name}.", hint=f"There are: {', '.join(there) or 'none yet'}."
        )
    return there if name is None else (name,)


def told_alarm(row: dict[str, Any], words: Words) -> str:
    """Return an alarm in plain words, for a terminal."""
    from dohyo.monitor.alerts import message_of

    return escape(str(message_of(row, words).body["text"]).strip())


def minute(at: str | datetime | None) -> str:
    """Return a time of the ledger's as people read it."""
    if at is None:
        return "–"
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{when:%Y-%m-%d %H:%M}"
