"""Is either kind, or any label, shown less than its share of the collection?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.rows import I64
from dohyo.stats.at_once import at_once
from dohyo.stats.bootstrap import Resampled, bootstrap_mean
from dohyo.verification.bounded import bounded
from dohyo.verification.changed import Changed, changed_mean, changed_statistic
from dohyo.verification.retrieval import DISCOUNT
from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.first_ten import FirstTen, Found, first_tens
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]
ATTENTION = DISCOUNT / DISCOUNT.sum()
"""What part of a reader's attention each rank of a list gets."""
LEAST_ITEMS = 10


def fairness(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return who is shown, and how high up, against what can be found.

    Every item asks the rest of its fold. By the query's kind: the share of the other kind in the
    first ten; how far that is from its base rate; and the exposure of the other kind, each rank
    discounted by log2 (Biega et al. 2018), over its base rate: 1 is fair. By label, of all items
    with at least ten: the exposure of an item over that of the average one; 1 is fair.

    Returns
    -------
    Task with `cross_share_M`, `share_distance_M` and `exposure_M` for M image and text; where
    there are labels `label_exposure_worst`, of the label that gets least, and
    `label_exposure_away`, the mean over labels of |exposure − 1|. None without both kinds
    """
    tens = first_tens(scenes)
    if not tens:
        return None
    judged = [ten.judged(seed) for ten in tens]
    figures: dict[str, Changed] = {}
    by_rank: dict[str, Any] = {}
    for number, modality in enumerate(MODALITIES):
        here = [mask & (ten.kind == number) for ten, mask in zip(tens, judged, strict=True)]
        told, by_rank[modality] = _towards_the_other(tens, here, seed)
        figures |= {f"{name}_{modality}": each for name, each in told.items()}
    curves: dict[str, Any] = {"cross_by_rank": by_rank}
    labelled, by_label = _by_label(tens, judged, seed)
    if labelled:
        curves["exposure_by_label"] = by_label
    return Task(figures=figures | labelled, curves=curves)


def crossed(ten: FirstTen, found: Found) -> NDArray[np.bool_]:
    """Return whether what is found at each rank is of the other kind, (n, 10)."""
    other: NDArray[np.bool_] = ten.kind[found.mixed] != ten.kind[:, None]
    return other


def _towards_the_other(
    tens: Sequence[FirstTen], here: Sequence[NDArray[np.bool_]], seed: int
) -> tuple[dict[str, Changed], dict[str, Any]]:
    """Return the figures of the queries of one kind, and the share by rank."""
    group = np.concatenate([ten.group[rows] for ten, rows in zip(tens, here, strict=True)])
    base = np.concatenate([ten.base_rate[rows] for ten, rows in zip(tens, here, strict=True)])
    before, after = (
        np.concatenate(
            [
                crossed(ten, getattr(ten, when))[rows].astype(np.float64)
                for ten, rows in zip(tens, here, strict=True)
            ]
        )
        for when in ("before", "after")
    )
    figures = {
        "cross_share": changed_mean(before.mean(1), after.mean(1), group, seed=seed),
        "share_distance": _distance(before.mean(1) - base, after.mean(1) - base, group, seed),
        "exposure": changed_mean(
            before @ ATTENTION / base, after @ ATTENTION / base, group, seed=seed
        ),
    }
    by_rank = {
        "base_rate": float(base.mean()),
        "before": before.mean(0).tolist(),
        "after": after.mean(0).tolist(),
    }
    return figures, by_rank


def _distance(before: F64, after: F64, group: I64, seed: int) -> Changed:
    """Return how far the mean is from 0, whichever way."""
    one, other = (_unsigned(bootstrap_mean(each, group, seed=seed)) for each in (before, after))
    change = other.less(one)
    return Changed(before=one, after=other, change=change, p=change.two_sided_p())


def _unsigned(mean: Resampled) -> Resampled:
    return Resampled(
        value=abs(mean.value),
        replicates=np.abs(mean.replicates),
        groups=mean.groups,
        seed=mean.seed,
    )


def received(found: Found) -> F64:
    """Return the exposure of each item, (n,): its parts of all lists; their mean is 1."""
    n = len(found.mixed)
    exposed = np.bincount(found.mixed.ravel(), np.tile(ATTENTION, n), minlength=n)
    return exposed.astype(np.float64)


def _by_label(
    tens: Sequence[FirstTen], judged: Sequence[NDArray[np.bool_]], seed: int
) -> tuple[dict[str, Changed], dict[str, Any]]:
    """Return the figures over labels, and each label's exposure; nothing without labels."""
    rows = [mask & (ten.label >= 0) for ten, mask in zip(tens, judged, strict=True)]
    label = np.concatenate([ten.label[here] for ten, here in zip(tens, rows, strict=True)])
    names, counts = np.unique(label, return_counts=True)
    names = names[counts >= LEAST_ITEMS]
    if len(names) < 2:
        return {}, {}
    kept = np.isin(label, names)
    group = np.concatenate([ten.group[here] for ten, here in zip(tens, rows, strict=True)])[kept]
    owner, member = np.unique(group, return_inverse=True)
    place = member * len(names) + np.searchsorted(names, label[kept])

    def table(values: F64 | None) -> F64:
        """Sum by group and label."""
        summed: F64 = np.bincount(place, values, len(owner) * len(names)).astype(np.float64)
        return summed.reshape(len(owner), len(names))

    items = table(None)
    exposure: dict[str, F64] = {}
    named = {}
    for when in ("before", "after"):
        each = [received(getattr(ten, when))[here] for ten, here in zip(tens, rows, strict=True)]
        total = table(np.concatenate(each)[kept])
        exposure[when] = total.sum(0) / items.sum(0)
        named[when] = at_once(_Labels(total, items))
    figures = {
        name: bounded(
            changed_statistic(named["before"](name), named["after"](name), owner, seed=seed),
            0.0,
            np.inf,
        )
        for name in ("label_exposure_worst", "label_exposure_away")
    }
    by_label = {
        str(name): {when: float(exposure[when][number]) for when in exposure}
        for number, name in enumerate(names)
    }
    return figures, by_label


class _Labels:
    """The figures over labels under weightings of the groups."""

    def __init__(self, total: F64, items: F64) -> None:
        """Take exposure and number of items by group and label, both (groups, labels)."""
        self.total, self.items = total, items

    def __call__(self, weight: F64) -> Mapping[str, F64]:
        """Return each figure, (r,)."""
        drawn = weight @ self.items
        # A resample may miss a small label entirely; it then stands where all do.
        ratio = np.divide(weight @ self.total, drawn, out=np.ones_like(drawn), where=drawn > 0)
        return {
            "label_exposure_worst": ratio.min(axis=1),
            "label_exposure_away": np.abs(ratio - 1.0).mean(axis=1),
        }
