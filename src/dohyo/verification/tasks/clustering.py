"""Do clusters follow the meaning of the items, or their kind?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.rows import F32, I64
from dohyo.stats.at_once import at_once
from dohyo.stats.contingency import Agreement, agreement
from dohyo.verification.changed import Changed, changed_statistic
from dohyo.verification.labels import ROWS_PER_CLUSTER, kmeans
from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]
Figure = Callable[[Agreement], F64]

GROUPS = 500
"""Groups that are clustered in a fold at most, a seeded sample; as many of texts alone."""
STARTS = 3
COUNTS_WITHOUT_CLASSES = (2, 5, 10, 20)
MAIN_WITHOUT_CLASSES = 10
MOST_CLASSES_DRAWN = 10
UNKNOWN = -1

OF_CLASSES: Mapping[str, Figure] = {
    "homogeneity": lambda found: found.homogeneity,
    "completeness": lambda found: found.completeness,
    "v_measure": lambda found: found.v_measure,
    "nmi": lambda found: found.nmi,
    "ari": lambda found: found.ari,
}
OF_KINDS: Mapping[str, Figure] = {
    "modality_nmi": lambda found: found.nmi,
    "kind_entropy": lambda found: 1 - found.homogeneity,
}


@dataclass(frozen=True, eq=False, slots=True)
class _Side:
    """The rows of a fold that are clustered together.

    Attributes
    ----------
    before, after : (q, d) the vectors alone, the same object twice where nothing was applied
    group, label, kind : (q,) the label −1 where unknown, the kind 0 for image and 1 for text
    """

    before: F32
    after: F32
    group: I64
    label: I64
    kind: I64


def clustering(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return how k-means clusters of each fold agree with classes, and in the union with kinds.

    Of images, of texts (which have their image's class) and of the union: `homogeneity`,
    `completeness`, `v_measure`, `nmi` (the same as the V-measure) and `ari` at k = number of
    classes; `union_modality_nmi`, which is bad, and `union_kind_entropy`, the entropy of kinds
    within clusters over that of the union, 1 where every cluster holds both kinds as the union
    does. Without classes those two alone, at k = 10. Half and twice as many clusters, or 2, 5
    and 20, are among the curves.

    Returns
    -------
    Task with the figures averaged over folds; None where there are neither classes nor two kinds

    Notes
    -----
    Three seeded starts, the best is kept; at most 500 groups of a fold; fewer clusters where there
    would be fewer than five items to each. The intervals take the clusters as given and resample
    the items in them by group: they tell how sure the agreement is, not what other clusters would
    have come of other items.
    """
    by_side = {
        side: [_side(scene, side, seed) for scene in scenes] for side in (*MODALITIES, "union")
    }
    counts, main = _counts(_classes(by_side["image"]))
    found = {
        side: told
        for side, folds in by_side.items()
        if (told := _on_side(side, folds, counts, main, seed)) is not None
    }
    if not found:
        return None
    figures = {name: each for told in found.values() for name, each in told.figures.items()}
    drawn = found.get("union", found.get("image"))
    curves: dict[str, Any] = {
        "over_k": {side: told.curves["over_k"] for side, told in found.items()}
    }
    if drawn is not None:
        curves |= {name: drawn.curves[name] for name in ("k", "composition")}
    return Task(figures=figures, curves=curves)


def _on_side(
    side: str, folds: Sequence[_Side], counts: Sequence[int], main: int, seed: int
) -> Task | None:
    """Return the figures of images, of texts or of the union; None if nothing can be asked."""
    asked = _asked(folds, union=side == "union")
    most = min(len(fold.group) for fold in folds) // ROWS_PER_CLUSTER
    if not asked or most < 2:
        return None
    figures: dict[str, Changed] = {}
    curves: dict[str, Any] = {"over_k": []}
    for count in sorted({min(count, most) for count in counts}):
        members = _clustered(folds, count, seed)
        told = _changed(folds, members, asked, seed)
        curves["over_k"].append(
            {"k": count}
            | {name: told[name].to_json() for name in ("v_measure", "modality_nmi") if name in told}
        )
        if count == min(main, most):
            figures = {f"{side}_{name}": each for name, each in told.items()}
            composed = _composition(folds[0], members[0])
            curves |= {"k": count, "composition": composed}
    return Task(figures=figures, curves=curves)


def _side(scene: Scene, side: str, seed: int) -> _Side:
    """Return the rows of images, of texts or of both, of a seeded sample of groups."""
    rng = np.random.default_rng(seed)
    own = np.unique(scene.group["image"])
    alone = np.setdiff1d(scene.group["text"], own)
    every = np.concatenate([rng.permutation(groups)[:GROUPS] for groups in (own, alone)])
    parts = []
    for number, modality in enumerate(MODALITIES):
        if side not in (modality, "union"):
            continue
        rows = np.flatnonzero(np.isin(scene.group[modality], every))
        known = scene.label[modality]
        parts.append(
            (
                scene.before.vectors[modality][rows],
                scene.after.vectors[modality][rows],
                scene.group[modality][rows],
                np.full(len(rows), UNKNOWN) if known is None else known[rows],
                np.full(len(rows), number, np.int64),
            )
        )
    before, after, group, label, kind = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return _Side(before, before if scene.after is scene.before else after, group, label, kind)


def _classes(folds: Sequence[_Side]) -> int:
    label = np.concatenate([fold.label for fold in folds])
    return len(np.unique(label[label != UNKNOWN]))


def _counts(classes: int) -> tuple[tuple[int, ...], int]:
    """Return the numbers of clusters to try, and the one whose figures are shown."""
    if classes < 2:
        return COUNTS_WITHOUT_CLASSES, MAIN_WITHOUT_CLASSES
    return (max(2, (classes + 1) // 2), classes, 2 * classes), classes


def _asked(folds: Sequence[_Side], *, union: bool) -> tuple[str, ...]:
    """Return the figures that these rows can answer for."""
    if any(len(fold.group) == 0 for fold in folds):
        return ()
    labelled = _classes(folds) > 1 and all((fold.label != UNKNOWN).all() for fold in folds)
    mixed = union and all(len(np.unique(fold.kind)) == 2 for fold in folds)
    if union and not mixed:
        return ()
    return (*(OF_CLASSES if labelled else ()), *(OF_KINDS if mixed else ()))


def _clustered(folds: Sequence[_Side], count: int, seed: int) -> list[tuple[I64, I64]]:
    """Return the cluster of each row of each fold, before and after."""
    found = []
    for fold in folds:
        before = kmeans(fold.before, count, seed=seed, starts=STARTS)
        same = fold.after is fold.before
        after = before if same else kmeans(fold.after, count, seed=seed, starts=STARTS)
        found.append((before, after))
    return found


def _changed(
    folds: Sequence[_Side], members: Sequence[tuple[I64, I64]], asked: Sequence[str], seed: int
) -> dict[str, Changed]:
    """Return figures averaged over folds, with the intervals of resampled items."""
    ends = np.cumsum([len(fold.group) for fold in folds])[:-1]

    def averaged(when: int, weight: F64) -> dict[str, F64]:
        each = [
            _figures(fold, member[when], part, asked)
            for fold, member, part in zip(
                folds, members, np.split(weight, ends, axis=1), strict=True
            )
        ]
        return {name: np.mean([told[name] for told in each], axis=0) for name in asked}

    group = np.concatenate([fold.group for fold in folds])
    before, after = (at_once(partial(averaged, when)) for when in (0, 1))
    told = {name: changed_statistic(before(name), after(name), group, seed=seed) for name in asked}
    # The NMI is the V-measure: to test it as well would be to test one thing twice.
    return told | {name: replace(told[name], p=None) for name in ("nmi",) if name in told}


def _figures(fold: _Side, member: I64, weight: F64, asked: Sequence[str]) -> dict[str, F64]:
    """Return the figures of a fold under each weighting of its rows, each (r,)."""
    found: dict[str, F64] = {}
    for every, kind in ((OF_CLASSES, fold.label), (OF_KINDS, fold.kind)):
        names = [name for name in every if name in asked]
        if names:
            agreed = agreement(weight, member, kind)
            found |= {name: every[name](agreed) for name in names}
    return found


def _composition(fold: _Side, members: tuple[I64, I64]) -> dict[str, Any]:
    """Return what each cluster of a fold holds before and after, the largest first."""
    return {
        when: _clusters(member, fold)
        for when, member in zip(("before", "after"), members, strict=True)
    }


def _clusters(member: I64, fold: _Side) -> list[dict[str, Any]]:
    held = []
    for cluster in np.unique(member):
        here = member == cluster
        told: dict[str, Any] = {"size": int(here.sum())}
        told |= {
            modality: float((fold.kind[here] == number).mean())
            for number, modality in enumerate(MODALITIES)
        }
        label = fold.label[here]
        classes, counts = np.unique(label[label != UNKNOWN], return_counts=True)
        if 0 < len(np.unique(fold.label[fold.label != UNKNOWN])) <= MOST_CLASSES_DRAWN:
            told["classes"] = {
                str(kind): float(counted / counts.sum())
                for kind, counted in zip(classes.tolist(), counts.tolist(), strict=True)
            }
        held.append(told)
    return sorted(held, key=lambda each: -int(each["size"]))
