"""Which labels and sources there are more of, or fewer, than before."""

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist

from dohyo.monitor.explain.explanation import Kind, Share, Standing
from dohyo.monitor.explain.past import OTHERS
from dohyo.stats.holm import holm

NORMAL = NormalDist()
Z = NORMAL.inv_cdf(0.975)
LEVEL = 0.01
MOST = 8


def shares(
    before: Mapping[Kind, Mapping[str, int]], after: Mapping[Kind, Mapping[str, int]]
) -> tuple[tuple[Share, ...], int]:
    """Return the shares that have changed beyond chance, and how many were compared.

    Every name of both kinds is compared, by a test of two proportions with pooled variance; the
    p-values are corrected for all of them together (Holm 1979), so that once in a hundred an
    unchanged one is named at all. It takes items as drawn one by one: a campaign that brings a
    thousand items at once is one event, whatever the p-value.

    Parameters
    ----------
    before, after : counts by name, by kind; a kind that one of them lacks is left out

    Returns
    -------
    The eight largest, those new or gone first among equals; and the number compared.
    """
    found: list[Share] = []
    for kind in ("label", "source"):
        old, new = before.get(kind, {}), after.get(kind, {})
        n, m = sum(old.values()), sum(new.values())
        if n and m:
            names = sorted((old.keys() | new.keys()) - {OTHERS})
            found += [
                _share(kind, name, old.get(name, 0), n, new.get(name, 0), m) for name in names
            ]
    adjusted = holm([each.p for each in found])
    changed = [replace(each, p=p) for each, p in zip(found, adjusted, strict=True) if p < LEVEL]
    changed.sort(key=lambda each: -abs(each.after - each.before))
    return tuple(changed[:MOST]), len(found)


def _share(kind: Kind, name: str, a: int, n: int, b: int, m: int) -> Share:
    before, after = a / n, b / m
    low, high = newcombe(a, n, b, m)
    standing: Standing = "more" if after > before else "fewer"
    if not a or not b:
        standing = "gone" if a else "new"
    pooled = (a + b) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = (after - before) / error if error else 0.0
    return Share(
        kind=kind,
        name=name,
        standing=standing,
        before=before,
        after=after,
        low=low,
        high=high,
        p=math.erfc(abs(z) / math.sqrt(2)),
    )


def newcombe(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Return the 95 % interval of b/m − a/n (Newcombe 1998, Stat. Med. 17, method 10)."""
    (l1, u1), (l2, u2) = _wilson(a, n), _wilson(b, m)
    p1, p2 = a / n, b / m
    return (
        p2 - p1 - math.hypot(p2 - l2, u1 - p1),
        p2 - p1 + math.hypot(u2 - p2, p1 - l1),
    )


def _wilson(a: int, n: int) -> tuple[float, float]:
    p, z2 = a / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
