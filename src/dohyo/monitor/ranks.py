"""How unusual a value is among those before it, whatever their distribution."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dohyo.monitor.seasons import LEAST, centres, residuals

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
HELD = 4096


@dataclass(eq=False)
class Ranks:
    """Smoothed conformal p-values of one stream.

    Where the promise is exact, and where it is near:

    - Without seasons, up to 4,096 values: exact. As long as the values are exchangeable, the
      p-values are independent and uniform (Vovk, Gammerman & Shafer 2022, *Algorithmic Learning
      in a Random World*, proposition 2.4).
    - Beyond 4,096 values the oldest is forgotten. Each p-value is uniform still; they are no
      longer quite independent, by about 1 in 4,096.
    - With seasons, a value less what is usual in its season is ranked among all such residuals,
      the new one being part of its own season's centre like any other. With equally many values
      in each season, all residuals play the same part, so each p-value is uniform, whatever the
      distribution; with one more or one less, nearly so (`residuals` scales them alike). They
      are independent of one another only nearly: exactly where values are normal and the
      residuals they are ranked among are many. `benchmarks/monitor.py --long` and the tests
      measure what that costs: nothing that can be told from chance.

    Attributes
    ----------
    least : values that must be there before a new one is judged, over all seasons
    values : (n,) held, oldest first, 4,096 at most
    codes : (n,) the season of each
    """

    least: int
    values: F64 = field(default_factory=lambda: np.empty(0))
    codes: I64 = field(default_factory=lambda: np.empty(0, np.int64))

    def place(self, value: float, rng: np.random.Generator, season: int = 0) -> float | None:
        """Return the place of a value among those before it, in (0, 1); None while too few.

        Too few are fewer than `least` in all, or fewer than three of its own season where there
        is more than one. Ties are broken by lot.
        """
        n, alike = len(self.values), int((self.codes == season).sum())
        self.values = np.append(self.values, value)[-HELD:]
        self.codes = np.append(self.codes, season)[-HELD:]
        tie = float(rng.random())
        seasonal = alike < n
        if n < self.least or (seasonal and alike < LEAST):
            return None
        held = self.values
        if seasonal:
            all_of_them, comparable = residuals(held, self.codes)
            held = all_of_them[comparable]
        below = int((held < held[-1]).sum())
        same = int((held == held[-1]).sum())  # itself is one of them
        return (below + tie * same) / len(held)

    def effects(self) -> dict[int, float]:
        """Return how far each season's centre is from the mean of all centres."""
        if not len(self.codes) or (self.codes == self.codes[0]).all():
            return {}
        centre, count = centres(self.values, self.codes)
        known = np.flatnonzero(count >= LEAST)
        usual = centre[known].mean() if len(known) else 0.0
        return {int(each): float(centre[each] - usual) for each in known}
