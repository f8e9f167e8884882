"""Scores of random pairs and of true matches, counted once on a fine grid."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.measures.once_per_view import once_per_view
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32, I64

F64 = NDArray[np.float64]
Pairing = Literal["image", "text", "cross"]
Relation = Literal["random", "group", "label"]
GRID = 2_047
"""Bins of [-1, 1]; odd, so that the many scores at exactly 0 do not lie on an edge."""
BLOCKS = 20
ROWS = 2_000
COARSE = 89
"""A divisor of the grid: bins of a chart."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PairScores:
    """How many pairs of rows score what, by the blocks of groups that the rows are dealt into.

    Attributes
    ----------
    part : the view, or a seeded part of it with 2,000 rows at most on a side
    counts : (blocks, blocks, GRID) for each pairing (image with image, text with text, image with
        text) and relation of the pair: of different groups (random), of one group (group), of
        different groups of one class (label). A pair within a modality is counted once.
    """

    part: View
    counts: dict[tuple[Pairing, Relation], NDArray[np.int32]]

    def histogram(
        self, pairing: Pairing, relation: Relation, keep: NDArray[np.bool_] | None = None
    ) -> I64:
        """Return the counts of each bin, (GRID,), over the kept blocks (all of them)."""
        counts = self.counts[pairing, relation]
        if keep is None:
            return np.asarray(counts.sum((0, 1)), dtype=np.int64)
        return np.asarray(counts[keep][:, keep].sum((0, 1)), dtype=np.int64)


@once_per_view
def pair_scores(view: View) -> PairScores:
    """Count the scores of all pairs of a view of bounded size; 20 strips of products a side."""
    part = subsample(view, ROWS)
    images = len(part.image)
    group = (part.group[:images], part.group[images:])
    label = _labels(part)
    relations: tuple[Relation, ...] = ("random", "group", "label") if label else ("random", "group")
    block = _blocks(part)
    count = int(block.max()) + 1
    counts: dict[tuple[Pairing, Relation], NDArray[np.int32]] = {}
    sides: tuple[tuple[Pairing, int, int], ...] = (
        ("image", 0, 0),
        ("text", 1, 1),
        ("cross", 0, 1),
    )
    for pairing, one, two in sides:
        left, right = (part.image, part.text)[one], (part.image, part.text)[two]
        for relation in relations:
            counts[pairing, relation] = np.zeros((count, count, GRID), dtype=np.int32)
        for a in range(count):
            rows = np.flatnonzero(block[group[one]] == a)
            place = _bins(left[rows] @ right.T) + GRID * block[group[two]]
            related = group[one][rows][:, None] == group[two]
            once = rows[:, None] < np.arange(len(right)) if one == two else True
            chosen: dict[Relation, NDArray[np.bool_]] = {
                "random": ~related & once,
                "group": related & once,
            }
            if label:
                chosen["label"] = (label[one][rows][:, None] == label[two]) & ~related & once
            for relation in relations:
                found = np.bincount(place[chosen[relation]], minlength=count * GRID)
                counts[pairing, relation][a] = found.reshape(count, GRID)
    return PairScores(part=part, counts=counts)


def _blocks(part: View) -> I64:
    """Deal the groups into 20 blocks, those that hold the same evenly, (groups,)."""
    order = np.random.default_rng(part.seed).permutation(part.groups)
    order = order[np.argsort(part.held[order], kind="stable")]
    block = np.empty(part.groups, dtype=np.int64)
    block[order] = np.arange(part.groups) % min(BLOCKS, part.groups)
    return block


def _labels(part: View) -> tuple[I64, I64] | None:
    if part.label is None or part.text_to_image is None:
        return None
    return part.label, part.label[part.text_to_image]


def _bins(scores: F32) -> I64:
    return np.asarray(np.clip((scores + 1.0) * (GRID / 2), 0, GRID - 1), dtype=np.int64)


def one_threshold(within: list[I64], cross: list[I64]) -> float:
    """Return the overlap of two mixtures of histograms, 1 − max |F − G|.

    Parameters
    ----------
    within, cross : histograms (GRID,), each mixture's members weighing alike
    """
    one, two = (
        np.mean([np.cumsum(each) / each.sum() for each in side], axis=0) for side in (within, cross)
    )
    return 1.0 - float(np.abs(one - two).max())


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ScoreDistributions:
    """Densities of cosine scores, for a chart.

    Attributes
    ----------
    edges : (bins + 1,) of the bins, -1 to 1
    within_image, within_text : (bins,) density of random pairs of a kind
    cross_random : (bins,) of an image and a text of different groups
    cross_match : (bins,) of an image and its text, None without pairs
    sampled : whether the corpus has more rows than were looked at
    """

    edges: F64
    within_image: F64
    within_text: F64
    cross_random: F64
    cross_match: F64 | None
    sampled: bool


def score_distributions(view: View) -> ScoreDistributions:
    """Return the densities of within- and cross-modality scores."""
    scores = pair_scores(view)

    def density(pairing: Pairing, relation: Relation) -> F64:
        counts = scores.histogram(pairing, relation).reshape(COARSE, -1).sum(1)
        result: F64 = counts * (COARSE / 2) / max(1, int(counts.sum()))
        return result

    return ScoreDistributions(
        edges=np.linspace(-1.0, 1.0, COARSE + 1),
        within_image=density("image", "random"),
        within_text=density("text", "random"),
        cross_random=density("cross", "random"),
        cross_match=None if view.text_to_image is None else density("cross", "group"),
        sampled=scores.part.sampled,
    )
