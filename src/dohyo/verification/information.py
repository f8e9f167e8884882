"""What a correction leaves of each modality by itself: neighbours, classes, directions."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus, Modality
from dohyo.corrections import center
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap
from dohyo.engine.topk import topk
from dohyo.measures.spectrum import effective_rank_of
from dohyo.rows import F32, I64, blocks, unit_rows
from dohyo.verification.labels import clusters_agree, neighbours_agree, prompts_agree
from dohyo.verification.protocols import Split, sides

F64 = NDArray[np.float64]

NEIGHBOURS = 10
LEAST_HELD = 10
ROWS_PER_BLOCK = 1_024
CLASS_FIGURES = ("label_accuracy", "zero_shot_accuracy", "cluster_nmi")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Kept:
    """What a correction left of each held-out item, of one split or several.

    Attributes
    ----------
    group, modality : (q,) of each item
    neighbours : (q,) share of its nearest neighbours of its own kind that are still so
    neighbours_centred : (q,) the same had the mean alone been taken out
    label_accuracy : (q, 2) before and after: whether the neighbours' majority has its class;
        NaN where there is no class
    zero_shot_accuracy : (q, 2) whether the nearest class prompt is its own; NaN likewise
    cluster_nmi : (q, 2) its share of the NMI of clusters with classes; NaN likewise
    effective_rank : (splits, 2, 2) before and after, of image and of text
    """

    group: I64
    modality: I64
    neighbours: F64
    neighbours_centred: F64
    label_accuracy: F64
    zero_shot_accuracy: F64
    cluster_nmi: F64
    effective_rank: F64

    def of(self, here: NDArray[np.bool_]) -> "Kept":
        """Return the entries of these items."""
        chosen: dict[str, Any] = {
            f.name: getattr(self, f.name)[here] for f in fields(Kept) if f.name != "effective_rank"
        }
        return Kept(**chosen, effective_rank=self.effective_rank)


@dataclass(frozen=True, eq=False, kw_only=True)
class Original:
    """One modality of a split as it was, and what every correction of it is compared with.

    Attributes
    ----------
    modality : which
    rows : (n, d) its held-out unit rows
    group : (n,)
    label : (n,) classes, None where unknown
    prompts : (k, d) unit rows of the class prompts for images, None if there are none
    near, near_centred : (n, k) the nearest of other groups, as it was and with its mean taken out
    seed : of the clustering
    """

    modality: Modality
    rows: F32
    group: I64
    label: I64 | None
    prompts: F32 | None
    near: I64
    near_centred: I64
    seed: int

    @cached_property
    def effective_rank(self) -> float:
        """Effective rank of the rows; every correction is compared with it."""
        return _rank(self.rows)

    @cached_property
    def classes(self) -> dict[str, F64]:
        """Label accuracy, zero-shot accuracy and NMI of each row, each (n,)."""
        return _classes(self, self.rows, self.near, self.prompts)


def originals(
    corpus: Corpus, split: Split, evidence: Evidence, *, seed: int
) -> tuple[Original, ...]:
    """Return both modalities of a split's gallery as they are."""
    mean = center.fit(evidence).arrays
    found = []
    for modality, items, _ in sides(split):
        rows = corpus.unit(modality, items)
        group, label = _groups(corpus, modality)[items], corpus.classes(modality)
        found.append(
            Original(
                modality=modality,
                rows=rows,
                group=group,
                label=None if label is None else label[items],
                prompts=_prompts(corpus) if modality == "image" else None,
                near=nearest(rows, group),
                near_centred=nearest(center.transform(mean, rows, modality), group),
                seed=seed,
            )
        )
    return tuple(found)


def keep(before: tuple[Original, ...], fitted: AlignmentMap, strength: float) -> Kept:
    """Return what a map leaves of each item; class prompts are moved as texts."""
    parts = []
    ranks = np.empty((1, 2, len(before)))
    for number, side in enumerate(before):
        moved = fitted.moved(side.rows, side.modality, strength)
        prompts = None if side.prompts is None else fitted.moved(side.prompts, "text", strength)
        asking, found = moved, moved
        if fitted.tells_roles_apart and len(side.rows) and strength:
            # What corrects the scores may change who is found, also within one modality.
            asking = fitted.apply(side.rows, side.modality, "query", strength)
            found = fitted.apply(side.rows, side.modality, "item", strength)
        near = nearest(asking, side.group, found)
        after = _classes(side, moved, near, prompts)
        parts.append(
            {
                "group": side.group,
                "modality": np.full(len(side.rows), number, np.int64),
                "neighbours": _shared(side.near, near),
                "neighbours_centred": _shared(side.near, side.near_centred),
            }
            | {name: np.stack([side.classes[name], after[name]], axis=1) for name in after}
        )
        ranks[0, :, number] = side.effective_rank, _rank(moved)
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    return Kept(**columns, effective_rank=ranks)


def joined_kept(parts: list[Kept]) -> Kept:
    """Return the items of several splits as one."""
    columns: dict[str, Any] = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Kept)
    }
    return Kept(**columns)


def lone_splits(corpus: Corpus, *, k: int, seed: int) -> Iterator[Split]:
    """Yield the splits of a corpus without pairs: a fold of either kind is held out.

    They serve what is asked within one modality; no search across can be judged on them. A kind
    with fewer than `LEAST_HELD` items to a fold, as a handful of prompts, is fitted on whole and
    none of it held out.
    """
    image, text = (_lone_folds(count, k, seed) for count in (len(corpus.image), len(corpus.text)))
    for fold in range(k):
        yield Split(
            fold=fold,
            fit_image=np.setdiff1d(np.arange(len(corpus.image)), image[fold]),
            fit_text=np.setdiff1d(np.arange(len(corpus.text)), text[fold]),
            gallery_image=image[fold],
            gallery_text=text[fold],
            query_image=image[fold],
            query_text=text[fold],
            queries_in_gallery=True,
        )


def _lone_folds(count: int, k: int, seed: int) -> list[I64]:
    if count < LEAST_HELD * k:
        return [np.empty(0, np.int64)] * k
    order = np.random.default_rng(seed).permutation(count)
    return [np.sort(order[i::k]).astype(np.int64) for i in range(k)]


def nearest(rows: F32, group: I64, found: F32 | None = None) -> I64:
    """Return the nearest rows of other groups, nearest first, (n, k).

    `found` are the rows as they are found, where they differ from the rows as they ask.

    k is a tenth of the rows, at least 1 and at most 10: ten of 25 would be shared by chance alone
    four times in ten, and the figures of a small corpus could not be compared with those of a
    large one.
    """
    count = int(np.clip(round(len(rows) / NEIGHBOURS), 1, NEIGHBOURS))
    near = np.empty((len(rows), min(count, len(rows))), np.int64)
    for block in blocks(len(rows), ROWS_PER_BLOCK):
        scores = rows[block] @ (rows if found is None else found).T
        scores[group[block, None] == group[None, :]] = -np.inf
        near[block] = topk(scores, count)
    return near


def _shared(one: I64, other: I64) -> F64:
    """Return the share of neighbours that two lists have in common, by row."""
    if not len(one):
        return np.empty(0)
    same: F64 = (one[:, :, None] == other[:, None, :]).any(axis=2).mean(axis=1)
    return same


def _classes(side: Original, rows: F32, near: I64, prompts: F32 | None) -> dict[str, F64]:
    """Return how well classes can be told from rows, each figure (n,), NaN where it has none."""
    found = dict.fromkeys(CLASS_FIGURES, np.full(len(rows), np.nan))
    if side.label is None or not len(rows):
        return found
    found["label_accuracy"] = neighbours_agree(near, side.label)
    if side.modality == "image":
        found["cluster_nmi"] = clusters_agree(rows, side.label, seed=side.seed)
    if prompts is not None:
        found["zero_shot_accuracy"] = prompts_agree(rows, prompts, side.label)
    return found


def _rank(rows: F32) -> float:
    return effective_rank_of(rows) if len(rows) else float("nan")


def _groups(corpus: Corpus, modality: Modality) -> I64:
    if corpus.paired:
        return corpus.groups(modality)
    return np.arange(len(corpus.image if modality == "image" else corpus.text), dtype=np.int64)


def _prompts(corpus: Corpus) -> F32 | None:
    if corpus.class_text is None or corpus.label is None:
        return None
    return unit_rows(corpus.class_text)
