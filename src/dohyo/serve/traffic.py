"""What passes through the service, window by window: a bounded sample and sums, never on disk."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Modality
from dohyo.rows import F32
from dohyo.search.answer import Found

Population = Literal["queries", "items"]
"""What is searched with, and what is corrected for the index: other things, watched apart."""
POPULATIONS: tuple[Population, ...] = get_args(Population)
TOP = 10
LEAST_LISTS = 30
"""Answered lists below which a window tells nothing of lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When a window is closed, and what it may hold.

    Attributes
    ----------
    every : it is open at least so long
    least : rows it must have seen; until then it stays open
    side : rows of a modality below which that modality is left out of it
    sample : rows of a modality that are kept, drawn evenly from all
    waiting : rows that may wait for the next second; more are counted and not looked at
    """

    every: timedelta = timedelta(hours=1)
    least: int = 200
    side: int = 10
    sample: int = 2_000
    waiting: int = 65_536


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Window:
    """What one population sent between two times.

    Attributes
    ----------
    population : which
    began, ended : with a time zone
    rows : of each modality the sample, (n, d) float32, raw; a modality with too few is absent
    seen : rows of each modality that passed, sampled or not
    figures : "cross_share", mean share of the other modality among the first ten of a list;
        "comparability", mean over lists of the mean score of the query's own kind less that of
        the other; both absent below `LEAST_LISTS` lists that tell it
    """

    population: Population
    began: datetime
    ended: datetime
    rows: dict[Modality, F32]
    seen: dict[Modality, int]
    figures: dict[str, float]

    @property
    def hours(self) -> float:
        """How long it was open."""
        return max((self.ended - self.began).total_seconds(), 1e-3) / 3600


@dataclass(eq=False)
class Sample:
    """Rows drawn evenly from all that pass: each gets a random key, and the largest keys stay."""

    most: int
    rng: np.random.Generator
    seen: int = 0
    _keys: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    _rows: list[NDArray[Any]] = field(default_factory=list)
    _floor: float = 0.0

    def add(self, blocks: Sequence[NDArray[Any]]) -> None:
        """Show it rows, blocks of (n, d): thousands of blocks of one row cost as little as one."""
        ends = np.cumsum([len(rows) for rows in blocks])
        self.seen += int(ends[-1])
        keys = self.rng.random(int(ends[-1]))
        chosen = np.flatnonzero(keys >= self._floor)
        if len(chosen) > self.most:
            chosen = chosen[np.argpartition(keys[chosen], -self.most)[-self.most :]]
            chosen.sort()
        if len(chosen):
            which = np.searchsorted(ends, chosen, side="right")
            self._keys = np.concatenate([self._keys, keys[chosen]])
            self._rows.extend(
                np.array(
                    blocks[block][place - ends[block]]
                )  # from the end; a copy: the body can go
                for place, block in zip(chosen, which, strict=True)
            )
        if len(self._rows) >= 2 * self.most:
            self._cut()

    def rows(self) -> F32:
        """Return the sample, (n, d) with n at most `most`."""
        self._cut()
        return np.stack(self._rows).astype(np.float32)

    def _cut(self) -> None:
        if len(self._rows) <= self.most:
            return
        kept = np.sort(np.argpartition(self._keys, -self.most)[-self.most :])
        self._keys = self._keys[kept]
        self._rows = [self._rows[place] for place in kept]
        self._floor = float(self._keys.min())


class Traffic:
    """Takes note of requests at the price of one append each, and sums them up elsewhere.

    `vectors` and `answered` are called where requests are answered; `digest` and `close` by one
    other thread, now and then.
    """

    def __init__(self, pace: Pace, now: datetime, *, seed: int = 0) -> None:
        self.pace = pace
        self.skipped = 0
        self._rng = np.random.default_rng(seed)
        self._dimension = 0
        self._put = self._taken = 0  # each is written by one thread alone
        self._rows: deque[tuple[Population, Modality, NDArray[Any]]] = deque()
        self._lists: deque[tuple[Modality, Sequence[Found]]] = deque()
        self._open = {population: _Open(now) for population in POPULATIONS}

    def vectors(self, population: Population, modality: Modality, rows: NDArray[Any]) -> None:
        """Take note of rows, (n, d), that were answered."""
        count = len(rows)
        if self._put - self._taken + count > self.pace.waiting:
            self.skipped += count
            return
        self._put += count
        self._rows.append((population, modality, rows))

    def answered(self, modality: Modality, vector: F32, hits: Sequence[Found]) -> None:
        """Take note of a search: what it was asked with, (d,), and what it showed."""
        if len(self._lists) < self.pace.waiting:
            self._lists.append((modality, hits[:TOP]))
        self.vectors("queries", modality, vector[None])

    def digest(self) -> None:
        """Sum up what waits."""
        blocks: dict[tuple[Population, Modality], list[NDArray[Any]]] = {}
        while self._rows:
            population, modality, rows = self._rows.popleft()
            self._taken += len(rows)
            self._dimension = self._dimension or rows.shape[1]
            if rows.shape[1] != self._dimension:  # for another map than the first one seen
                self.skipped += len(rows)
                continue
            blocks.setdefault((population, modality), []).append(rows)
        for (population, modality), held in blocks.items():
            self._open[population].side(modality, self.pace.sample, self._rng).add(held)
        while self._lists:
            self._open["queries"].add_list(*self._lists.popleft())

    def close(self, now: datetime, *, ending: bool = False) -> list[Window]:
        """Return the windows that are over, and open new ones.

        Parameters
        ----------
        ending : the service stops: a window with enough rows is over before its time
        """
        self.digest()
        done = []
        for population, held in self._open.items():
            seen = sum(side.seen for side in held.sides.values())
            old = now - held.began >= self.pace.every
            if seen >= self.pace.least and (old or ending):
                done.append(held.closed(population, now, self.pace.side))
                self._open[population] = _Open(now)
        return done


@dataclass(eq=False)
class _Open:
    """A window that is still open."""

    began: datetime
    sides: dict[Modality, Sample] = field(default_factory=dict)
    sums: dict[str, list[float]] = field(default_factory=dict)

    def side(self, modality: Modality, most: int, rng: np.random.Generator) -> Sample:
        if modality not in self.sides:
            self.sides[modality] = Sample(most, rng)
        return self.sides[modality]

    def add_list(self, modality: Modality, hits: Sequence[Found]) -> None:
        if not hits:
            return
        own = [hit.score for hit in hits if hit.modality == modality]
        other = [hit.score for hit in hits if hit.modality != modality]
        self._add("cross_share", len(other) / len(hits))
        if own and other:
            self._add("comparability", sum(own) / len(own) - sum(other) / len(other))

    def _add(self, name: str, value: float) -> None:
        held = self.sums.setdefault(name, [0.0, 0.0])
        held[0] += 1
        held[1] += value

    def closed(self, population: Population, now: datetime, least: int) -> Window:
        return Window(
            population=population,
            began=self.began,
            ended=now,
            rows={
                modality: side.rows() for modality, side in self.sides.items() if side.seen >= least
            },
            seen={modality: side.seen for modality, side in self.sides.items()},
            figures={name: total / n for name, (n, total) in self.sums.items() if n >= LEAST_LISTS},
        )
