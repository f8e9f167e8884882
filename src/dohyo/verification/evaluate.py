"""Fit on the part that may be seen, rank the part that may not, for several recipes at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from dohyo.corpus import Corpus, Modality, Role
from dohyo.corrections.evidence import NO_IMAGE, Evidence, Side
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.recipe import Recipe
from dohyo.rows import F32, I64
from dohyo.verification.information import Kept, joined_kept, keep, lone_splits, originals
from dohyo.verification.lists import Gallery, Lists, Queries, joined_lists, search
from dohyo.verification.protocols import FOLDS, Protocol, Split, sides, splits
from dohyo.verification.retrieval import Ranked, joined, merged

Corrector = Recipe | AlignmentMap
"""A recipe is fitted anew on each split; a map is taken as it is."""


def recipe_of(corrector: Corrector) -> Recipe:
    """Return a map's method and parameters as a recipe, a recipe as it is."""
    if isinstance(corrector, AlignmentMap):
        return Recipe(method=corrector.method, parameters=corrector.parameters)
    return corrector


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

    def splits(self, protocol: Protocol, *, k: int, seed: int) -> Iterator[Split]:
        """Yield the splits of a protocol."""
        return splits(self.corpus, protocol, k=k, seed=seed)

    def alone(self, *, k: int, seed: int) -> Iterator[Split]:
        """Yield for each fold a split whose gallery and queries are that fold alone."""
        if self.corpus.paired:
            return splits(self.corpus, "unseen_corpus", k=k, seed=seed)
        return lone_splits(self.corpus, k=k, seed=seed)

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
    lists : what they were ranked from
    fold : (q,) which fold each query was held out with
    gap_left : distance between the means of the gallery's images and texts, averaged over splits
    kept : what it left of each item among its own kind, on an unseen corpus; None otherwise
    """

    ranked: Ranked
    lists: Lists
    fold: I64
    gap_left: float
    kept: Kept | None = None

    def only(self, groups: I64) -> "Outcome":
        """Return the outcome for the queries of these groups."""
        return self._where(groups, invert=False)

    def without(self, groups: I64) -> "Outcome":
        """Return the outcome for the queries of all other groups."""
        return self._where(groups, invert=True)

    def _where(self, groups: I64, *, invert: bool) -> "Outcome":
        kept = self.kept
        if kept is not None:
            # The rank is of a whole cloud; it is no mean over queries and cannot be divided.
            chosen = kept.of(np.isin(kept.group, groups, invert=invert))
            kept = replace(chosen, effective_rank=np.empty((0, 2, 2)))
        here = np.isin(self.ranked.group, groups, invert=invert)
        return Outcome(
            ranked=self.ranked.of(here),
            lists=self.lists.of(here),
            fold=self.fold[here],
            gap_left=self.gap_left,
            kept=kept,
        )


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
    collected: list[list[Outcome]] = []
    for split in pool.splits(protocol, k=k, seed=seed):
        chosen = recipes(split.fold) if callable(recipes) else recipes
        found = _on_split(pool, split, chosen, seed)
        collected = collected or [[] for _ in found]
        for parts, outcome in zip(collected, found, strict=True):
            parts.append(outcome)
    return [whole(parts) for parts in collected]


def _on_split(pool: Pool, split: Split, recipes: Sequence[Corrector], seed: int) -> list[Outcome]:
    corpus, evidence = pool.corpus, pool.evidence(split.fit_image, split.fit_text)
    before = None
    if split.queries_in_gallery:
        before = originals(corpus, split, evidence, seed=seed)
    found = []
    for fitted, strength in fitted_on(recipes, evidence):
        move = partial(_move, fitted, strength)
        gallery, queries = arrange(corpus, split, move)
        lists = search(queries, gallery)
        found.append(
            Outcome(
                ranked=merged(lists),
                lists=lists,
                fold=np.full(len(lists.group), split.fold, np.int64),
                gap_left=_gap(corpus, split, fitted, strength, gallery),
                kept=None if before is None else keep(before, fitted, strength),
            )
        )
    return found


def fitted_on(
    recipes: Sequence[Corrector], evidence: Evidence
) -> Iterator[tuple[AlignmentMap, float]]:
    """Yield each corrector's map and strength; recipes that differ in strength share a fit."""
    last: tuple[Recipe, AlignmentMap] | None = None
    for recipe in recipes:
        if isinstance(recipe, AlignmentMap):
            yield recipe, 1.0
            continue
        if last is None or replace(last[0], strength=recipe.strength) != recipe:
            last = recipe, recipe.fit(evidence)
        yield last[1], recipe.strength


def _move(fitted: AlignmentMap, strength: float, x: F32, modality: Modality, role: Role) -> F32:
    return fitted.apply(x, modality, role, strength)


def whole(parts: Sequence[Outcome]) -> Outcome:
    """Return the outcomes of several sets of queries as one."""
    kept = [part.kept for part in parts if part.kept is not None]
    return Outcome(
        ranked=joined([part.ranked for part in parts]),
        lists=joined_lists([part.lists for part in parts]),
        fold=np.concatenate([part.fold for part in parts]),
        gap_left=float(np.nanmean([part.gap_left for part in parts])),
        kept=joined_kept(kept) if kept else None,
    )


def kept_alone(pool: Pool, corrector: Corrector, *, k: int = FOLDS, seed: int = 0) -> Kept:
    """Return what a correction keeps of each modality in a corpus without pairs."""
    parts = []
    for split in lone_splits(pool.corpus, k=k, seed=seed):
        evidence = pool.evidence(split.fit_image, split.fit_text)
        before = originals(pool.corpus, split, evidence, seed=seed)
        ((fitted, strength),) = fitted_on([corrector], evidence)
        parts.append(keep(before, fitted, strength))
    return joined_kept(parts)


def _gap(
    corpus: Corpus, split: Split, fitted: AlignmentMap, strength: float, gallery: Gallery
) -> float:
    """Return the distance of the gallery's two means; NaN for a gallery of one kind.

    It is one of vectors; columns that correct the scores are no part of it.
    """
    means = []
    for number, (modality, items, _) in enumerate(sides(split)):
        if not len(items):
            return float("nan")
        rows = gallery.rows[gallery.modality == number]
        if rows.shape[1] > corpus.dim:
            rows = fitted.moved(corpus.unit(modality, items), modality, strength)
        means.append(rows.mean(0, dtype=np.float64))
    return float(np.linalg.norm(means[0] - means[1]))


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
            if len(chosen):  # a map may add columns; no rows would not know
                rows[role].append(move(corpus.unit(modality, chosen), modality, role))
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
