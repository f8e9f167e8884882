"""The scores of a held-out fold's pairs by kind, counted on a grid that groups can reweigh."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.rows import F32, I64
from dohyo.verification.scenes import Look, Scene
from dohyo.verification.tasks.first_ten import sampled

F64 = NDArray[np.float64]

NEGATIVES = ("within_image", "within_text", "cross")
PAIR_KINDS = (*NEGATIVES, "match")
"""Pairs of different groups by kind, and the two kinds of one group: a match."""
ROWS = 1_000
PASSING = 0.01
LEVELS = np.concatenate([np.linspace(0.01, 0.94, 94), np.linspace(0.95, 1.0, 101)])
"""Where the grid is cut: at these quantiles of the negatives, closely where a threshold may be."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sample:
    """Some whole groups of a fold.

    Attributes
    ----------
    rows : of images and of texts
    owner : (g,) the groups
    member : (n,) place in `owner` of each row, images before texts
    pair_kind : (n, n) place in `PAIR_KINDS` of who asks and who is found; −1 for neither
    """

    rows: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    owner: I64
    member: I64
    pair_kind: NDArray[np.int8]

    def scores(self, look: Look) -> tuple[F32, ...]:
        """Return the scores of the pairs of each kind, in the order of the rows."""
        queries, items = (
            np.concatenate([side[m][here] for m, here in zip(MODALITIES, self.rows, strict=True)])
            for side in (look.queries, look.items)
        )
        every = queries @ items.T
        return tuple(every[self.pair_kind == number] for number in range(len(PAIR_KINDS)))


def sample(scene: Scene, seed: int) -> Sample | None:
    """Return whole groups of a fold, about a thousand rows of it at most; None if a kind lacks.

    Both directions of a pair count: with columns that correct scores they may differ.
    """
    sizes = [len(scene.group[modality]) for modality in MODALITIES]
    whole = np.concatenate([scene.group[modality] for modality in MODALITIES])
    groups = len(np.unique(whole))
    most = max(2, min(ROWS // 2, groups * ROWS // max(1, len(whole))))
    chosen = sampled(whole, most, seed)
    rows = chosen[: sizes[0]], chosen[sizes[0] :]
    owner, member = np.unique(whole[chosen], return_inverse=True)
    kind = np.repeat(np.arange(2), [here.sum() for here in rows])
    same = member[:, None] == member
    alike = kind[:, None] == kind
    pair_kind = np.where(same, np.where(alike, -1, 3), np.where(alike, kind[:, None], 2)).astype(
        np.int8
    )
    if not all((pair_kind == number).any() for number in range(len(NEGATIVES))):
        return None
    return Sample(rows=rows, owner=owner, member=member, pair_kind=pair_kind)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ScoreGrid:
    """How many pairs of each kind lie in each step of the grid, by group.

    Attributes
    ----------
    edges : (e,) scores, rising; a pair lies in step b when b edges are at most its score
    held : (4, g, e + 1) pairs of each kind, one half of each with either item's group
    """

    edges: F64
    held: F64

    @property
    def matches(self) -> int:
        """How many pairs are matches."""
        return int(self.held[-1].sum())

    def tails(self, weight: F64) -> F64:
        """Return the share of each kind's pairs at or above each edge, (4, r, e + 1).

        The last edge is above every score. `weight` is (r, g). A pair of two groups counts by the
        product of their weights; to first order that is their sum less one, which is what is taken:
        the projection of a U-statistic (Hoeffding 1948), with the spread of both of its sides.
        """
        shares = np.empty((len(self.held), len(weight), self.held.shape[2]))
        for number, held in enumerate(self.held):
            counts = (weight if number == len(NEGATIVES) else 2 * weight - 1) @ held
            total = counts.sum(axis=1, keepdims=True)
            shares[number] = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
        falling = np.cumsum(shares[:, :, ::-1], axis=2)[:, :, ::-1]
        closed: F64 = np.concatenate([falling[:, :, 1:], np.zeros((*falling.shape[:2], 1))], axis=2)
        return closed


def score_grid(held: Sample, scores: tuple[F32, ...]) -> ScoreGrid:
    """Count the pairs of a fold on a grid cut at quantiles of its own negatives.

    Parameters
    ----------
    scores : of the pairs of each of `PAIR_KINDS`, as `Sample.scores` returns them
    """
    edges = _edges(scores[: len(NEGATIVES)])
    groups, steps = len(held.owner), len(edges) + 1
    counts = np.zeros((len(PAIR_KINDS), groups, steps))
    for number, score in enumerate(scores):
        asking, found = np.nonzero(held.pair_kind == number)
        step = np.searchsorted(edges, score, side="right")
        for side in (asking, found):
            flat = held.member[side] * steps + step
            counts[number] += np.bincount(flat, minlength=groups * steps).reshape(groups, steps) / 2
    return ScoreGrid(edges=edges, held=counts)


def _edges(negatives: tuple[F32, ...]) -> F64:
    """Return the quantiles of the negatives, every kind weighing the same."""
    every = np.concatenate(negatives)
    weight = np.concatenate([np.full(len(kind), 1 / len(kind)) for kind in negatives])
    order = np.argsort(every, kind="stable")
    below = np.cumsum(weight[order]) - weight[order]
    place = np.searchsorted(below, LEVELS * len(negatives) - 1e-9)
    return np.unique(every[order][np.minimum(place, len(every) - 1)].astype(np.float64))


def cut(grid: ScoreGrid, weight: F64) -> tuple[F64, F64, F64]:
    """Set a threshold that one in a hundred negatives passes, every kind weighing the same.

    Returns
    -------
    The threshold (r,); the share of each kind's pairs that pass it (4, r); and the chance that a
    match scores above a negative, the area under the ROC curve, (r,). Between edges all three are
    interpolated; ties count half.
    """
    tails = grid.tails(weight)
    negatives = tails[: len(NEGATIVES)].mean(axis=0)
    low = np.maximum(np.argmax(negatives < PASSING, axis=1) - 1, 0)[:, None]
    upper, lower = (np.take_along_axis(negatives, low + step, 1) for step in (0, 1))
    part = np.clip((upper - PASSING) / np.where(upper > lower, upper - lower, 1.0), 0.0, 1.0)
    passing = np.stack([_between(kind, low, part) for kind in tails])
    ends = np.broadcast_to(np.append(grid.edges, grid.edges[-1]), negatives.shape)
    return _between(ends, low, part), np.clip(passing, 0.0, 1.0), _area(tails[-1], negatives)


def _between(values: F64, low: I64, part: F64) -> F64:
    """Return what lies this part of the way from one edge to the next, (r,)."""
    first, second = (np.take_along_axis(values, low + step, 1) for step in (0, 1))
    between: F64 = (first + part * (second - first))[:, 0]
    return between


def _area(matches: F64, negatives: F64) -> F64:
    """Return the area under the curve of one tail against another, by trapezoids, (r,)."""
    one = np.ones((len(matches), 1))
    hit, false = (np.concatenate([one, tail], axis=1) for tail in (matches, negatives))
    area: F64 = ((hit[:, 1:] + hit[:, :-1]) / 2 * (false[:, :-1] - false[:, 1:])).sum(axis=1)
    return area
