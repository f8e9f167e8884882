"""What a modality looked like in the reference time, and what a batch looks like beside it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.rows import F32

F64 = NDArray[np.float64]
WIDEST = 4
"""Directions that are told apart beside that of the gap."""
MOST_NAMES = 200
"""Labels, or sources, that are counted; what comes later is counted as others."""
LONGEST_NAME = 80
OTHERS = "…"


@dataclass(eq=False, slots=True)
class Sums:
    """Sums over unit rows while the reference is learnt; O(d²).

    Attributes
    ----------
    n : rows
    total : (d,) their sum
    outer : (d, d) the sum of their outer products
    """

    n: int
    total: F64
    outer: F64

    @classmethod
    def empty(cls, d: int) -> "Sums":
        """Return the sums over no rows."""
        return cls(0, np.zeros(d), np.zeros((d, d)))

    def add(self, unit: F32) -> None:
        """Take in (n, d) unit rows."""
        self.n += len(unit)
        self.total += unit.sum(0, dtype=np.float64)
        for start in range(0, len(unit), 4_096):
            block = unit[start : start + 4_096].astype(np.float64)
            self.outer += block.T @ block

    @property
    def mean(self) -> F64:
        """(d,)."""
        found: F64 = self.total / max(self.n, 1)
        return found

    @property
    def covariance(self) -> F64:
        """(d, d)."""
        found: F64 = self.outer / max(self.n, 1) - np.outer(self.mean, self.mean)
        return found


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Past:
    """One modality in the reference time; O(d).

    Attributes
    ----------
    n : rows
    mean : (d,) of the unit rows
    deviation : (k,) standard deviations along the directions, that of the gap first
    trace, square : tr Σ and tr Σ², for how far a mean strays by chance
    along : μᵀΣμ, for how far the spread strays by chance
    """

    n: int
    mean: F64
    deviation: F64
    trace: float
    square: float
    along: float

    @classmethod
    def of(cls, sums: Sums, directions: F64) -> "Past":
        """Return what is kept of the sums."""
        covariance, mean = sums.covariance, sums.mean
        widths = np.einsum("kd,de,ke->k", directions, covariance, directions)
        return cls(
            n=sums.n,
            mean=mean,
            deviation=np.sqrt(np.maximum(widths, 1e-18)),
            trace=float(np.trace(covariance)),
            square=float((covariance * covariance).sum()),
            along=float(mean @ covariance @ mean),
        )


def directions_of(sums: dict[Modality, Sums]) -> F64:
    """Return the gap's direction and the widest ones, (k, d), unit rows.

    The widest are those of both modalities together, each about its own mean, as in
    `dohyo.monitor.reference`. With one modality alone there is no gap, and its row is 0.
    """
    there = [each for each in sums.values() if each.n]
    pooled = np.stack([each.covariance * each.n for each in there]).sum(0)
    _, axes = np.linalg.eigh(pooled)
    gap = np.zeros(len(axes))
    if len(there) == len(MODALITIES):
        gap = sums["image"].mean - sums["text"].mean
        gap = gap / max(float(np.linalg.norm(gap)), 1e-12)
    widest = axes[:, ::-1][:, :WIDEST].T
    return np.concatenate([gap[None], widest])


@dataclass(eq=False, slots=True)
class Tally:
    """How often each name came, of so many names at most.

    Attributes
    ----------
    counts : by name; `OTHERS` for all that came when there were names enough
    """

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, names: tuple[str, ...] | None) -> None:
        """Count names; they are strangers' words, so they are cut and cleaned."""
        for name, n in Counter(names or ()).items():
            shown = cleaned(name)
            known = shown in self.counts or len(self.counts) < MOST_NAMES
            self.counts[shown if known else OTHERS] += n

    def merge(self, other: "Tally") -> None:
        """Count what another one has counted."""
        for name, n in other.counts.items():
            known = name in self.counts or len(self.counts) < MOST_NAMES
            self.counts[name if known else OTHERS] += n


def cleaned(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a stranger's words in one line of bounded length, nothing unprintable in it."""
    plain = "".join(each if each.isprintable() else " " for each in name[: 4 * longest])
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


@dataclass(eq=False, slots=True)
class Stretch:
    """One modality over one batch, or over several; O(d).

    Attributes
    ----------
    n : rows
    total : (d,) sum of the unit rows
    squares : (k,) sums of squares along the directions, about the reference mean
    label, source : how often each came
    """

    n: int
    total: F64
    squares: F64
    label: Tally = field(default_factory=Tally)
    source: Tally = field(default_factory=Tally)

    @classmethod
    def of(cls, unit: F32, past: Past, directions: F64) -> "Stretch":
        """Return that of (n, d) unit rows."""
        along = (unit.astype(np.float64) - past.mean) @ directions.T
        return cls(len(unit), unit.sum(0, dtype=np.float64), (along * along).sum(0))

    @property
    def mean(self) -> F64:
        """(d,)."""
        found: F64 = self.total / self.n
        return found

    def merge(self, other: "Stretch") -> None:
        """Take in another one."""
        self.n += other.n
        self.total = self.total + other.total
        self.squares = self.squares + other.squares
        self.label.merge(other.label)
        self.source.merge(other.source)

    def copy(self) -> "Stretch":
        """Return one that may be merged into."""
        fresh = Stretch(self.n, self.total.copy(), self.squares.copy())
        fresh.label.merge(self.label)
        fresh.source.merge(self.source)
        return fresh

    def to_json(self) -> dict[str, Any]:
        """Return what is no array."""
        return {
            "n": self.n,
            "label": dict(self.label.counts),
            "source": dict(self.source.counts),
        }
