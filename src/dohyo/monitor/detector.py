"""An alarm with a promise: Shiryaev–Roberts on bets against uniform ranks."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri  # scipy.stats takes half a second to import

F64 = NDArray[np.float64]
SIZES = np.array([0.3, 0.7, 1.7])
"""λ of the bets exp(λz − λ²/2) on z = Φ⁻¹(p), from careful to bold.

Each is 1 on average where p is uniform, since z is then standard normal. For a stream that is
normal and moves by λ of its own deviations it is the best bet there is, and three sizes are
never far from the best. Bets κ·p^(κ−1) on one tail, which suit p-values of tests, were tried:
they took two to three times as long for changes of one or two deviations.
"""
HOLDS = 0.9
"""Share of the evidence that the begins in an interval bring."""
REMEMBERED = 4096
"""Batches back to which a start can be dated."""
BLAMED = 8
SIGNS = np.array([1.0, -1.0])
"""Up and down."""
SMALLEST = 1e-12


@dataclass(eq=False)
class Detector:
    """Evidence that something has changed, over all streams together.

    For each stream, direction and λ, M ← (M + 1)·exp(±λz − λ²/2). Their mean is an
    e-detector: as long as
    nothing changes, the expected number of batches to the first time that it reaches B is at
    least B (Shin, Ramdas & Rinaldo 2024, *E-detectors*, theorem 2.4; Vovk 2021, *Testing
    randomness online*, for ranks). Nothing is assumed of how streams depend on one another.

    A stream that a batch does not have keeps its evidence: with k batches that had it, M − k is a
    martingale, and k is no more than the number of batches, so the promise holds; one that is
    never fed raises nothing.

    Attributes
    ----------
    every : B, batches between false alarms on average, at least
    """

    every: float
    streams: tuple[str, ...]
    _mass: F64 = field(init=False)
    _scores: F64 = field(init=False)

    def __post_init__(self) -> None:
        self._mass = np.zeros((len(self.streams), 2, len(SIZES)))
        self._scores = np.empty((0, len(self.streams)))

    def update(self, places: Mapping[str, float]) -> bool:
        """Take in the places of one batch; return whether there is an alarm.

        Parameters
        ----------
        places : of the streams that can be judged already, in (0, 1)
        """
        p = np.array([places.get(name, np.nan) for name in self.streams])
        z = ndtri(np.clip(p, SMALLEST, 1 - SMALLEST))
        self._scores = np.append(self._scores, z[None], axis=0)[-REMEMBERED:]
        here = ~np.isnan(z)
        won = _log_bets(z[here, None, None] * SIGNS[:, None], SIZES)
        self._mass[here] = (self._mass[here] + 1) * np.exp(won)
        return self.evidence >= self.every

    @property
    def evidence(self) -> float:
        """The mean over all bets; an alarm where it reaches `every`."""
        return float(self._mass.mean())

    def blamed(self) -> tuple[tuple[str, float], ...]:
        """Return the streams with most evidence and the share of each, most first; eight at most.

        Streams without any are left out.
        """
        by_stream = self._mass.sum((1, 2))
        shares = by_stream / max(float(by_stream.sum()), SMALLEST)
        first = np.argsort(-shares, kind="stable")[:BLAMED]
        return tuple((self.streams[each], float(shares[each])) for each in first if shares[each])

    def started(self) -> tuple[int, int, int]:
        """Return how many batches ago it most likely began, and between what (earliest, latest).

        1 is the latest batch. All evidence is the sum over begins of the products of bets since:
        the most likely begin is the one that brings most, and the interval is from the first to
        the last of those that together bring 90 % of it, most first. In simulations it holds the
        true begin in more than nine alarms of ten where one stream moves by one of its own
        deviations or more, in eight of ten where by less, and it gets wider the less it moves.
        """
        won = _log_bets(self._scores[:, :, None, None] * SIGNS[:, None], SIZES)
        since = np.cumsum(np.nan_to_num(won)[::-1], axis=0)
        weight = np.exp(since - since.max()).sum((1, 2, 3))
        order = np.argsort(-weight, kind="stable")
        enough = int(np.searchsorted(np.cumsum(weight[order]), HOLDS * weight.sum())) + 1
        near = order[:enough]
        return int(order[0]) + 1, int(near.max()) + 1, int(near.min()) + 1

    def reset(self) -> None:
        """Begin anew after an alarm."""
        self._mass[:] = 0
        self._scores = self._scores[:0]

    def arrays(self) -> dict[str, F64]:
        """Return what it holds, by name, to be written."""
        return {"mass": self._mass, "scores": self._scores}

    def restore(self, arrays: Mapping[str, F64]) -> None:
        """Take up what `arrays` gave.

        Raises
        ------
        ValueError
            If it is of other streams or bets.
        """
        mass, scores = arrays["mass"], arrays["scores"]
        if mass.shape != self._mass.shape or scores.shape[1:] != self._scores.shape[1:]:
            raise ValueError(f"evidence of shape {mass.shape}, not {self._mass.shape}")
        self._mass, self._scores = mass.copy(), scores.copy()


def _log_bets(z: F64, size: F64) -> F64:
    found: F64 = size * z - size**2 / 2
    return found


def batches_between(false_alarm_every: float, interval: float) -> float:
    """Return B from a time between false alarms and the time between batches, both in days."""
    return max(1.0, math.ceil(false_alarm_every / interval))
