"""Held-out corpora as they are and as a correction leaves them: what the tasks look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import MODALITIES, Corpus, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.rows import F32, I64, unit_rows
from dohyo.verification.evaluate import Corrector, Pool, fitted_on
from dohyo.verification.protocols import Split, sides


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Look:
    """A held-out corpus at one time, before or after a correction.

    Attributes
    ----------
    vectors : by modality (n, d) unit rows, the vectors alone: for clustering and classification
    items : by modality (n, width), as they are found, with the columns that correct scores
    queries : by modality (n, width), as they ask; scores are queries @ items.T
    prompts : (k, d) class prompts, moved as texts, the vectors alone; None if there are none
    """

    vectors: Mapping[Modality, F32]
    items: Mapping[Modality, F32]
    queries: Mapping[Modality, F32]
    prompts: F32 | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True, weakref_slot=True)
class Scene:
    """The items of one held-out fold, each of them both found and asking.

    Attributes
    ----------
    fold : which fold was held out
    group : by modality (n,) the group of each row, numbered as in the whole corpus; without pairs
        every item is a group of its own, images before texts
    label : by modality (n,) classes, a text has its image's; None where unknown
    before, after : the same rows in the same order
    """

    fold: int
    group: Mapping[Modality, I64]
    label: Mapping[Modality, I64 | None]
    before: Look
    after: Look


def scenes(pool: Pool, by_fold: Sequence[Corrector], *, seed: int = 0) -> tuple[Scene, ...]:
    """Return the scene of every fold, corrected by what was chosen without it.

    A recipe is fitted without the fold; a map is taken as it is. With pairs the folds are those
    of *unseen corpus*; without them a fold of either kind is held out.

    Parameters
    ----------
    by_fold : one corrector for each fold

    Raises
    ------
    CorpusError
        If the corpus has fewer groups than folds.
    """
    return tuple(
        _scene(pool, split, by_fold[split.fold])
        for split in pool.alone(k=len(by_fold), seed=seed)
        if len(split.gallery_image) or len(split.gallery_text)
    )


def _scene(pool: Pool, split: Split, corrector: Corrector) -> Scene:
    corpus = pool.corpus
    evidence = pool.evidence(split.fit_image, split.fit_text)
    ((fitted, strength),) = fitted_on([corrector], evidence)
    rows: dict[Modality, F32] = {
        modality: corpus.unit(modality, items) for modality, items, _ in sides(split)
    }
    prompts = None if corpus.class_text is None else unit_rows(corpus.class_text)
    before = Look(vectors=rows, items=rows, queries=rows, prompts=prompts)
    return Scene(
        fold=split.fold,
        group={m: _groups(corpus, m)[items] for m, items, _ in sides(split)},
        label={m: _of(corpus.classes(m), items) for m, items, _ in sides(split)},
        before=before,
        after=_moved(before, fitted, strength),
    )


def _moved(before: Look, fitted: AlignmentMap, strength: float) -> Look:
    if strength == 0 or (fitted.method == "none" and not fitted.tells_roles_apart):
        return before
    vectors = {m: fitted.moved(before.vectors[m], m, strength) for m in MODALITIES}
    items, queries = vectors, vectors
    if fitted.tells_roles_apart:
        items, queries = (
            {m: fitted.apply(before.vectors[m], m, role, strength) for m in MODALITIES}
            for role in ("item", "query")
        )
    prompts = before.prompts
    if prompts is not None:
        prompts = fitted.moved(prompts, "text", strength)
    return Look(vectors=vectors, items=items, queries=queries, prompts=prompts)


def _groups(corpus: Corpus, modality: Modality) -> I64:
    if corpus.paired or modality == "image":
        return corpus.groups(modality)
    return len(corpus.image) + np.arange(len(corpus.text), dtype=np.int64)


def _of(entries: I64 | None, items: I64) -> I64 | None:
    return None if entries is None else entries[items]
