"""Who is next to whom: the share of one's own kind among the nearest."""

import numpy as np

from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean

NEIGHBOURS = 10


def same_modality_share(view: View) -> Estimate:
    """Share of items of the same modality among the ten nearest.

    Returns
    -------
    Estimate in [0, 1], the mean of the images' and the texts' share. Compare with `base_rate`, the
    share among all other items: at 1, no item of the other kind is ever found.

    Notes
    -----
    Cosine neighbours in the whole corpus, itself excluded, of a sample of queries. Bootstrap over
    groups of the per-item share, the neighbours held fixed: redrawing rows would put copies of an
    item next to itself.
    """
    found = view.search
    return bootstrap_mean(
        found.same(NEIGHBOURS).mean(axis=1), found.group, stratum=found.modality, seed=view.seed
    ).share()


def base_rate(view: View) -> float:
    """Return the share of one's own kind among all other items, averaged over both kinds."""
    images, texts = len(view.whole.image), len(view.whole.text)
    others = images + texts - 1
    return float(np.mean([(images - 1) / others, (texts - 1) / others]))
