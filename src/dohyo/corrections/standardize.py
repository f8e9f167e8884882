"""Give both clumps the same mean and, dimension by dimension, the same scale."""

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.rows import F32, unit_rows

FLATTEST = 1e-6  # of the mean variance; float32 rows of one value differ by less


def fit(evidence: Evidence, *, shrinkage: float = 0.3) -> Fitted:
    """Take each modality's mean, and each dimension's standard deviation, shrunk.

    Parameters
    ----------
    shrinkage : λ in [0, 1] of the variances towards their mean; 1 is centering alone, 0 the
        plain standard score

    Notes
    -----
    s² = (1−λ)·var + λ·mean(var), for each modality alone. At λ = 0 a dimension in which nothing
    varies is dropped. Needs no pairs. Assumes that the gap is a shift and a stretch along the
    encoder's own axes, as where a few of them are always large; the one correction here that
    depends on the axes. Destroys what all items of a modality have in common, and how much a
    dimension varies. O((n+m)·d) beyond the moments that all methods share. The post-hoc
    standardisation of I0T, arXiv 2412.14384, with shrinkage added.
    """
    arrays = {}
    for modality in MODALITIES:
        side = (evidence.image if modality == "image" else evidence.text).moments
        variance = np.diagonal(side.covariance)
        mean = float(variance.mean())
        shrunk = (1 - shrinkage) * variance + shrinkage * mean
        alive = shrunk > FLATTEST * mean
        # The scale is a factor, so that it is 0 and not infinite where nothing varies.
        factor = np.where(alive, np.sqrt(mean / np.where(alive, shrunk, 1.0)), 0.0)
        arrays[f"{modality}_mean"] = side.mean.astype(np.float32)
        arrays[f"{modality}_scale"] = factor.astype(np.float32)
    return Fitted(arrays=arrays)


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return unit((x − mean)·scale) for unit rows x, (n, d)."""
    return unit_rows((x - arrays[f"{modality}_mean"]) * arrays[f"{modality}_scale"])
