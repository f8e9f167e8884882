"""Vectors that a pipeline has broken."""

from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import F32

FACTOR = 1_000.0
FAULTS = 4


def corrupted_vectors(corpus: Corpus, level: float, rng: np.random.Generator) -> Corpus:
    """Break some vectors of either modality, in four ways by turns.

    Noise in their place (a failed download that was encoded all the same), a thousand times too
    long (a missing normalisation), the opposite sign, or one value throughout (a default that was
    never filled in).

    Parameters
    ----------
    level : share of the vectors; one of each modality at least
    """
    return replace(
        corpus,
        image=_broken(corpus.unit("image"), level, rng),
        text=_broken(corpus.unit("text"), level, rng),
    )


def _broken(rows: F32, level: float, rng: np.random.Generator) -> F32:
    chosen = rng.permutation(len(rows))[: max(1, round(level * len(rows)))]
    noise, longer, opposite, stuck = (chosen[fault::FAULTS] for fault in range(FAULTS))
    rows[noise] = rng.standard_normal((len(noise), rows.shape[1]), np.float32)
    rows[longer] *= np.float32(FACTOR)
    rows[opposite] *= np.float32(-1)
    rows[stuck] = np.float32(rows.shape[1] ** -0.5)
    return rows
