"""Are a few items found by everybody, and some by nobody?"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.rows import I64
from dohyo.stats.at_once import at_once
from dohyo.verification.bounded import bounded
from dohyo.verification.changed import Changed, changed_mean, changed_statistic
from dohyo.verification.lists import DEPTH
from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.first_ten import FirstTen, Found, first_tens
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]
HUBS = 0.01
LEAST_ITEMS = 2 * DEPTH


def hubness(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return how unevenly items are found: of all items in mixed lists, and within each kind.

    Each item asks its fold; counted is how often each is in a first ten (Radovanović et al. 2010,
    JMLR 11), which is ten on average. By resampling groups with their counts as they are: lists
    made anew would hold the twins of a resample. A fold counts where it has more than 20 items.

    Returns
    -------
    Task with, for mixed lists, `_image` and `_text`: `hub_skewness`, the third standardised
    moment of the counts; `hub_share`, what part of all results the most found hundredth of the
    items are, the item at its edge counted in part; `never_found`, the share of items in no list.
    None where no fold has enough
    """
    tens = first_tens(scenes)
    figures: dict[str, Changed] = {}
    for suffix, number in (("", None), *((f"_{m}", k) for k, m in enumerate(MODALITIES))):
        counted = [one for ten in tens if (one := _counted(ten, number, seed)) is not None]
        if counted:
            group, before, after = (np.concatenate(part) for part in zip(*counted, strict=True))
            told = _changes(before, after, group, seed)
            figures |= {f"{name}{suffix}": each for name, each in told.items()}
    return Task(figures=figures) if figures else None


def occurrences(lists: I64, items: int) -> I64:
    """Return how often each of so many items is in the lists, (items,)."""
    return np.bincount(lists.ravel(), minlength=items).astype(np.int64)


def _counted(ten: FirstTen, number: int | None, seed: int) -> tuple[I64, I64, I64] | None:
    """Return group and count before and after of the judged items; of one kind, or of all."""
    here = np.ones(len(ten.kind), np.bool_) if number is None else ten.kind == number
    if here.sum() <= LEAST_ITEMS:
        return None

    def count(found: Found) -> I64:
        lists = found.mixed if number is None else found.own[number]
        return occurrences(lists, int(here.sum()))

    judged = ten.judged(seed)[here]
    return ten.group[here][judged], count(ten.before)[judged], count(ten.after)[judged]


def _changes(before: I64, after: I64, group: I64, seed: int) -> dict[str, Changed]:
    owner, member = np.unique(group, return_inverse=True)
    one, other = (at_once(_Counts(count, member)) for count in (before, after))
    skewed, taken = (
        changed_statistic(one(name), other(name), owner, seed=seed)
        for name in ("hub_skewness", "hub_share")
    )
    figures = {"hub_skewness": skewed, "hub_share": bounded(taken, 0.0, 1.0)}
    lonely, still = ((count == 0).astype(np.float64) for count in (before, after))
    return figures | {"never_found": changed_mean(lonely, still, group, seed=seed)}


class _Counts:
    """The figures of how often items are found, under weightings of the groups."""

    def __init__(self, count: I64, member: I64) -> None:
        """Take the count of each item and the place of its group, both (n,)."""
        self.value, place = np.unique(count, return_inverse=True)
        # All figures are of the distribution of the counts, so that of each group is enough.
        self.held = np.zeros((int(member.max()) + 1, len(self.value)))
        np.add.at(self.held, (member, place), 1.0)

    def __call__(self, weight: F64) -> Mapping[str, F64]:
        """Return each figure, (r,)."""
        held = weight @ self.held
        return {
            "hub_skewness": skewness(self.value, held),
            "hub_share": top_share(self.value, held),
        }


def skewness(value: I64, held: F64) -> F64:
    """Return Σ(v−mean)³/σ³ of each distribution, (r,); 0 where all are equal.

    Parameters
    ----------
    value : (v,) the counts that occur, rising
    held : (r, v) how many items have each
    """
    items = held.sum(axis=1)
    away = value - (held @ value / items)[:, None]
    second, third = ((held * away**power).sum(axis=1) / items for power in (2, 3))
    # Rounding leaves a trace of spread where there is none.
    uneven = second > 1e-9
    moment: F64 = np.where(uneven, third / np.where(uneven, second, 1.0) ** 1.5, 0.0)
    return moment


def top_share(value: I64, held: F64) -> F64:
    """Return what part of all results the most found hundredth of the items are, (r,)."""
    falling, number = value[::-1].astype(np.float64), held[:, ::-1]
    total = number @ falling
    left = HUBS * number.sum(axis=1, keepdims=True) - (np.cumsum(number, axis=1) - number)
    taken = np.clip(left, 0.0, number) @ falling
    share: F64 = np.where(total > 0, taken / np.where(total > 0, total, 1.0), HUBS)
    return share
