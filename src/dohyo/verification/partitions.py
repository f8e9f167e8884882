"""The ways in which a corpus falls into segments: by class, caption length, source, rarity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.rows import F32, I64, blocks

LEAST_GROUPS = 10
"""Below this no test at 5 % corrected for a dozen comparisons can ever speak: signs of 9 groups
come in 512 patterns."""
MOST_SEGMENTS = 50
NEIGHBOURS = 10
REFERENCES = 4_096
ROWS_PER_BLOCK = 1_024
OUTSIDE = -1

LENGTHS = ("short", "middle", "long")
RARITIES = ("common", "middle", "rare")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Partition:
    """One way to cut a corpus into segments, group by group.

    Attributes
    ----------
    kind : label, caption_length, source or rarity
    names : of the segments; None for the one that gathers those too small to stand alone
    segment : (n,) which segment each group is in, a group being a row of image; −1 for none
    pooled : how many segments were gathered into that one
    left_out : how many were too small even together
    """

    kind: str
    names: tuple[str | None, ...]
    segment: I64
    pooled: int = 0
    left_out: int = 0


def partitions(corpus: Corpus, *, seed: int = 0) -> tuple[Partition, ...]:
    """Return every way in which a corpus is known to fall into two segments or more.

    A group is cut as a whole, for it is the unit that is resampled: several captions count with
    their mean length (in characters, which tells in every script). Thirds are of the groups that
    have texts, for only those ask and are found. Rarity is how far a picture is from its ten
    nearest of its own kind, by the vectors as they came; not how frequent its class is, because
    every class is a segment already, and a rare picture of a frequent class would go unseen.

    Parameters
    ----------
    corpus : with pairs, otherwise there are no results to cut
    seed : of the sample of pictures that rarity is measured against, in corpora above 4,096
    """
    if corpus.text_to_image is None:
        return ()
    asked = np.unique(corpus.text_to_image[corpus.text_to_image >= 0])
    found = []
    if corpus.label is not None:
        found.append(_by_label(corpus, corpus.label, asked))
    if corpus.caption is not None:
        lengths = np.array([len(each) for each in corpus.caption], np.float64)
        found.append(_thirds("caption_length", LENGTHS, _mean_of(corpus, lengths), asked))
    if corpus.source is not None:
        names, segment = np.unique(np.array(corpus.source), return_inverse=True)
        found.append(_gathered("source", names.tolist(), segment, asked))
    rarity = np.full(len(corpus.image), np.nan)
    rarity[asked] = _distance_to_nearest(corpus, asked, seed)
    found.append(_thirds("rarity", RARITIES, rarity, asked))
    return tuple(each for each in found if len(each.names) > 1)


def _by_label(corpus: Corpus, label: I64, asked: I64) -> Partition:
    classes, segment = np.unique(label, return_inverse=True)
    names = [
        str(each) if corpus.class_name is None or each < 0 else corpus.class_name[each]
        for each in classes
    ]
    segment = np.where(label < 0, OUTSIDE, segment)
    return _gathered("label", names, segment, asked)


def _thirds(
    kind: str, names: tuple[str, str, str], figure: NDArray[np.float64], asked: I64
) -> Partition:
    """Cut at the thirds of a figure; equal figures stay together."""
    edges = np.quantile(figure[asked], [1 / 3, 2 / 3])
    segment = np.full(len(figure), OUTSIDE, np.int64)
    segment[asked] = np.searchsorted(edges, figure[asked], side="left")
    return _gathered(kind, names, segment, asked)


def _gathered(kind: str, names: Sequence[str], segment: I64, asked: I64) -> Partition:
    """Keep the segments large enough to be judged, gather the others into one if that is."""
    members = segment[asked]
    size = np.bincount(members[members >= 0], minlength=len(names))
    largest = np.argsort(-size, kind="stable")[:MOST_SEGMENTS]
    kept = [place for place in range(len(names)) if place in largest]
    kept = [place for place in kept if size[place] >= LEAST_GROUPS]
    small = [place for place in range(len(names)) if size[place] and place not in kept]
    shown: list[str | None] = [names[place] for place in kept]
    number = np.full(len(names) + 1, OUTSIDE, np.int64)  # the last place is that of OUTSIDE
    number[kept] = np.arange(len(kept))
    together = bool(small) and int(size[small].sum()) >= LEAST_GROUPS
    if together:
        number[small] = len(kept)
        shown.append(None)
    return Partition(
        kind=kind,
        names=tuple(shown),
        segment=number[segment],
        pooled=len(small) if together else 0,
        left_out=0 if together else len(small),
    )


def _mean_of(corpus: Corpus, of_text: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the texts of each group, NaN where it has none."""
    owner = corpus.groups("text")
    owned = owner >= 0
    total = np.bincount(owner[owned], of_text[owned], len(corpus.image))
    count = np.bincount(owner[owned], minlength=len(corpus.image))
    mean = np.full(len(total), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _distance_to_nearest(corpus: Corpus, rows: I64, seed: int) -> NDArray[np.float64]:
    """Return the mean cosine distance of pictures to their ten nearest others, (len(rows),)."""
    others = np.arange(len(corpus.image))
    if len(others) > REFERENCES:
        others = np.sort(np.random.default_rng(seed).choice(others, REFERENCES, replace=False))
    references: F32 = corpus.unit("image", others)
    k = min(NEIGHBOURS, len(others) - 1)
    if k < 1:
        return np.zeros(len(rows))
    found = []
    for block in blocks(len(rows), ROWS_PER_BLOCK):
        likeness = corpus.unit("image", rows[block]) @ references.T
        likeness[rows[block][:, None] == others[None, :]] = -np.inf
        best = np.partition(likeness, -k, axis=1)[:, -k:]
        found.append(1.0 - best.mean(axis=1, dtype=np.float64))
    return np.concatenate(found)
