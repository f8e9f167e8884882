"""Put together what has changed: `explain`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.explanation import Component, Example, Explanation, Kind, Moved
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.explain.moves import components, moved
from dohyo.monitor.explain.past import Stretch
from dohyo.monitor.explain.retrieval import Served, figures
from dohyo.monitor.explain.shares import shares
from dohyo.monitor.explain.typical import typical

STANDS_OUT = 4.0
"""Standard errors: among two moves along ten directions chance reaches it once in 800."""
MOST = 6


def explain(
    alarm: Mapping[str, Any],
    memory: Memory | None,
    *,
    since: Sequence[str],
    before: Sequence[str] | None = None,
    recent: Sequence[Batch] = (),
    served: Served | None = None,
    seed: int = 0,
) -> Explanation:
    """Say what has changed since an alarm's change began.

    Parameters
    ----------
    alarm : row of the ledger's `alarms`, `detail` as a dict
    memory : of the watch; None where there is none
    since : ids of the batches since the change began, the earliest first
    before : ids of those to compare with; None compares with the reference time, as is right for
        the first alarm
    recent : of the batches since, those that can be read again, for examples and figures
    served : the correction in service; None for raw
    """
    plain = Explanation(kind=alarm["kind"], batches=len(since), since=since[0] if since else None)
    if alarm["kind"] not in ("drift", "encoder"):
        return plain
    if alarm["kind"] == "encoder" and "canary" in alarm["detail"]:
        return replace(plain, kind="canary")  # no batch has shown it
    if memory is None or not memory.settled:
        return replace(plain, notes=("no_memory",))
    after = memory.since(frozenset(since))
    if not after:
        return replace(plain, notes=("forgotten",))
    old = {} if before is None else memory.since(frozenset(before))
    notes: list[str] = []
    moves, parts = _moves(memory, old, after, _evidence(alarm["detail"]))
    changed, compared = shares(_counts(memory, old), _counts_of(after))
    if not compared:
        notes.append("no_names")
    shown: list[Example] = []
    if memory.keep:
        shown = [
            example
            for side, stretch in after.items()
            for example in typical(side, stretch.mean - _mean(memory, old, side), memory, recent)
        ]
    else:
        notes.append("no_reservoir")
    found = figures(memory, recent, served, seed=seed)
    if not found:
        notes.append("no_pairs")
    return replace(
        plain,
        moved=moves,
        components=parts,
        shares=changed,
        compared=compared,
        examples=tuple(shown),
        figures=found,
        notes=tuple(notes),
    )


def _moves(
    memory: Memory,
    old: Mapping[Modality, Stretch],
    after: Mapping[Modality, Stretch],
    evidence: Mapping[str, float],
) -> tuple[tuple[Moved, ...], tuple[Component, ...]]:
    assert memory.directions is not None
    moves, parts = [], []
    for side, stretch in after.items():
        past = memory.past[side]
        share = evidence.get(side, 0.0) if evidence else None
        moves.append(moved(side, past, old.get(side), stretch, share))
        parts += components(side, past, old.get(side), stretch, memory.directions)
    moves.sort(key=lambda each: -each.distance_z)
    loud = [each for each in parts if max(abs(each.by_z), abs(each.width_z)) >= STANDS_OUT]
    loud.sort(key=lambda each: -max(abs(each.by_z), abs(each.width_z)))
    return tuple(moves), tuple(loud[:MOST])


def _evidence(detail: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of the evidence that each modality's own streams hold."""
    blamed = [(str(name), float(share)) for name, share in detail.get("blamed") or ()]
    if not blamed and "stream" in detail:
        blamed = [(str(detail["stream"]), float(detail.get("share", 0.0)))]
    return {
        side: sum(share for name, share in blamed if name.startswith(f"{side}_"))
        for side in MODALITIES
        if blamed
    }


def _mean(memory: Memory, old: Mapping[Modality, Stretch], side: Modality) -> Any:
    return old[side].mean if side in old else memory.past[side].mean


def _counts(memory: Memory, old: Mapping[Modality, Stretch]) -> dict[Kind, Mapping[str, int]]:
    """Return how often each name came before; a text has those of its image, counted once."""
    if old:
        return _counts_of(old)
    for side in MODALITIES:
        held = memory.before[side]
        if held["label"].counts or held["source"].counts:
            return {"label": held["label"].counts, "source": held["source"].counts}
    return {}


def _counts_of(sides: Mapping[Modality, Stretch]) -> dict[Kind, Mapping[str, int]]:
    for side in MODALITIES:
        if side in sides and (sides[side].label.counts or sides[side].source.counts):
            return {"label": sides[side].label.counts, "source": sides[side].source.counts}
    return {}
