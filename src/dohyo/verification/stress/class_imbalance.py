"""A collection in which half of the subjects have become rare."""

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import I64

CLUSTERS = 10
LARGEST_FIT = 4_096


def class_imbalance(corpus: Corpus, level: float, rng: np.random.Generator) -> Corpus:
    """Thin half of the classes out to a share of their groups.

    Where there are no labels, k-means clusters of the pictures stand for the classes. The corpus
    gets smaller, so a verdict may be lost to the size alone; it then says how much more is needed.

    Parameters
    ----------
    level : share of the groups that such a class keeps; each keeps one at least
    """
    subject = corpus.label if corpus.label is not None else _clusters(corpus, rng)
    known = np.unique(subject)
    rare = rng.permutation(known)[: len(known) // 2]
    kept = np.ones(len(subject), np.bool_)
    for each in rare:
        members = rng.permutation(np.flatnonzero(subject == each))
        kept[members[max(1, round(level * len(members))) :]] = False
    return corpus.subset(np.flatnonzero(kept))


def _clusters(corpus: Corpus, rng: np.random.Generator) -> I64:
    # scikit-learn takes longer to import than the rest of dohyo together.
    from sklearn.cluster import KMeans

    rows = corpus.unit("image")
    seed = int(rng.integers(2**31))
    model = KMeans(min(CLUSTERS, len(rows)), n_init=1, random_state=seed)
    model.fit(rows[rng.permutation(len(rows))[:LARGEST_FIT]])
    cluster: I64 = model.predict(rows).astype(np.int64)
    return cluster
