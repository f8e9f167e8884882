"""Move each item a little towards what it would be on the other side."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections import whiten
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.corrections.transport.barycentre import barycentre
from dohyo.corrections.transport.plan import fit_plan
from dohyo.rows import F32, unit_rows


def fit(
    evidence: Evidence, *, shrinkage: float = 0.9, perplexity: float = 30.0, share: float = 0.3
) -> Fitted:
    """Whiten gently, then find the plan between both sides and keep its potentials.

    Parameters
    ----------
    shrinkage : λ of the whitening, see `whiten`
    perplexity : effective number of texts that speak for an image; at most half the texts
    share : t in [0, 1], how much of the way to the other side an item goes; 0 is whitening alone

    Notes
    -----
    An image goes to unit((1−t)x + t·unit(Σ_j v_j e^{βx·y_j} y_j)), a text likewise, with β and v
    of `fit_plan`. The whitened rows of both sides stay in the map as anchors for items to come.
    No pairs are used. Assumes that both sides tell of the same subjects. Cost: see `fit_plan`.
    Design, section 5.
    """
    arrays = whiten.fit(evidence, shrinkage=shrinkage).arrays
    plan = fit_plan(
        evidence.image.through(lambda rows: whiten.transform(arrays, rows, "image")),
        evidence.text.through(lambda rows: whiten.transform(arrays, rows, "text")),
        perplexity,
    )
    return Fitted(
        arrays=arrays | plan.arrays | {"share": np.array([share], np.float32)},
        figures=plan.figures,
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return the displaced rows of unit rows x, (n, d)."""
    white = whiten.transform(arrays, x, modality)
    share = arrays["share"][0]
    there = unit_rows(barycentre(arrays, white, modality))
    return unit_rows((1 - share) * white + share * there)
