"""Ask the judged queries, without a correction and with several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.corrections.map import AlignmentMap
from dohyo.engine.topk import topk
from dohyo.rows import F32, I64, blocks
from dohyo.verification.evaluate import Corrector, Pool, fitted_on
from dohyo.verification.judged.asked import Asked
from dohyo.verification.judged.figures import figures
from dohyo.verification.lists import DEPTH, QUERIES_PER_BLOCK

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JudgedOutcome:
    """What one correction did for the judged queries.

    Attributes
    ----------
    group, modality, fold : (q,) of each query
    base_rate : (q,) share of the other modality among what can be found
    cross_at_rank : (q, 10) whether the item at each rank is of the other modality; NaN where a
        list is shorter
    ranking : (q, 10) the items found, images numbered before texts; −1 where a list is shorter
    figures : by name (q,), see `figures`, and `cross_share`
    gap_left : distance between the means of the images and texts that can be found
    """

    group: I64
    modality: I64
    fold: I64
    base_rate: F64
    cross_at_rank: F64
    ranking: I64
    figures: Mapping[str, F64]
    gap_left: float

    def of(self, here: NDArray[np.bool_]) -> "JudgedOutcome":
        """Return the outcome for some of the queries; `here` is a (q,) mask."""
        return JudgedOutcome(
            group=self.group[here],
            modality=self.modality[here],
            fold=self.fold[here],
            base_rate=self.base_rate[here],
            cross_at_rank=self.cross_at_rank[here],
            ranking=self.ranking[here],
            figures={name: each[here] for name, each in self.figures.items()},
            gap_left=self.gap_left,
        )


def joined_outcomes(parts: Sequence[JudgedOutcome]) -> JudgedOutcome:
    """Return the outcomes of several sets of queries as one."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("group", "modality", "fold", "base_rate", "cross_at_rank", "ranking")
    }
    return JudgedOutcome(
        **columns,
        figures={
            name: np.concatenate([part.figures[name] for part in parts])
            for name in parts[0].figures
        },
        gap_left=float(np.mean([part.gap_left for part in parts])),
    )


def ask(asked: Asked, correctors: Sequence[Corrector], *, k: int, seed: int) -> list[JudgedOutcome]:
    """Return what each correction does for the judged queries, one mixed list for each.

    A recipe is fitted on all that can be found where the queries are not part of it, otherwise
    for each of k folds without the rows that ask; a map is taken as it is. Every item can be
    found, except by itself. Equal scores are in the order of the items, images before texts.
    """
    pool = Pool(asked.corpus)
    rankings = np.full((len(correctors), len(asked.row), DEPTH), -1, np.int64)
    gaps: list[list[float]] = [[] for _ in correctors]
    for here, images, texts in asked.splits(k, seed):
        evidence = pool.evidence(images, texts)
        for place, (fitted, strength) in enumerate(fitted_on(correctors, evidence)):
            items, gap = _items(asked, fitted, strength)
            gaps[place].append(gap)
            found = _search(asked, here, items, fitted, strength)
            rankings[place, here, : found.shape[1]] = found
    fold = asked.fold(k, seed)
    return [
        outcome_of(asked, ranking, fold, float(np.mean(left)))
        for ranking, left in zip(rankings, gaps, strict=True)
    ]


def outcome_of(asked: Asked, ranking: I64, fold: I64, gap_left: float) -> JudgedOutcome:
    """Return what a ranking of the items is worth."""
    kind = asked.item_modality
    others = len(kind) - (asked.itself is not None)
    there = ranking >= 0
    crossed = (kind[ranking] != asked.modality[:, None]) & there
    each_kind = np.bincount(kind, minlength=2)
    return JudgedOutcome(
        group=asked.group,
        modality=asked.modality,
        fold=fold,
        base_rate=each_kind[1 - asked.modality] / others,
        cross_at_rank=np.where(there, crossed, np.nan),
        ranking=ranking,
        figures={
            **figures(ranking, asked.relevance),
            "cross_share": crossed.sum(axis=1) / np.maximum(there.sum(axis=1), 1),
        },
        gap_left=gap_left,
    )


def _items(asked: Asked, fitted: AlignmentMap, strength: float) -> tuple[F32, float]:
    """Return the rows of all items as they are found, and the gap between their means."""
    corpus = asked.corpus
    parts = [fitted.apply(corpus.unit(m), m, "item", strength) for m in MODALITIES]
    means = []
    for modality, rows in zip(MODALITIES, parts, strict=True):
        moved = rows
        if rows.shape[1] > corpus.dim:  # columns that correct the scores are no part of the gap
            moved = fitted.moved(corpus.unit(modality), modality, strength)
        means.append(moved.mean(0, dtype=np.float64))
    return np.concatenate(parts), float(np.linalg.norm(means[0] - means[1]))


def _search(asked: Asked, here: I64, items: F32, fitted: AlignmentMap, strength: float) -> I64:
    """Return the first items for these queries, (len(here), min(10, items that can be found))."""
    rows = np.empty((len(here), items.shape[1]), np.float32)
    for number, modality in asked.kinds:
        of_kind = asked.modality[here] == number
        if of_kind.any():
            rows[of_kind] = fitted.apply(asked.rows(here, modality), modality, "query", strength)
    itself = asked.itself
    depth = min(DEPTH, len(items) - (itself is not None))
    return np.concatenate(
        [
            topk(scores, depth)
            for scores in _scores(rows, items, None if itself is None else itself[here])
        ]
    )


def _scores(rows: F32, items: F32, itself: I64 | None) -> Iterator[F32]:
    for block in blocks(len(rows), QUERIES_PER_BLOCK):
        scores: F32 = rows[block] @ items.T
        if itself is not None:
            scores[np.arange(len(scores)), itself[block]] = -np.inf
        yield scores
