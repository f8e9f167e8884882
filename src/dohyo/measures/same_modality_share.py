"""Who is next to whom: the share of one's own kind among the nearest."""

import numpy as np

from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean


def same_modality_share(view: View) -> Estimate:
    """Share of items of the same modality among the ten nearest.

    Returns
    -------
    Estimate in [0, 1], the mean of the images' and the texts' share. Compare with `base_rate`, the
    share among all other items: at 1, no item of the other kind is ever found.

    Notes
    -----
    Cosine neighbours in the union, itself excluded. Bootstrap over groups of the per-item share,
    the neighbours held fixed: redrawing rows would put copies of an item next to itself.
    """
    same = view.modality[view.nearest] == view.modality[:, None]
    return bootstrap_mean(
        same.mean(1), view.group, stratum=view.modality, seed=view.seed
    ).estimate()


def base_rate(view: View) -> float:
    """Return the share of one's own kind among all other items, averaged over both kinds."""
    images, texts = len(view.image), len(view.text)
    others = images + texts - 1
    return float(np.mean([(images - 1) / others, (texts - 1) / others]))
