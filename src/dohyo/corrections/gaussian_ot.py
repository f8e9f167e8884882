"""Move both clumps to the Gaussian half-way between them."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections import whiten
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.engine.moments import F64, Moments, inverse_root, root
from dohyo.rows import F32


def fit(evidence: Evidence, *, shrinkage: float = 0.1, ledoit_wolf: float = 0.0) -> Fitted:
    """Take the closed-form optimal transport to the Wasserstein barycentre of both sides.

    Parameters
    ----------
    shrinkage : λ in [0, 1] towards tr(C)/d·I, for each covariance
    ledoit_wolf : how much of λ, in [0, 1], is instead what Ledoit & Wolf 2004 find in the data,
        averaged over both sides: little for many rows, much for fewer rows than dimensions

    Notes
    -----
    T = A^(−½)(A^½ B A^½)^½ A^(−½) carries N(0, A) to N(0, B); half-way is (I + T)/2, which is
    exact for two Gaussians (McCann 1997; Takatsu 2011). Both sides end centred, because a common
    mean would make every pair of items alike. Assumes that the clouds are near Gaussian.
    O(n·d² + d³).
    """
    image, text = evidence.image.moments, evidence.text.moments
    found = (image.ledoit_wolf + text.ledoit_wolf) / 2
    used = (1 - ledoit_wolf) * shrinkage + ledoit_wolf * found
    there, back = _transport(image, text, used)
    identity = np.eye(len(image.mean))
    return Fitted(
        arrays={
            "image_mean": image.mean.astype(np.float32),
            "text_mean": text.mean.astype(np.float32),
            "image_matrix": ((identity + there) / 2).astype(np.float32),
            "text_matrix": ((identity + back) / 2).astype(np.float32),
        },
        figures={"shrinkage": used},
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return unit(½(I + T)(x − mean)) for unit rows x, (n, d)."""
    return whiten.transform(arrays, x, modality)


def _transport(image: Moments, text: Moments, shrinkage: float) -> tuple[F64, F64]:
    """Return the (d, d) transport matrices image → text and text → image, each other's inverse."""
    half, inverse_half = image.shrunk(shrinkage, root), image.shrunk(shrinkage, inverse_root)
    middle = half @ text.regular(shrinkage) @ half
    values, vectors = np.linalg.eigh(middle)
    values = np.maximum(values, 0.0)
    there = inverse_half @ ((vectors * root(values)) @ vectors.T) @ inverse_half
    back = half @ ((vectors * inverse_root(values)) @ vectors.T) @ half
    return there, back
