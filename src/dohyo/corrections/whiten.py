"""Give both clumps the same mean and, in part, the same shape."""

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.engine.moments import inverse_root
from dohyo.rows import F32, unit_rows


def fit(evidence: Evidence, *, shrinkage: float = 0.9) -> Fitted:
    """Take each modality's mean and the inverse root of its shrunk covariance.

    Parameters
    ----------
    shrinkage : λ in [0, 1]; 1 is centering alone, 0 full whitening, 0.9 is gentle

    Notes
    -----
    W = ((1−λ)C + λ·tr(C)/d·I)^(−½), the symmetric root, so that no direction is turned into
    another. Destroys relative variance: directions that vary much count for less. O(n·d² + d³).
    Design, section 5.
    """
    arrays = {}
    for modality in MODALITIES:
        side = (evidence.image if modality == "image" else evidence.text).moments
        arrays[f"{modality}_mean"] = side.mean.astype(np.float32)
        arrays[f"{modality}_matrix"] = side.shrunk(shrinkage, inverse_root).astype(np.float32)
    return Fitted(arrays=arrays)


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return unit(W(x − mean)) for unit rows x, (n, d)."""
    return unit_rows((x - arrays[f"{modality}_mean"]) @ arrays[f"{modality}_matrix"])
