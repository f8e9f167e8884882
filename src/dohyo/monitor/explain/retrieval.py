"""How well counterparts are found among old pairs and among new ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus, Modality, Role
from dohyo.corrections.map import AlignmentMap
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.explanation import Figure
from dohyo.monitor.explain.memory import Memory
from dohyo.rows import F32, unit_rows
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.compare import resampled
from dohyo.verification.evaluate import arrange
from dohyo.verification.protocols import Split
from dohyo.verification.retrieval import Ranked, rank

LEAST, MOST = 20, 500
NAMES = ("recall_at_1", "mixed_ndcg_at_10")
Pairs = tuple[F32, F32]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Served:
    """The correction in service.

    Attributes
    ----------
    identity : of the map
    fitted : the map
    strength : at which it is applied
    """

    identity: str
    fitted: AlignmentMap
    strength: float

    def move(self, x: F32, modality: Modality, role: Role) -> F32:
        """Return the corrected rows."""
        moved: F32 = self.fitted.apply(x, modality, role, self.strength)
        return moved


def figures(
    memory: Memory, recent: Sequence[Batch], served: Served | None, *, seed: int = 0
) -> tuple[Figure, ...]:
    """Return the figures of the remembered pairs beside those of the new ones.

    Fewer is found in a larger collection, so both are drawn to the same number of pairs, 500 at
    most. Empty below 20 pairs of either.
    """
    old, new = memory.old.pairs(), pairs_of(recent) or memory.new.pairs()
    if old is None or new is None:
        return ()
    n = min(len(old[0]), len(new[0]), MOST)
    if n < LEAST or new[0].shape[1] != old[0].shape[1]:
        return ()
    rng = np.random.default_rng(seed)
    before, after = (ranked(_drawn(pairs, n, rng), served) for pairs in (old, new))
    found = []
    for name in NAMES:
        first = resampled(before, name, "unseen_corpus", seed=seed)
        second = resampled(after, name, "unseen_corpus", seed=seed + 1)
        change = Resampled(
            value=second.value - first.value,
            replicates=second.replicates - first.replicates,  # two sets of pairs, two draws
            groups=n,
            seed=seed,
        )
        found.append(
            Figure(
                name=name,
                before=first.estimate(),
                after=second.estimate(),
                change=change.estimate(),
                corrected=served is not None,
            )
        )
    return tuple(found)


def pairs_of(batches: Sequence[Batch]) -> Pairs | None:
    """Return each image of some batches with its first text; None where no pairs are known."""
    images, texts = [], []
    for batch in batches:
        if batch.text_to_image is None or batch.image is None or batch.text is None:
            continue
        owner, first = np.unique(batch.text_to_image, return_index=True)
        images.append(unit_rows(np.asarray(batch.image.rows)[owner]))
        texts.append(unit_rows(np.asarray(batch.text.rows)[first]))
    return (np.concatenate(images), np.concatenate(texts)) if images else None


def _drawn(pairs: Pairs, n: int, rng: np.random.Generator) -> Pairs:
    chosen = rng.choice(len(pairs[0]), n, replace=False)
    return pairs[0][chosen], pairs[1][chosen]


def ranked(pairs: Pairs, served: Served | None) -> Ranked:
    """Rank all items of these pairs for each of them, a map applied as it is; None for raw."""
    corpus = Corpus.from_arrays(*pairs)
    every = np.arange(len(pairs[0]))
    split = Split(
        fold=0,
        fit_image=every,
        fit_text=every,
        gallery_image=every,
        gallery_text=every,
        query_image=every,
        query_text=every,
        queries_in_gallery=True,
    )
    gallery, queries = arrange(corpus, split, _plain if served is None else served.move)
    return rank(queries, gallery)


def _plain(x: F32, modality: Modality, role: Role) -> F32:
    return x
