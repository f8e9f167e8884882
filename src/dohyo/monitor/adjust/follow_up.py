"""After an alarm: explain it, adjust, and start again where a kill has cut it short."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.maps.library import Library
from dohyo.monitor.adjust.adjusted import Adjusted
from dohyo.monitor.adjust.case import Case, adjust, collection_of, served_by
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.adjust.shop import Shop
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.explain import explain
from dohyo.monitor.explain.explanation import Explanation
from dohyo.monitor.explain.memory import Memory
from dohyo.progress import Progress, silent
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.stages import Rollouts
from dohyo.words import Words

MOST_BATCHES = 200
"""Of those since the change, the newest are read again."""
GOOD = "'watching', 'calibrating'"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FollowUp:
    """What following up needs beside the ledger and the memory.

    Attributes
    ----------
    read : reads a batch again by its id; None where that is not possible any more
    settings : policy and bounds
    words : of reasons and reports
    pairs : known pairs of the same encoder, for batches without pairs
    shop : opened and closed around the work; None where nothing is searched
    """

    read: Callable[[str], Batch | None]
    settings: AdjustSettings = field(default_factory=AdjustSettings)
    words: Words = field(default_factory=Words)
    pairs: Corpus | None = None
    shop: Shop | None = None
    progress: Progress = silent


def to_follow_up(ledger: Ledger, watch: str) -> list[int]:
    """Return the alarms that are not explained yet, not adjusted yet, or wait for more data."""
    rows = ledger.rows(
        "SELECT number, explained, adjusted FROM alarms WHERE watch = ? AND kind IN "
        "('drift', 'encoder') AND (explained IS NULL OR adjusted IS NULL OR "
        "json_extract(adjusted, '$.outcome') = 'waiting') ORDER BY number",
        watch,
    )
    return [row["number"] for row in rows]


def follow_up(ledger: Ledger, number: int, memory: Memory | None, by: FollowUp) -> Adjusted:
    """Explain an alarm and adjust; what is done already is not done again.

    Parameters
    ----------
    number : of the alarm
    memory : of its watch

    Raises
    ------
    UsageError
        If the disk refuses.
    """
    alarm = _alarm(ledger, number)
    since = _since(ledger, alarm)
    again = Again(by.read, since[-MOST_BATCHES:])
    if alarm["explained"] is None:
        alarm = alarm | {"explained": _explained(ledger, alarm, memory, by, since, again)}
    told = alarm["adjusted"]
    if told and told.get("outcome") == "waiting" and not _worth_trying(ledger, alarm, since, by):
        return Adjusted.from_json(told)
    return adjust(
        Case(
            ledger=ledger,
            alarm=alarm,
            recent=again,
            settings=by.settings,
            words=by.words,
            explanation=alarm["explained"],
            pairs=by.pairs,
            shop=by.shop,
            last=_after(ledger, alarm) >= by.settings.patience,
            remembered=None if memory is None else memory.old.pairs(),
            progress=by.progress,
        )
    )


class Again:
    """Batches read again once, however often they are asked for."""

    def __init__(self, read: Callable[[str], Batch | None], ids: Sequence[str]) -> None:
        self._read, self._ids = read, ids
        self._held: tuple[Batch, ...] | None = None

    def __call__(self) -> tuple[Batch, ...]:
        """Return those that can still be read, the earliest first."""
        if self._held is None:
            found = [self._read(each) for each in self._ids]
            self._held = tuple(each for each in found if each is not None and not each.why)
        return self._held


def _explained(
    ledger: Ledger,
    alarm: Mapping[str, Any],
    memory: Memory | None,
    by: FollowUp,
    since: Sequence[str],
    again: Again,
) -> dict[str, Any]:
    library = Library(ledger.path.parent / "maps")
    rollout = Rollouts(ledger).of(collection_of(ledger, by.settings, by.shop))
    found: Explanation = explain(
        alarm,
        memory,
        since=since,
        before=_before(ledger, alarm),
        recent=again(),
        served=None if rollout.stage == "off" else served_by(library, rollout),
        seed=by.settings.seed,
    )
    text = json.dumps(found.to_json(), ensure_ascii=False)
    with ledger.change():
        ledger.rows("UPDATE alarms SET explained = ? WHERE number = ?", text, alarm["number"])
    told: dict[str, Any] = json.loads(text)
    return told


def _alarm(ledger: Ledger, number: int) -> dict[str, Any]:
    row = ledger.rows("SELECT * FROM alarms WHERE number = ?", number)[0]
    parsed = {
        name: None if row[name] is None else json.loads(row[name])
        for name in ("detail", "explained", "adjusted")
    }
    return row | parsed


def _since(ledger: Ledger, alarm: Mapping[str, Any]) -> list[str]:
    """Return the ids of the good batches since the change began, the earliest first.

    For another encoder, those that it made: the statistics have not taken them in.
    """
    if alarm["kind"] == "encoder":
        outcomes, first = "'encoder'", alarm["batch"]
    else:
        outcomes, first = GOOD, alarm["detail"].get("began_batch") or alarm["batch"]
    rows = ledger.rows(
        f"SELECT id FROM batches WHERE watch = ? AND outcome IN ({outcomes}) AND number >= "
        "(SELECT number FROM batches WHERE watch = ? AND id = ?) ORDER BY number",
        *(alarm["watch"], alarm["watch"], first),
    )
    return [row["id"] for row in rows]


def _before(ledger: Ledger, alarm: Mapping[str, Any]) -> list[str] | None:
    """Return the ids of the batches between the last change and this one.

    None where this is the first change: then the reference time is what it was before.
    """
    last = ledger.rows(
        "SELECT batch FROM alarms WHERE watch = ? AND kind = 'drift' AND number < ? "
        "ORDER BY number DESC LIMIT 1",
        *(alarm["watch"], alarm["number"]),
    )
    if not last or alarm["kind"] != "drift":
        return None
    first = alarm["detail"].get("earliest_batch") or alarm["batch"]
    rows = ledger.rows(
        f"SELECT id FROM batches WHERE watch = ? AND outcome IN ({GOOD}) "
        "AND number > (SELECT number FROM batches WHERE watch = ? AND id = ?) "
        "AND number < (SELECT number FROM batches WHERE watch = ? AND id = ?)",
        *(alarm["watch"], alarm["watch"], last[0]["batch"], alarm["watch"], first),
    )
    return [row["id"] for row in rows]


def _worth_trying(
    ledger: Ledger, alarm: Mapping[str, Any], since: Sequence[str], by: FollowUp
) -> bool:
    """Whether enough may have come by now; by the counts, before anything is read again."""
    marks = ", ".join("?" * len(since[-MOST_BATCHES:]))
    rows = ledger.rows(
        f"SELECT SUM(images) AS images FROM batches WHERE watch = ? AND id IN ({marks})",
        *(alarm["watch"], *since[-MOST_BATCHES:]),
    )
    enough = (rows[0]["images"] or 0) >= (alarm["adjusted"].get("needed") or 0)
    return enough or _after(ledger, alarm) >= by.settings.patience


def _after(ledger: Ledger, alarm: Mapping[str, Any]) -> int:
    """Return how many batches have come since the alarm."""
    rows = ledger.rows(
        "SELECT COUNT(*) AS n FROM batches WHERE watch = ? AND number > "
        "(SELECT number FROM batches WHERE watch = ? AND id = ?)",
        *(alarm["watch"], alarm["watch"], alarm["batch"]),
    )
    n: int = rows[0]["n"]
    return n
