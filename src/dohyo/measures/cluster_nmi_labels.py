"""Do clusters find out the meaning?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.modality_clusters import SPLITS, clusters, normalised_information, table
from dohyo.measures.view import View
from dohyo.rows import I64
from dohyo.stats.half_samples import half_samples

DEALS = 20


def cluster_nmi_labels(view: View) -> Estimate:
    """Normalised mutual information of k-means clusters and the classes.

    Returns
    -------
    Estimate in [0, 1], the mean over k. Higher is better: a search by meaning has something to
    find. Where `cluster_nmi_modality` is higher, items gather by kind before they do by meaning.

    Raises
    ------
    CorpusError
        Without labels, with one class only, or with fewer than 20 items.

    Notes
    -----
    I / mean of both entropies (Strehl & Ghosh 2002; scikit-learn's default). A text has the class
    of its image; without pairs only the images are read, in clusters of both kinds. k = 2, 5, 10,
    20, 50 as far as ten rows remain to a cluster. Half-sampling over groups, each half clustered
    anew (`half_samples`). Small clusters share a little with any label: compare with `by_chance`.
    """
    found = clusters(view)
    part, label = found.part, _classes(view)

    def shared(keep: NDArray[np.bool_]) -> float:
        tables = [table(member, label) for member in found.member(keep)]
        return float(np.mean([normalised_information(each) for each in tables]))

    return half_samples(
        shared, part.groups, stratum=part.held, seed=view.seed, inside=(0.0, 1.0), splits=SPLITS
    )


def by_chance(view: View) -> float:
    """Return the figure with the classes dealt at random to the groups, over 20 deals."""
    found, label, rng = clusters(view), _classes(view), np.random.default_rng(view.seed)
    owner = found.part.group
    of_group = np.full(found.part.groups, -1, dtype=np.int64)
    of_group[owner] = label
    holders = np.flatnonzero(of_group >= 0)
    figures = []
    for _ in range(DEALS):
        dealt = of_group.copy()
        dealt[holders] = rng.permutation(of_group[holders])
        figures += [normalised_information(table(each, dealt[owner])) for each in found.member()]
    return float(np.mean(figures))


def _classes(view: View) -> I64:
    """Return the class of each clustered row, counted from 0, and -1 where there is none."""
    if view.label is None:
        raise CorpusError("Clusters by class need labels.", hint="Give labels.")
    label = clusters(view).label
    classes, place = np.unique(label, return_inverse=True)
    if (classes >= 0).sum() < 2:
        raise CorpusError("Clusters by class need two classes.", hint="Give more labels.")
    return np.where(label >= 0, place - (classes < 0).sum(), -1).astype(np.int64)
