"""An alarm with a promise: Shiryaev–Roberts on bets against uniform ranks."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
POWERS = np.array([0.15, 0.3, 0.5, 0.75])
"""κ of the bets κ·p^(κ−1), from bold to careful; each is 1 on average where p is uniform."""
PLAUSIBLE = 2.0
"""A start is plausible where its log-evidence is within this of the best one's."""


@dataclass(eq=False)
class Detector:
    """Evidence that something has changed, over all streams together.

    For each stream, tail and κ, M ← (M + 1)·κ·p^(κ−1). Their mean is an e-detector: as long as
    nothing changes, the expected number of batches to the first time that it reaches B is at
    least B (Shin, Ramdas & Rinaldo 2024, *E-detectors*, theorem 2.4; Vovk 2021, *Testing
    randomness online*, for ranks). Nothing is assumed of how streams depend on one another.

    Attributes
    ----------
    every : B, batches between false alarms on average, at least
    """

    every: float
    streams: tuple[str, ...]
    _mass: F64 = field(init=False)
    _log: list[F64] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._mass = np.zeros((len(self.streams), 2, len(POWERS)))

    def update(self, places: dict[str, float]) -> bool:
        """Take in the places of one batch; return whether there is an alarm.

        Parameters
        ----------
        places : of the streams that can be judged already, in (0, 1)
        """
        bets = np.ones_like(self._mass)
        for row, name in enumerate(self.streams):
            if name in places:
                p = min(max(places[name], 1e-12), 1 - 1e-12)
                for tail, each in enumerate((p, 1 - p)):
                    bets[row, tail] = POWERS * each ** (POWERS - 1)
        self._mass = (self._mass + 1) * bets
        self._log.append(np.log(bets))
        return self.evidence >= self.every

    @property
    def evidence(self) -> float:
        """The mean over all bets; an alarm where it reaches `every`."""
        return float(self._mass.mean())

    def blamed(self) -> tuple[str, float]:
        """Return the stream with most evidence, and its share of all."""
        by_stream = self._mass.sum((1, 2))
        first = int(np.argmax(by_stream))
        return self.streams[first], float(by_stream[first] / by_stream.sum())

    def started(self) -> tuple[int, int, int]:
        """Return how many batches ago it most likely began, and between what (earliest, latest).

        1 is the latest batch. By the bet that gained most: the start with the largest product
        of bets since, and those whose product is at least e⁻² of it.
        """
        row, tail, power = np.unravel_index(int(np.argmax(self._mass)), self._mass.shape)
        logs = np.array([each[row, tail, power] for each in self._log])
        since = np.cumsum(logs[::-1])
        best = int(np.argmax(since))
        near = np.flatnonzero(since >= since[best] - PLAUSIBLE)
        return best + 1, int(near[-1]) + 1, int(near[0]) + 1

    def reset(self) -> None:
        """Begin anew after an alarm."""
        self._mass[:] = 0
        self._log.clear()


def batches_between(false_alarm_every: float, interval: float) -> float:
    """Return B from a time between false alarms and the time between batches, both in days."""
    return max(1.0, math.ceil(false_alarm_every / interval))
