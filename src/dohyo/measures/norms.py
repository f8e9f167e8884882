"""How long the raw vectors are, before every measure scales them to length 1."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dohyo.corpus import MODALITIES, Corpus
from dohyo.rows import read_blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """Mean and standard deviation of the lengths of one modality's rows, in the raw unit."""

    mean: float
    spread: float

    def to_json(self) -> dict[str, Any]:
        """Return mean and spread."""
        return asdict(self)


def norms(corpus: Corpus) -> dict[str, Norms]:
    """Return the lengths of each modality's raw rows, by modality; one pass.

    No measure sees lengths, but a search by inner product does: where one kind's vectors are
    longer, it is preferred, and that is part of the gap.
    """
    found: dict[str, Norms] = {}
    for modality in MODALITIES:
        raw = corpus.image if modality == "image" else corpus.text
        first = second = 0.0
        for _, rows in read_blocks(raw):
            square = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
            first += float(np.sqrt(square).sum())
            second += float(square.sum())
        mean = first / len(raw)
        spread = np.sqrt(max(second / len(raw) - mean * mean, 0.0))
        found[modality] = Norms(mean=mean, spread=float(spread))
    return found
