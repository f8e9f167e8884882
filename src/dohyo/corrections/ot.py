"""Move each item half-way to where entropic transport sends it."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections import center
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.corrections.transport.barycentre import barycentre
from dohyo.corrections.transport.plan import fit_plan
from dohyo.rows import F32, unit_rows


def fit(
    evidence: Evidence, *, perplexity: float = 30.0, share: float = 0.5, unbalanced: float = 0.0
) -> Fitted:
    """Center both sides, then find the entropic plan between them and keep its potentials.

    Parameters
    ----------
    perplexity : effective number of texts that an image is coupled to; sets ε, see Notes
    share : t in [0, 1], how much of the way to the other side an item goes. 0.5 is the middle,
        the default, where both sides meet; 1 would make them change places
    unbalanced : r in [0, 1], how freely an item may be coupled less than others. 0 suits sides
        that tell of the same subjects in the same proportions, 0.5 sides of which each has
        subjects of its own; see `potentials`

    Notes
    -----
    Cost 1 − x·y, which is half the squared distance; ε = 1/β with β of `fit_plan`, so that the
    plan stays as local as asked whatever the data. An image goes to
    unit((1−t)x + t·Σ_j p_j y_j), the barycentric projection (Ferradans et al. 2014; Courty et al.
    2017) part of the way, p the plan's row of x, which the potentials give for items to come too
    (Seguy et al. 2018); a text likewise. The mean is not made a unit vector first: where the
    coupled items disagree it is short, and the item stays nearer to itself. No pairs are used.
    Assumes that both sides tell of the same subjects, unless unbalanced. Destroys what tells an
    item from its neighbours, the more the larger t. Cost: see `fit_plan`.
    """
    arrays = center.fit(evidence).arrays
    plan = fit_plan(
        evidence.image.through(lambda rows: center.transform(arrays, rows, "image")),
        evidence.text.through(lambda rows: center.transform(arrays, rows, "text")),
        perplexity,
        unbalanced=unbalanced,
    )
    return Fitted(
        arrays=arrays | plan.arrays | {"share": np.array([share], np.float32)},
        figures=plan.figures,
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return the transported rows of unit rows x, (n, d)."""
    centred = center.transform(arrays, x, modality)
    share = arrays["share"][0]
    return unit_rows((1 - share) * centred + share * barycentre(arrays, centred, modality))
