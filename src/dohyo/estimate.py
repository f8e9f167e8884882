"""The one type in which every measured figure travels."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measured figure and how far to trust it.

    Attributes
    ----------
    value : the figure on the data at hand
    low, high : 95 % interval; `value` may lie outside it where the plain figure is biased by
        the sample size and the interval corrects for that
    n : units resampled: groups, not rows, where the corpus has groups
    seed : the seed of whatever was random
    p : p-value of the test that belongs to the figure, None where there is none
    p_holm : the same, corrected for all the comparisons made beside it; None where it stands alone

    Raises
    ------
    ValueError
        If a number is not finite, or low > high.
    """

    value: float
    low: float
    high: float
    n: int
    seed: int
    p: float | None = None
    p_holm: float | None = None

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.value, self.low, self.high))) or self.low > self.high:
            raise ValueError(f"not an interval: {self.low} … {self.high} around {self.value}")

    def to_json(self) -> dict[str, Any]:
        """Return value, low, high, n, seed, and p and p_holm where there are any."""
        document: dict[str, Any] = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "seed": self.seed,
        }
        tested = {"p": self.p, "p_holm": self.p_holm}
        return document | {name: p for name, p in tested.items() if p is not None}

    @property
    def p_shown(self) -> float | None:
        """The p-value to show: the corrected one where there is one."""
        return self.p if self.p_holm is None else self.p_holm

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Estimate":
        """Read what `to_json` wrote."""
        return cls(**document)
