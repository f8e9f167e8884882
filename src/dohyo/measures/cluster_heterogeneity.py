"""Cluster figures over a range of k, with what perfect mixing and separation would show."""

from dataclasses import dataclass

import numpy as np

from dohyo.measures.cluster_mixing import DEALS, mixing
from dohyo.measures.modality_clusters import clusters, dealt, normalised_information, table
from dohyo.measures.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPoint:
    """What the clusters show at one k.

    Attributes
    ----------
    k : number of clusters
    entropy : entropy of the modality inside the clusters over that of the whole, 0 to 1
    mixed : what it would be with the kinds dealt at random: below 1, the more so the smaller
        the clusters are
    separated : what it would be if every cluster were of one kind
    nmi_modality : mutual information of clusters and modality, normalised
    nmi_labels : the same with the classes, None without labels
    """

    k: int
    entropy: float
    mixed: float
    separated: float
    nmi_modality: float
    nmi_labels: float | None


def curve(view: View) -> tuple[ClusterPoint, ...]:
    """Return a point for each k, the smallest first.

    `mixed` is the mean over 20 deals of the kinds, within groups where pairs are known.

    Raises
    ------
    CorpusError
        With fewer than 20 items.
    """
    found = clusters(view)
    kind = found.part.modality
    known = found.label >= 0
    rng = np.random.default_rng(view.seed)
    deals = [dealt(found.part, rng) for _ in range(DEALS)]
    points = []
    for k, member in zip(found.counts, found.member(), strict=True):
        counts = table(member, kind)
        by_label = None
        if known.any():
            _, label = np.unique(found.label[known], return_inverse=True)
            by_label = normalised_information(table(member[known], label))
        points.append(
            ClusterPoint(
                k=k,
                entropy=mixing(counts),
                mixed=float(np.mean([mixing(table(member, deal)) for deal in deals])),
                separated=0.0,
                nmi_modality=normalised_information(counts),
                nmi_labels=by_label,
            )
        )
    return tuple(points)
