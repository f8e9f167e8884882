"""Fit on the part that may be seen, rank the part that may not, for several recipes at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dohyo.corpus import F32, I64, Corpus, Modality, Role
from dohyo.corrections.evidence import NO_IMAGE, Evidence, Side
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.recipe import Recipe
from dohyo.verification.protocols import FOLDS, Protocol, Split, sides, splits
from dohyo.verification.retrieval import Gallery, Queries, Ranked, joined, rank

Corrector = Recipe | AlignmentMap
"""A recipe is fitted anew on each split; a map is taken as it is."""


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """The sides of a corpus that its splits are fitted on, each made once.

    Three splits share every training side, and every recipe shares its moments.
    """

    corpus: Corpus
    kept: dict[tuple[Modality, bytes], Side] = field(default_factory=dict)

    def evidence(self, images: I64, texts: I64) -> Evidence:
        """Return the evidence of these rows."""
        return Evidence(
            self._side("image", images), self._side("text", texts), self._pairs(images, texts)
        )

    def _pairs(self, images: I64, texts: I64) -> I64 | None:
        if self.corpus.text_to_image is None:
            return None
        place = np.full(len(self.corpus.image), NO_IMAGE, np.int64)
        place[images] = np.arange(len(images))
        return place[self.corpus.text_to_image[texts]]

    def _side(self, modality: Modality, rows: I64) -> Side:
        key = (modality, rows.tobytes())
        if key not in self.kept:
            self.kept[key] = Side(self.corpus.unit(modality, rows))
        return self.kept[key]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Outcome:
    """What one recipe did under one protocol.

    Attributes
    ----------
    ranked : figures of every query
    gap_left : distance between the means of the gallery's images and texts, averaged over splits
    """

    ranked: Ranked
    gap_left: float


def evaluate(
    pool: Pool,
    recipes: Sequence[Corrector] | Callable[[int], Sequence[Corrector]],
    protocol: Protocol,
    *,
    k: int = FOLDS,
    seed: int = 0,
) -> list[Outcome]:
    """Return the outcome of each recipe under a protocol, its queries in the same order.

    Parameters
    ----------
    recipes : what to try, or a function of the held-out fold that says so: nested
        cross-validation chooses anew for each fold
    """
    collected: list[list[Ranked]] = []
    gaps: list[list[float]] = []
    for split in splits(pool.corpus, protocol, k=k, seed=seed):
        chosen = recipes(split.fold) if callable(recipes) else recipes
        evidence = pool.evidence(split.fit_image, split.fit_text)
        for place, recipe in enumerate(chosen):
            if place == len(collected):
                collected.append([])
                gaps.append([])
            ranked, gap = _on_split(pool.corpus, split, recipe, evidence)
            collected[place].append(ranked)
            gaps[place].append(gap)
    return [
        Outcome(ranked=joined(parts), gap_left=float(np.nanmean(gap)))
        for parts, gap in zip(collected, gaps, strict=True)
    ]


def _on_split(
    corpus: Corpus, split: Split, recipe: Corrector, evidence: Evidence
) -> tuple[Ranked, float]:
    fitted = recipe if isinstance(recipe, AlignmentMap) else recipe.fit(evidence)
    strength = 1.0 if isinstance(recipe, AlignmentMap) else recipe.strength
    gallery, queries = arrange(
        corpus, split, lambda x, modality, role: fitted.apply(x, modality, role, strength)
    )
    return rank(queries, gallery), _gap(gallery)


def _gap(gallery: Gallery) -> float:
    """Return the distance of the two means; NaN for a gallery of one kind."""
    sides = [gallery.rows[gallery.modality == number] for number in (0, 1)]
    if not all(map(len, sides)):
        return float("nan")
    image, text = (side.mean(0, dtype=np.float64) for side in sides)
    return float(np.linalg.norm(image - text))


def arrange(
    corpus: Corpus, split: Split, move: Callable[[F32, Modality, Role], F32]
) -> tuple[Gallery, Queries]:
    """Return the moved gallery and queries of a split, images before texts in both."""
    rows: dict[Role, list[F32]] = {"item": [], "query": []}
    group: dict[Role, list[I64]] = {"item": [], "query": []}
    kind: dict[Role, list[I64]] = {"item": [], "query": []}
    for number, (modality, items, queries) in enumerate(sides(split)):
        both: tuple[tuple[Role, I64], ...] = (("item", items), ("query", queries))
        for role, chosen in both:
            unit = corpus.unit(modality, chosen)
            rows[role].append(move(unit, modality, role) if len(unit) else unit)
            group[role].append(corpus.groups(modality)[chosen])
            kind[role].append(np.full(len(chosen), number, np.int64))
    gallery = Gallery(
        rows=np.concatenate(rows["item"]),
        group=np.concatenate(group["item"]),
        modality=np.concatenate(kind["item"]),
    )
    asked = Queries(
        rows=np.concatenate(rows["query"]),
        group=np.concatenate(group["query"]),
        modality=np.concatenate(kind["query"]),
        itself=np.arange(len(gallery.rows)) if split.queries_in_gallery else None,
    )
    return gallery, asked
