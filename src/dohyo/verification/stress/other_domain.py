"""Items from another domain, encoded by the same encoder."""

from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import F32, I64, unit_rows


def other_domain(corpus: Corpus, level: float, rng: np.random.Generator) -> Corpus:
    """Put the content of some groups elsewhere, with its structure and its pairs.

    Stands for pictures and texts of a subject that the corpus does not hold. Their deviations from
    the mean of their modality are turned by one rotation, the same for both sides: pairs stay as
    near, neighbours stay neighbours, and an encoder's two cones stay where they are, but what
    varies among the newcomers are directions in which the corpus hardly varies at all. A true
    second domain would differ in its mean as well; none is at hand in every corpus.

    Parameters
    ----------
    level : share of the groups
    """
    images = len(corpus.image)
    foreign = np.zeros(images, np.bool_)
    foreign[rng.permutation(images)[: round(level * images)]] = True
    # Columns dealt anew, with random signs: orthogonal, and free at any dimension.
    order, sign = rng.permutation(corpus.dim), rng.choice(np.array([-1, 1], np.float32), corpus.dim)
    return replace(
        corpus,
        image=_turned(corpus.unit("image"), np.flatnonzero(foreign), order, sign),
        text=_turned(
            corpus.unit("text"), np.flatnonzero(foreign[corpus.groups("text")]), order, sign
        ),
    )


def _turned(rows: F32, chosen: I64, order: I64, sign: F32) -> F32:
    mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows[chosen] = unit_rows(mean + (rows[chosen] - mean)[:, order] * sign)
    return rows
