"""How unusual a value is among those before it: exact, whatever their distribution."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class Ranks:
    """Smoothed conformal p-values of one stream, within one season.

    As long as the values are exchangeable, the p-values are independent and uniform: Vovk,
    Gammerman & Shafer 2022, *Algorithmic Learning in a Random World*, proposition 2.4.

    Attributes
    ----------
    least : values that must be there before a new one is judged
    """

    least: int
    _held: list[float] = field(default_factory=list)

    def place(self, value: float, rng: np.random.Generator) -> float | None:
        """Return the place of a value among those before it, in (0, 1); None while too few."""
        n = len(self._held)
        below = bisect_left(self._held, value)
        same = bisect_right(self._held, value) - below
        insort(self._held, value)
        tie = float(rng.random())
        if n < self.least:
            return None
        return (below + tie * (same + 1)) / (n + 1)

    def __len__(self) -> int:
        return len(self._held)
