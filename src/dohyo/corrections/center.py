"""Move both clumps onto the origin."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.rows import F32, unit_rows


def fit(evidence: Evidence) -> Fitted:
    """Take each modality's mean.

    Notes
    -----
    Assumes that the gap is a shift. Destroys one direction for each modality (what all its
    items have in common). O((n+m)·d). The GR-CLIP correction, arXiv 2507.19054.
    """
    return Fitted(
        arrays={
            "image_mean": evidence.image.moments.mean.astype(np.float32),
            "text_mean": evidence.text.moments.mean.astype(np.float32),
        }
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return unit(x − mean) for unit rows x, (n, d)."""
    return unit_rows(x - arrays[f"{modality}_mean"])
