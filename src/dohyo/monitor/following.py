"""What follows an alarm, after it is safe: it is explained, and a change is prepared."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dohyo.monitor import book
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.plain import plain
from dohyo.monitor.settings import WatchSettings
from dohyo.rollout.ledger import Ledger

Again = Callable[[Sequence[str]], Sequence[Batch]]
"""Reads batches again by their ids, those of them that can be."""
MOST = 60
"""Batches that an alarm is compared by at most: of so many a memory keeps a summary."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Case:
    """An alarm and what is known when it is followed up.

    Attributes
    ----------
    ledger : of the state's folder
    watch : its name
    settings : how that is set
    alarm : row of the ledger's `alarms`, its details parsed
    since : ids of the batches since the change began, the earliest first
    before : ids of those between the alarm before and this change; None for the first alarm
    recent : of the batches since, those that could be read again
    memory : what the watch remembers
    """

    ledger: Ledger
    watch: str
    settings: WatchSettings
    alarm: Mapping[str, Any]
    since: tuple[str, ...]
    before: tuple[str, ...] | None
    recent: tuple[Batch, ...]
    memory: Memory


WAITING = {"outcome": "waiting"}
Step = Callable[[Case], Mapping[str, Any] | None]
"""Does one thing about an alarm and returns what is kept of it, as JSON can hold it. None, or an
`outcome` of "waiting", says that it must wait for more batches and is to be called again."""


def usual_explanation(case: Case) -> Mapping[str, Any] | None:
    """Return what has changed, as `dohyo.monitor.explain` says it."""
    from dohyo.monitor.explain import explain

    return explain(
        case.alarm,
        case.memory,
        since=case.since,
        before=case.before,
        recent=case.recent,
        seed=case.settings.seed,
    ).to_json()


def nothing(case: Case) -> Mapping[str, Any] | None:
    """Change nothing."""
    return {}


def follow_up(
    ledger: Ledger,
    watch: str,
    settings: WatchSettings,
    memory: Callable[[], Memory],
    *,
    explain: Step = usual_explanation,
    adjust: Step = nothing,
    again: Again | None = None,
) -> tuple[int, ...]:
    """Do for every alarm what was not done yet, the earliest first; return their numbers.

    Killed in between, it is made good the next time: a step may so be called again for an alarm
    that it was called for before, and must then find what it made. A step that fails is told in
    what is kept and not tried again: watching goes on.
    """
    open_ = ledger.rows(
        "SELECT number FROM alarms WHERE watch = ? AND (explained IS NULL OR adjusted IS NULL "
        "OR json_extract(adjusted, '$.outcome') = 'waiting') ORDER BY number",
        watch,
    )
    found = {each["number"]: each for each in book.alarms(ledger, watch)} if open_ else {}
    held = memory() if open_ else None
    for number in (each["number"] for each in open_):
        if number not in found or held is None:
            continue  # so old that no batch of it is known
        alarm = found[number]
        since, before = _around(ledger, watch, alarm)
        recent = () if again is None else tuple(again(since))
        for column, step in (("explained", explain), ("adjusted", adjust)):
            if (WAITING if alarm[column] is None else alarm[column]).get("outcome") != "waiting":
                continue
            case = Case(
                ledger=ledger,
                watch=watch,
                settings=settings,
                alarm=alarm,
                since=since,
                before=before,
                recent=recent,
                memory=held,
            )
            done = _done(step, case)
            if done is None or done == alarm[column]:
                continue
            alarm = alarm | {column: done}
            with book.told(f"The alarm {number} was not followed up"), ledger.change():
                ledger.rows(
                    f"UPDATE alarms SET {column} = ? WHERE number = ? AND ({column} IS NULL "
                    f"OR json_extract({column}, '$.outcome') = 'waiting')",
                    *(json.dumps(alarm[column], sort_keys=True), number),
                )
    return tuple(each["number"] for each in open_)


def _done(step: Step, case: Case) -> dict[str, Any] | None:
    try:
        found = step(case)
        return None if found is None else dict(found)
    except book.NotCounted:
        raise
    except (
        Exception
    ) as error:  # a fault here must not end the watch: the next alarm may matter more
        return {"failed": plain(f"{type(error).__name__}: {error}", 500)}


def _around(
    ledger: Ledger, watch: str, alarm: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Return the batches since the change began, and those between the last alarm and it."""
    outcomes = "('encoder')" if alarm["kind"] == "encoder" else "('calibrating', 'watching')"
    counted = (
        f"SELECT id FROM batches WHERE watch = ? AND outcome IN {outcomes} "
        "AND number {} ORDER BY number DESC LIMIT ?"
    )
    where = "(SELECT number FROM batches WHERE watch = ? AND id = ?)"
    began = alarm["detail"].get("began_batch", alarm["batch"])
    rows = ledger.rows(counted.format(f">= {where}"), watch, watch, began, MOST)
    since = tuple(row["id"] for row in reversed(rows))
    if alarm["kind"] == "encoder":
        return since, None
    earlier = ledger.rows(
        "SELECT batch FROM alarms WHERE watch = ? AND kind = 'drift' AND number < ? "
        "ORDER BY number DESC LIMIT 1",
        *(watch, alarm["number"]),
    )
    if not earlier:
        return since, None
    rows = ledger.rows(
        counted.format(f"> {where} AND number < {where}"),
        *(watch, watch, earlier[0]["batch"], watch, began, MOST),
    )
    return since, tuple(row["id"] for row in reversed(rows)) or None
