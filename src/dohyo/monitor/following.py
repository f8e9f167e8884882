"""What follows an alarm, after it is safe: it is explained, and a change is prepared."""

from collections.abc import Callable, Sequence
from typing import Any

from dohyo.errors import DohyoError
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.plain import plain
from dohyo.monitor.settings import WatchSettings
from dohyo.rollout.ledger import Ledger
from dohyo.words import Language, Words

Read = Callable[[str], Batch | None]
"""Reads a batch again by its id; None where that is not possible any more."""
Follow = Callable[[Ledger, int, Memory], Any]
"""Follows up the alarm of a number; what a kill has left half done is made whole by it."""


def no_more(id: str) -> None:
    """Read no batch again: what a program gave is gone when it is counted."""


def usual_following(
    settings: WatchSettings, read: Read, *, language: Language = "en", **more: Any
) -> Follow:
    """Return how an alarm is explained and adjusted, as `dohyo.monitor.adjust` does it.

    Parameters
    ----------
    more : see `dohyo.monitor.adjust.FollowUp`, such as known pairs and what is searched
    """
    # A refit brings along most of dohyo; a watch that never alarms needs none of it.
    from dohyo.monitor.adjust.follow_up import FollowUp, follow_up
    from dohyo.monitor.adjust.settings import AdjustSettings

    bounds = AdjustSettings(policy=settings.policy, seed=settings.seed)
    usual: dict[str, Any] = {"read": read, "settings": bounds, "words": Words(language)}
    by = FollowUp(**(usual | more))
    return lambda ledger, number, memory: follow_up(ledger, number, memory, by)


def follow_all(
    ledger: Ledger, numbers: Sequence[int], memory: Memory, follow: Follow
) -> tuple[int, ...]:
    """Follow up alarms, the earliest first, and return their numbers.

    Raises
    ------
    DohyoError
        If one cannot be followed up; the next call tries it again.
    """
    for number in numbers:
        try:
            follow(ledger, number, memory)
        except DohyoError:
            raise
        except Exception as error:  # a fault here must not end the watch
            raise DohyoError(
                f"The alarm {number} was not followed up: "
                f"{plain(f'{type(error).__name__}: {error}', 300)}.",
                hint="Watching goes on; please report this.",
            ) from error
    return tuple(numbers)


def unfollowed(ledger: Ledger, watch: str) -> list[int]:
    """Return the alarms of a watch that are not explained or adjusted yet, or wait for data."""
    rows = ledger.rows(
        "SELECT number FROM alarms WHERE watch = ? AND (explained IS NULL OR adjusted IS NULL OR "
        "json_extract(adjusted, '$.outcome') = 'waiting') ORDER BY number",
        watch,
    )
    return [row["number"] for row in rows]
