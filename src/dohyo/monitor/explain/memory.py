"""What is remembered of earlier batches so that an alarm can be explained: `Memory`."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.past import (
    F64,
    Past,
    Stretch,
    Sums,
    Tally,
    directions_of,
)
from dohyo.monitor.explain.reservoir import Item, Reservoir
from dohyo.rows import unit_rows

LATEST = 60
"""Batches of which a summary is kept."""
LAYOUT = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Summary:
    """What is kept of one batch; O(d).

    Attributes
    ----------
    id : of the batch
    sides : by modality; one that it does not have is left out
    """

    id: str
    sides: dict[Modality, Stretch]


class Memory:
    """The reference time in O(d²) while it is learnt and O(d) after, and the latest batches.

    Parameters
    ----------
    keep : items of each modality of the reference time, and as many of the latest batches, whose
        vectors, captions and small thumbnails may be kept as examples; 0 for none
    seed : of the sample
    """

    def __init__(self, *, keep: int = 0, seed: int = 0) -> None:
        self.keep = keep
        self._rng = np.random.default_rng(seed)
        self.past: dict[Modality, Past] = {}
        self.directions: F64 | None = None
        self.before: dict[Modality, dict[str, Tally]] = {
            side: {"label": Tally(), "source": Tally()} for side in MODALITIES
        }
        self.old, self.new = Reservoir(keep), Reservoir(keep)
        self.latest: list[Summary] = []
        self._sums: dict[Modality, Sums] = {}

    @property
    def settled(self) -> bool:
        """Whether the reference time is over."""
        return self.directions is not None

    def take(self, batch: Batch, *, learning: bool) -> None:
        """Remember a batch that the monitor has taken in; refused ones must not come here.

        Parameters
        ----------
        learning : whether the monitor is still learning its reference
        """
        if learning and not self.settled:
            self._learn(batch)
            return
        self._settle()
        if self.settled:
            self._add(batch)

    def since(self, ids: frozenset[str]) -> dict[Modality, Stretch]:
        """Return what is known of these batches together, by modality."""
        whole: dict[Modality, Stretch] = {}
        for each in self.latest:
            if each.id not in ids:
                continue
            for side, stretch in each.sides.items():
                if side in whole:
                    whole[side].merge(stretch)
                else:
                    whole[side] = stretch.copy()
        return whole

    def _learn(self, batch: Batch) -> None:
        for side in MODALITIES:
            given = batch.image if side == "image" else batch.text
            if given is None or not len(given.rows):
                continue
            unit = unit_rows(np.asarray(given.rows))
            self._sums.setdefault(side, Sums.empty(unit.shape[1])).add(unit)
            self.before[side]["label"].add(given.label)
            self.before[side]["source"].add(given.source)
        self.old.add(batch, self._rng)

    def _settle(self) -> None:
        if self.settled or not self._sums:
            return
        self.directions = directions_of(self._sums)
        self.past = {side: Past.of(each, self.directions) for side, each in self._sums.items()}
        self._sums = {}

    def _add(self, batch: Batch) -> None:
        assert self.directions is not None
        sides: dict[Modality, Stretch] = {}
        for side in MODALITIES:
            given = batch.image if side == "image" else batch.text
            if given is None or not len(given.rows) or side not in self.past:
                continue
            unit = unit_rows(np.asarray(given.rows))
            stretch = Stretch.of(unit, self.past[side], self.directions)
            stretch.label.add(given.label)
            stretch.source.add(given.source)
            sides[side] = stretch
        self.latest = [*self.latest, Summary(id=batch.id, sides=sides)][-LATEST:]
        self.new.lead(batch, self._rng)

    def save(self) -> bytes:
        """Return everything, to be given to `load`; safetensors, nothing that could be run."""
        arrays: dict[str, NDArray[Any]] = {}
        told: dict[str, Any] = {
            "layout": LAYOUT,
            "keep": self.keep,
            "rng": self._rng.bit_generator.state,
            "before": {
                side: {kind: dict(tally.counts) for kind, tally in kinds.items()}
                for side, kinds in self.before.items()
            },
        }
        if self.directions is not None:
            arrays["directions"] = self.directions
        told["past"] = {side: _past_told(side, each, arrays) for side, each in self.past.items()}
        told["sums"] = {side: each.n for side, each in self._sums.items()}
        for side, each in self._sums.items():
            arrays[f"sums {side} total"], arrays[f"sums {side} outer"] = each.total, each.outer
        told["latest"] = []
        for n, summary in enumerate(self.latest):
            told["latest"].append(
                {"id": summary.id, "sides": {s: e.to_json() for s, e in summary.sides.items()}}
            )
            for side, stretch in summary.sides.items():
                arrays[f"latest {n} {side} total"] = stretch.total.astype(np.float32)
                arrays[f"latest {n} {side} squares"] = stretch.squares
        for name, reservoir in (("old", self.old), ("new", self.new)):
            told[name] = _reservoir_told(name, reservoir, arrays)
        packed = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        packed["layout"] = np.array([LAYOUT])  # a file of no array at all cannot be written
        return bytes(save(packed, {"memory": json.dumps(told)}))

    @classmethod
    def load(cls, data: bytes) -> "Memory":
        """Return what `save` has packed.

        Raises
        ------
        ValueError
            If it is nothing that `save` made, or of a newer layout.
        """
        told = _metadata(data)
        if told.get("layout") != LAYOUT:
            raise ValueError(f"a memory of layout {told.get('layout')!r}, not {LAYOUT}")
        arrays = load(data)
        memory = cls(keep=told["keep"])
        memory._rng.bit_generator.state = told["rng"]
        memory.directions = arrays.get("directions")
        for side in MODALITIES:
            for kind, counts in told["before"][side].items():
                memory.before[side][kind] = Tally(Counter(counts))
            if side in told["past"]:
                memory.past[side] = Past(
                    mean=arrays[f"past {side} mean"],
                    deviation=arrays[f"past {side} deviation"],
                    **told["past"][side],
                )
            if side in told["sums"]:
                memory._sums[side] = Sums(
                    told["sums"][side],
                    arrays[f"sums {side} total"],
                    arrays[f"sums {side} outer"],
                )
        memory.latest = [_summary(n, each, arrays) for n, each in enumerate(told["latest"])]
        memory.old = _reservoir("old", told["old"], arrays, memory.keep)
        memory.new = _reservoir("new", told["new"], arrays, memory.keep)
        return memory


def _metadata(data: bytes) -> dict[str, Any]:
    """Read the metadata that safetensors writes at the head of its bytes."""
    size = int.from_bytes(data[:8], "little")
    try:
        head = json.loads(data[8 : 8 + size])
        told: dict[str, Any] = json.loads(head["__metadata__"]["memory"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("these bytes are no memory") from error
    return told


def _past_told(side: str, past: Past, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    arrays[f"past {side} mean"], arrays[f"past {side} deviation"] = past.mean, past.deviation
    return {"n": past.n, "trace": past.trace, "square": past.square, "along": past.along}


def _summary(n: int, told: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Summary:
    sides: dict[Modality, Stretch] = {}
    for side in MODALITIES:
        if side not in told["sides"]:
            continue
        each = told["sides"][side]
        sides[side] = Stretch(
            each["n"],
            arrays[f"latest {n} {side} total"].astype(np.float64),
            arrays[f"latest {n} {side} squares"],
            Tally(Counter(each["label"])),
            Tally(Counter(each["source"])),
        )
    return Summary(id=told["id"], sides=sides)


def _reservoir_told(
    name: str, reservoir: Reservoir, arrays: dict[str, NDArray[Any]]
) -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for side, held in reservoir.held.items():
        if held:
            arrays[f"{name} {side} rows"] = np.stack([item.row for _, item in held])
            arrays[f"{name} {side} keys"] = np.array([key for key, _ in held])
        for n, (_, item) in enumerate(held):
            if item.picture is not None:
                arrays[f"{name} {side} picture {n}"] = item.picture
        told[side] = [
            {"caption": item.caption, "label": item.label, "source": item.source}
            for _, item in held
        ]
    return told


def _reservoir(
    name: str, told: dict[str, Any], arrays: dict[str, NDArray[Any]], keep: int
) -> Reservoir:
    found = Reservoir(keep)
    for side in MODALITIES:
        found.held[side] = [
            (
                float(arrays[f"{name} {side} keys"][n]),
                Item(
                    modality=side,
                    row=arrays[f"{name} {side} rows"][n],
                    picture=arrays.get(f"{name} {side} picture {n}"),
                    **each,
                ),
            )
            for n, each in enumerate(told[side])
        ]
    return found
