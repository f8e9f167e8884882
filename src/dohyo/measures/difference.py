"""Do two profiles differ in a measure, or could chance make them look so?"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from scipy.special import ndtr, ndtri  # scipy.stats takes half a second to import

from dohyo.estimate import Estimate
from dohyo.measures.profile import Profile
from dohyo.stats.holm import holm

NOISE = 1e-9  # of summing floats in another order
TWO_SIDED = float(ndtri(0.975))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far a measure of one profile lies from that of another.

    Attributes
    ----------
    measure : name of the measure
    first, second : places of the profiles among those compared
    change : the second's figure less the first's
    z : the change over its standard error; None where neither interval has a width to test by
    p : two-sided p-value of z, None likewise
    adjusted : p after Holm's correction over every test of the comparison, None likewise
    """

    measure: str
    first: int
    second: int
    change: float
    z: float | None
    p: float | None
    adjusted: float | None

    def to_json(self) -> dict[str, Any]:
        """Return every attribute under its name."""
        return asdict(self)


def differences(profiles: Sequence[Profile]) -> tuple[Difference, ...]:
    """Compare every measure that two profiles share, for every two of them.

    Notes
    -----
    Approximate: the standard error of a figure is taken from the half-width of its 95 % interval
    as if it were normal, and the two profiles as independent. For one corpus before and after a
    correction their errors go the same way, so the true error of the change is smaller and the
    test conservative. Where a figure lies outside its own interval (biased by the sample size)
    the middle of the interval stands for it, on both sides.
    """
    names = dict.fromkeys(name for profile in profiles for name in profile.estimates)
    found: list[tuple[str, int, int, float, float | None]] = []
    for name in names:
        for first, second in combinations(range(len(profiles)), 2):
            one = profiles[first].estimates.get(name)
            other = profiles[second].estimates.get(name)
            if one is not None and other is not None:
                found.append((name, first, second, *_change(one, other)))
    chances = [None if z is None else float(2 * ndtr(-abs(z))) for *_, z in found]
    corrected = iter(holm([p for p in chances if p is not None]))
    return tuple(
        Difference(
            measure=name,
            first=first,
            second=second,
            change=change,
            z=z,
            p=p,
            adjusted=None if p is None else next(corrected),
        )
        for (name, first, second, change, z), p in zip(found, chances, strict=True)
    )


def number_of_tests(found: Sequence[Difference]) -> int:
    """Return how many tests the correction counts."""
    return sum(each.p is not None for each in found)


def _change(one: Estimate, other: Estimate) -> tuple[float, float | None]:
    """Return the change and its z, None where it cannot be tested."""
    biased = not (_inside(one) and _inside(other))
    figures = [(e.low + e.high) / 2 if biased else e.value for e in (one, other)]
    change = figures[1] - figures[0]
    error = math.hypot(*((e.high - e.low) / 2 / TWO_SIDED for e in (one, other)))
    return change, change / error if error > NOISE else None


def _inside(estimate: Estimate) -> bool:
    return estimate.low - NOISE <= estimate.value <= estimate.high + NOISE
