"""Set a part of the evidence aside as if it came after the fit, to learn how scores will lie.

On the very items that it was fitted on, a map that keeps anchors looks better mixed than it is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import NO_IMAGE, Evidence
from dohyo.corrections.scores.offset import DEPTH, Thresholds, offset_of, thresholds
from dohyo.errors import CorpusError
from dohyo.rows import F32, I64, blocks

FOLDS = 4
FEWEST = 2 * FOLDS
WHOLE_ROWS = 8_000
"""Rows of both sides up to which every fold takes its turn; beyond, one fold tells enough."""
QUERIES = 1_000
ENTRIES_PER_BLOCK = 16_000_000


class Scorer(Protocol):
    """What a rehearsal asks of a fitted map."""

    def moved(self, x: F32, modality: Modality) -> F32:
        """Return the corrected vectors, without columns for the scores."""

    def penalty(self, moved: F32) -> F32:
        """Return what is taken off an item's score, (n, 2), for an image and a text query."""


Fit = Callable[[Evidence], Scorer]


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """One rehearsal: what is fitted on, who asks, and what can be found, as rows by modality."""

    asking: Modality
    queries: I64
    fit: dict[Modality, I64]
    gallery: dict[Modality, I64]
    weight: float


def rehearse(fit: Fit, evidence: Evidence, growing: float) -> tuple[float, float]:
    """Return the offsets of an image query and of a text query.

    Parameters
    ----------
    fit : fits the map on evidence, without offsets
    growing : weight in [0, 1] of queries that search among other items set aside, as in *unseen
        corpus*, against those that search among the items of the fit, as in *unseen query*

    Raises
    ------
    CorpusError
        If a side has fewer than 8 rows.

    Notes
    -----
    Four folds by group, up to 8,000 rows; beyond, one fold with at most 1,000 queries a side.
    Costs three fits for each fold, or one and two where `growing` is 1 and 0.
    """
    smaller = min(evidence.image.count, evidence.text.count)
    if smaller < FEWEST:
        raise CorpusError(
            f"Calibration needs {FEWEST} items of each modality; one has {smaller}.",
            hint="Give more items, or leave out calibrate.",
        )
    found: dict[Modality, list[Thresholds]] = {"image": [], "text": []}
    weights: dict[Modality, list[float]] = {"image": [], "text": []}
    for held in _folds(evidence):
        last: tuple[tuple[bytes, bytes], Scorer] | None = None
        for asked in _rehearsals(evidence, held, growing):
            if asked.weight == 0:
                continue
            key = (asked.fit["image"].tobytes(), asked.fit["text"].tobytes())
            if last is None or last[0] != key:
                last = key, fit(evidence.part(asked.fit["image"], asked.fit["text"]))
            found[asked.asking].append(_thresholds(last[1], evidence, asked))
            weights[asked.asking].append(asked.weight)
    return offset_of(found["image"], weights["image"]), offset_of(found["text"], weights["text"])


def _folds(evidence: Evidence) -> Iterator[dict[Modality, I64]]:
    """Yield rows to set aside, whole groups together and lone texts by themselves."""
    images, texts = evidence.image.count, evidence.text.count
    rng = np.random.default_rng(0)
    of_image, of_text = (rng.permutation(np.arange(n) % FOLDS) for n in (images, texts))
    if evidence.text_to_image is not None:
        known = evidence.text_to_image != NO_IMAGE
        of_text[known] = of_image[evidence.text_to_image[known]]
    for fold in range(FOLDS if images + texts <= WHOLE_ROWS else 1):
        yield {"image": np.flatnonzero(of_image == fold), "text": np.flatnonzero(of_text == fold)}


def _rehearsals(evidence: Evidence, held: dict[Modality, I64], growing: float) -> Iterator[_Asked]:
    """Yield the searches of both protocols (design, section 6) with these rows set aside."""
    every: dict[Modality, I64] = {
        "image": np.arange(evidence.image.count),
        "text": np.arange(evidence.text.count),
    }
    rest = {modality: np.setdiff1d(every[modality], held[modality]) for modality in MODALITIES}
    for modality in MODALITIES:
        fit = every | {modality: rest[modality]}
        yield _Asked(modality, held[modality], fit, fit, 1 - growing)
    for modality in MODALITIES:
        yield _Asked(modality, held[modality], rest, held, growing)


def _thresholds(scorer: Scorer, evidence: Evidence, asked: _Asked) -> Thresholds:
    other: Modality = "text" if asked.asking == "image" else "image"
    column = MODALITIES.index(asked.asking)
    some = np.linspace(0, len(asked.queries) - 1, min(len(asked.queries), QUERIES)).astype(np.int64)
    among = asked.queries is asked.gallery[asked.asking]

    def scored(modality: Modality) -> Iterator[tuple[F32, F32]]:
        side = evidence.image if modality == "image" else evidence.text
        gallery = asked.gallery[modality]
        for block in blocks(len(gallery), max(1, ENTRIES_PER_BLOCK // len(some))):
            rows = scorer.moved(side.some(gallery[block]), modality)
            yield rows, scorer.penalty(rows)[:, column]

    queries = evidence.image if asked.asking == "image" else evidence.text
    moved = scorer.moved(queries.some(asked.queries[some]), asked.asking)
    same, cross = len(asked.gallery[asked.asking]) - among, len(asked.gallery[other])
    return thresholds(
        _best(moved, scored(other), None),
        _best(moved, scored(asked.asking), some if among else None),
        base_rate=cross / (cross + same),
    )


def _best(
    queries: F32, gallery: Iterable[tuple[F32, F32]], itself: NDArray[np.int64] | None
) -> NDArray[Any]:
    """Return each query's ten best scores, best first; −inf where there are fewer items."""
    best = np.full((len(queries), DEPTH), -np.inf, np.float32)
    first = 0
    for items, penalty in gallery:
        scores = queries @ items.T - penalty
        if itself is not None:
            here = np.flatnonzero((itself >= first) & (itself < first + len(items)))
            scores[here, itself[here] - first] = -np.inf
        both = np.concatenate([best, scores], axis=1)
        best = -np.sort(-np.partition(both, -DEPTH, axis=1)[:, -DEPTH:], axis=1)
        first += len(items)
    return best
