"""Do clusters of items hold both kinds?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.modality_clusters import SPLITS, clusters, dealt, entropy, table
from dohyo.measures.view import View
from dohyo.rows import I64
from dohyo.stats.half_samples import half_samples

DEALS = 20


def cluster_mixing(view: View) -> Estimate:
    """Entropy of the modality inside k-means clusters, over its entropy in the whole.

    Returns
    -------
    Estimate in [0, 1], the mean over k. 0: every cluster is of one kind; 1: every cluster holds
    the kinds in the proportion of the corpus. Compare with `well_mixed`.

    Raises
    ------
    CorpusError
        With fewer than 20 items.

    Notes
    -----
    Σ_c n_c/n · H(modality | c) / H(modality), which is one minus the homogeneity of Rosenberg &
    Hirschberg 2007; k = 2, 5, 10, 20, 50 as far as ten rows remain to a cluster (see
    `modality_clusters`). Half-sampling over groups, each half clustered anew (`half_samples`):
    with the clusters held fixed, an interval leaves out that other items make other clusters. The
    entropy of a small cluster is too low; `well_mixed` is too, by as much.
    """
    found = clusters(view)
    part = found.part

    def share(keep: NDArray[np.bool_]) -> float:
        return float(np.mean([mixing(table(m, part.modality)) for m in found.member(keep)]))

    return half_samples(
        share, part.groups, stratum=part.held, seed=view.seed, inside=(0.0, 1.0), splits=SPLITS
    )


def well_mixed(view: View) -> float:
    """Return the figure with the kinds dealt at random to the same items, over 20 deals."""
    found = clusters(view)
    rng = np.random.default_rng(view.seed)
    deals = [dealt(found.part, rng) for _ in range(DEALS)]
    return float(np.mean([mixing(table(m, deal)) for m in found.member() for deal in deals]))


def mixing(counts: I64) -> float:
    """Return the conditional entropy of the columns' kind over its entropy, of (clusters, 2)."""
    whole = entropy(counts.sum(0))
    if whole == 0:
        raise CorpusError(
            "An interval needs images in two groups and texts in two.", hint="Give more items."
        )
    inside = entropy(counts.ravel()) - entropy(counts.sum(1))
    return float(np.clip(inside / whole, 0.0, 1.0))
