"""Every condition under its name in report.json, with the levels that are tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus
from dohyo.verification.stress.class_imbalance import class_imbalance
from dohyo.verification.stress.corrupted_vectors import corrupted_vectors
from dohyo.verification.stress.float16_storage import float16_storage
from dohyo.verification.stress.near_duplicates import near_duplicates
from dohyo.verification.stress.other_domain import other_domain
from dohyo.verification.stress.wrong_pairs import wrong_pairs

Spoiling = Callable[[Corpus, float, np.random.Generator], Corpus]
"""Takes a corpus with pairs, how much of it to spoil, and where chance comes from."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One way to spoil a corpus, and how far: the mildest level first."""

    spoil: Spoiling
    levels: tuple[float, ...]


CONDITIONS: Mapping[str, Condition] = {
    "wrong_pairs": Condition(wrong_pairs, (0.05, 0.1, 0.2, 0.4)),
    "near_duplicates": Condition(near_duplicates, (0.2,)),
    "class_imbalance": Condition(class_imbalance, (0.1,)),
    "other_domain": Condition(other_domain, (0.1,)),
    "corrupted_vectors": Condition(corrupted_vectors, (0.01,)),
    "float16_storage": Condition(float16_storage, (1.0,)),
}
"""To add a condition: write its file, add one line, and its sentence to the words."""


def spoiled(corpus: Corpus, condition: str, level: float, *, seed: int, draw: int = 0) -> Corpus:
    """Return the corpus under a condition; the same seed and draw spoil the same rows first."""
    chosen = CONDITIONS[condition]
    place = list(CONDITIONS).index(condition)
    return chosen.spoil(corpus, level, np.random.default_rng([seed, place, draw]))
