"""Can one threshold serve pairs of every kind?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import F32
from dohyo.stats.at_once import at_once
from dohyo.verification.bounded import bounded
from dohyo.verification.changed import changed_statistic
from dohyo.verification.scenes import Scene
from dohyo.verification.score_grid import (
    NEGATIVES,
    PAIR_KINDS,
    Sample,
    ScoreGrid,
    cut,
    sample,
    score_grid,
)
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]
BINS = 32


def comparability(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return what one threshold for all kinds of pairs lets pass, and what it misses.

    In each fold, before and after, a threshold is set that one in a hundred pairs of different
    groups passes: pictures, texts and pairs across weigh the same. It is set anew in each
    resample. Figures are means over folds.

    Returns
    -------
    Task with `false_rate_image`, `false_rate_text` and `false_rate_cross`, the share of each
    kind's pairs that pass, .01 each where scores are comparable; `false_rate_spread`, the largest
    less the smallest; and where pairs are known `missed_matches`, the share of true pairs of a
    picture and a text that do not pass, and `score_roc_area`, the chance that such a pair scores
    above a negative of any kind. Curves: the distribution of scores by kind. None without two
    groups of each kind
    """
    known = [(scene, held) for scene in scenes if (held := sample(scene, seed)) is not None]
    if not known:
        return None
    folds = [held for _, held in known]
    figures, curves = {}, {}
    for when in ("before", "after"):
        looks = [getattr(scene, when) for scene, _ in known]
        scores = [held.scores(look) for look, held in zip(looks, folds, strict=True)]
        grids = [score_grid(held, each) for held, each in zip(folds, scores, strict=True)]
        figures[when] = at_once(_Thresholds(grids))
        curves[when] = _distributions(scores, grids)
    names = [f"false_rate_{kind.removeprefix('within_')}" for kind in NEGATIVES]
    names.append("false_rate_spread")
    if _matched(folds):
        names += ["missed_matches", "score_roc_area"]
    owner = np.arange(sum(len(held.owner) for held in folds))  # no group is in two folds
    return Task(
        figures={
            name: bounded(
                changed_statistic(
                    figures["before"](name), figures["after"](name), owner, seed=seed
                ),
                0.0,
                1.0,
            )
            for name in names
        },
        curves=curves,
    )


def _matched(folds: Sequence[Sample]) -> bool:
    return all((held.pair_kind == len(NEGATIVES)).any() for held in folds)


class _Thresholds:
    """The figures of every fold's threshold under weightings of the groups."""

    def __init__(self, grids: Sequence[ScoreGrid]) -> None:
        """Take the grid of each fold."""
        self.grids = grids

    def __call__(self, weight: F64) -> Mapping[str, F64]:
        """Return each figure, (r,); the groups of `weight` are those of fold after fold."""
        ends = np.cumsum([grid.held.shape[1] for grid in self.grids])
        parts = np.split(weight, ends[:-1], axis=1)
        told = [cut(grid, part) for grid, part in zip(self.grids, parts, strict=True)]
        passing = np.mean([passes for _, passes, _ in told], axis=0)
        false = passing[: len(NEGATIVES)]
        return {
            "false_rate_image": false[0],
            "false_rate_text": false[1],
            "false_rate_cross": false[2],
            "false_rate_spread": false.max(axis=0) - false.min(axis=0),
            "missed_matches": 1.0 - passing[-1],
            "score_roc_area": np.mean([area for *_, area in told], axis=0),
        }


def _distributions(scores: Sequence[tuple[F32, ...]], grids: Sequence[ScoreGrid]) -> dict[str, Any]:
    """Return how the scores of each kind are spread, all folds together, and the threshold."""
    thresholds = [cut(grid, np.ones((1, grid.held.shape[1])))[0][0] for grid in grids]
    by_kind = [np.concatenate(kind) for kind in zip(*scores, strict=True)]
    edges = np.linspace(
        min(kind.min() for kind in by_kind if len(kind)),
        max(kind.max() for kind in by_kind if len(kind)),
        BINS + 1,
    )
    told: dict[str, Any] = {
        "edges": edges.round(5).tolist(),
        "threshold": float(np.mean(thresholds)),
    }
    for name, kind in zip(PAIR_KINDS, by_kind, strict=True):
        if len(kind):
            counts = np.histogram(kind, edges)[0]
            told[name] = (counts / len(kind)).round(6).tolist()
    return told
