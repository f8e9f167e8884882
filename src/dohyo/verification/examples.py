"""A few searches before and after, drawn at random so that nobody picked the pretty ones."""

from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus, Modality, Role
from dohyo.corrections.recipe import NOTHING
from dohyo.engine.topk import topk
from dohyo.rows import F32, I64
from dohyo.verification.evaluate import Corrector, Pool, arrange, fitted_on
from dohyo.verification.protocols import FOLDS, Split, splits

QUERIES_EACH_WAY = 3
LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a corpus: its modality, its row there, and whether it answers the query."""

    modality: Modality
    row: int
    relevant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One query and the first items of its mixed list, before and after."""

    query: Item
    before: tuple[Item, ...]
    after: tuple[Item, ...]


def examples(
    corpus: Corpus, corrector: Corrector, *, k: int = FOLDS, seed: int = 0
) -> tuple[Example, ...]:
    """Return the lists of three image and three text queries on an unseen corpus.

    They come from the first fold of *unseen corpus*: the map saw neither query nor gallery.
    """
    split = next(splits(corpus, "unseen_corpus", k=k, seed=seed))
    rng = np.random.default_rng(seed)
    asked = [Item(modality="image", row=int(row)) for row in _some(rng, split.query_image)] + [
        Item(modality="text", row=int(row)) for row in _some(rng, split.query_text)
    ]
    before = _lists(corpus, split, NOTHING, asked)
    after = _lists(corpus, split, corrector, asked)
    return tuple(
        Example(query=query, before=first, after=second)
        for query, first, second in zip(asked, before, after, strict=True)
    )


def _some(rng: np.random.Generator, rows: I64) -> I64:
    return rng.choice(rows, min(QUERIES_EACH_WAY, len(rows)), replace=False)


def _lists(
    corpus: Corpus, split: Split, corrector: Corrector, asked: list[Item]
) -> list[tuple[Item, ...]]:
    evidence = Pool(corpus).evidence(split.fit_image, split.fit_text)
    ((fitted, strength),) = fitted_on([corrector], evidence)

    def move(x: F32, modality: Modality, role: Role) -> F32:
        return fitted.apply(x, modality, role, strength)

    gallery, queries = arrange(corpus, split, move)
    everyone = [Item(modality="image", row=int(r)) for r in split.gallery_image] + [
        Item(modality="text", row=int(r)) for r in split.gallery_text
    ]
    return [_list(corpus, query, everyone, queries.rows, gallery.rows) for query in asked]


def _list(
    corpus: Corpus, query: Item, everyone: list[Item], asking: F32, rows: F32
) -> tuple[Item, ...]:
    place = everyone.index(query)  # on an unseen corpus, who asks and who is found are the same
    scores = asking[place : place + 1] @ rows.T
    scores[0, place] = -np.inf
    group = corpus.groups(query.modality)[query.row]
    found = []
    for best in topk(scores, min(LENGTH, len(rows) - 1))[0]:
        item = everyone[best]
        relevant = item.modality != query.modality and bool(
            corpus.groups(item.modality)[item.row] == group
        )
        found.append(Item(modality=item.modality, row=item.row, relevant=relevant))
    return tuple(found)
