"""Every item of a held-out fold asks the rest of it: the lists that several tasks look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.engine.topk import topk
from dohyo.rows import I64, blocks
from dohyo.verification.lists import DEPTH
from dohyo.verification.scenes import Look, Scene

QUERIES_PER_BLOCK = 1_024
GROUPS = 500
UNKNOWN = -1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """The first ten of each query, at one time.

    Attributes
    ----------
    mixed : (n, 10) places in the fold, images before texts, best first
    own : for images and for texts (n, 10) places among their kind, best first, only their kind
        being searched; of use only where a kind has more than ten items
    """

    mixed: I64
    own: tuple[I64, I64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FirstTen:
    """The lists of one fold before and after; rows and places are images, then texts.

    Attributes
    ----------
    group, kind, label : (n,) of each item; kind is 0 for an image, 1 for a text; label is −1
        where it is unknown
    base_rate : (n,) share of the other kind among what each can find
    before, after : what each finds; the same object where nothing was corrected
    """

    group: I64
    kind: I64
    label: I64
    base_rate: NDArray[np.float64]
    before: Found
    after: Found

    def judged(self, seed: int) -> NDArray[np.bool_]:
        """Return which items are of the at most 500 groups whose figures are taken, (n,).

        Everybody asks and everybody can be found; but the intervals of two thousand groups are
        as narrow as anybody needs, and those of many more take minutes.
        """
        return sampled(self.group, GROUPS, seed)


_KNOWN: WeakKeyDictionary[Scene, FirstTen] = WeakKeyDictionary()


def first_ten(scene: Scene) -> FirstTen | None:
    """Return the lists of a fold; None without both kinds, or with too few items for a list.

    An item is not in its own list. Equal scores are in the order of the fold, images before
    texts. Each scene is ranked once, whoever asks. Memory is bounded by 1,024 queries times the
    fold.
    """
    sizes = [len(scene.group[modality]) for modality in MODALITIES]
    if min(sizes) == 0 or sum(sizes) <= DEPTH:
        return None
    found = _KNOWN.get(scene)
    if found is None:
        found = _KNOWN[scene] = _ranked(scene, sizes)
    return found


def first_tens(scenes: Sequence[Scene]) -> list[FirstTen]:
    """Return the lists of every fold that has any."""
    return [ten for ten in map(first_ten, scenes) if ten is not None]


def sampled(group: I64, most: int, seed: int) -> NDArray[np.bool_]:
    """Return the mask of the rows whose group is in a seeded sample, (n,)."""
    every = np.unique(group)
    if len(every) <= most:
        return np.ones(len(group), np.bool_)
    return np.isin(group, np.random.default_rng(seed).choice(every, most, replace=False))


def _ranked(scene: Scene, sizes: Sequence[int]) -> FirstTen:
    labels = [scene.label[modality] for modality in MODALITIES]
    before = _found(scene.before)
    others = np.repeat(np.array(sizes[::-1], np.float64), sizes)
    return FirstTen(
        group=np.concatenate([scene.group[modality] for modality in MODALITIES]),
        kind=np.repeat(np.arange(2), sizes),
        label=np.concatenate(
            [
                np.full(size, UNKNOWN, np.int64) if label is None else label
                for size, label in zip(sizes, labels, strict=True)
            ]
        ),
        base_rate=others / (sum(sizes) - 1),
        before=before,
        after=before if scene.after is scene.before else _found(scene.after),
    )


def _found(look: Look) -> Found:
    (mixed_image, image), (mixed_text, text) = (_searched(look, number) for number in (0, 1))
    return Found(mixed=np.concatenate([mixed_image, mixed_text]), own=(image, text))


def _searched(look: Look, asking: int) -> tuple[I64, I64]:
    """Return the first ten of both kinds, and of its own, for each query of a kind."""
    queries = look.queries[MODALITIES[asking]]
    images = len(look.items["image"])
    mixed, own = [], []
    for block in blocks(len(queries), QUERIES_PER_BLOCK):
        places, scores = [], []
        for number, modality in enumerate(MODALITIES):
            score = queries[block] @ look.items[modality].T
            if number == asking:
                here = np.arange(len(score))
                score[here, block.start + here] = -np.inf
            first = topk(score, DEPTH)
            scores.append(np.take_along_axis(score, first, 1))
            places.append(first)
        own.append(places[asking])
        # A mixed list can only be made of the best ten of either kind.
        both = np.concatenate([places[0], places[1] + images], axis=1)
        best = topk(np.concatenate(scores, axis=1), DEPTH)
        mixed.append(np.take_along_axis(both, best, 1))
    return np.concatenate(mixed), np.concatenate(own)
