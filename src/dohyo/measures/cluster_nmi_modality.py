"""Do clusters find out the kind?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.modality_clusters import SPLITS, clusters, dealt, normalised_information, table
from dohyo.measures.view import View
from dohyo.stats.half_samples import half_samples

DEALS = 20


def cluster_nmi_modality(view: View) -> Estimate:
    """Normalised mutual information of k-means clusters and the modality.

    Returns
    -------
    Estimate in [0, 1], the mean over k. 0: the cluster says nothing about the kind. 1 is only
    reached by two clusters; more of them cut within a kind too, which the normalisation counts.

    Raises
    ------
    CorpusError
        With fewer than 20 items.

    Notes
    -----
    I / mean of both entropies (Strehl & Ghosh 2002; scikit-learn's default), k = 2, 5, 10, 20, 50
    as far as ten rows remain to a cluster. Half-sampling over groups, each half clustered anew
    (`half_samples`). Small clusters share a little with any label; `by_chance` says how much.
    """
    found = clusters(view)
    part = found.part

    def shared(keep: NDArray[np.bool_]) -> float:
        if np.ptp(part.modality[keep[part.group]]) == 0:
            raise CorpusError(
                "An interval needs images in two groups and texts in two.", hint="Give more items."
            )
        tables = [table(member, part.modality) for member in found.member(keep)]
        return float(np.mean([normalised_information(each) for each in tables]))

    return half_samples(
        shared, part.groups, stratum=part.held, seed=view.seed, inside=(0.0, 1.0), splits=SPLITS
    )


def by_chance(view: View) -> float:
    """Return the figure with the kinds dealt at random to the same items, over 20 deals."""
    found, rng = clusters(view), np.random.default_rng(view.seed)
    deals = [dealt(found.part, rng) for _ in range(DEALS)]
    shared = [normalised_information(table(m, deal)) for m in found.member() for deal in deals]
    return float(np.mean(shared))
