"""Every measure under its name. To add one: write its file, add one line here."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dohyo.estimate import Estimate
from dohyo.measures import cluster_mixing as mixing
from dohyo.measures import cluster_nmi_labels as nmi_labels
from dohyo.measures import cluster_nmi_modality as nmi_modality
from dohyo.measures import effective_rank as rank
from dohyo.measures import gap_top_share as top_share
from dohyo.measures import hub_share as hubs
from dohyo.measures import hubness_cross as across
from dohyo.measures import hubness_within as within
from dohyo.measures import ilisi as lisi
from dohyo.measures import kbet as neighbourhoods
from dohyo.measures import laplacian_gap as laplacian
from dohyo.measures import mutual_knn as knn
from dohyo.measures import pairing_signal as pairing
from dohyo.measures import same_modality_share as share
from dohyo.measures import uniformity
from dohyo.measures.alignment import alignment
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.cka import cka
from dohyo.measures.distance_correlation import distance_correlation
from dohyo.measures.energy_distance import energy_distance
from dohyo.measures.frechet_distance import frechet_distance
from dohyo.measures.linear_separability import linear_separability
from dohyo.measures.linear_separability_auc import linear_separability_auc
from dohyo.measures.mmd import mmd
from dohyo.measures.relative_modality_gap import relative_modality_gap
from dohyo.measures.score_overlap_matches import score_overlap_matches
from dohyo.measures.score_overlap_random import score_overlap_random
from dohyo.measures.silhouette_by_modality import silhouette_by_modality
from dohyo.measures.sinkhorn_divergence import sinkhorn_divergence
from dohyo.measures.sliced_wasserstein import sliced_wasserstein
from dohyo.measures.subspace_angle import subspace_angle
from dohyo.measures.view import View

Need = Literal["pairs", "labels"]
Kind = Literal["shift", "spread", "shape", "neighbourhood", "signal"]
Cost = Literal["stream", "search", "sample"]
Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of the gap.

    Attributes
    ----------
    compute : the figure with its interval
    reference : what the figure would be with no gap (for a signal: with no pairing)
    kind : what it is about: where the clumps stand (shift), how wide they are (spread), how they
        are formed (shape), who is next to whom (neighbourhood), whether there is anything to
        align (signal)
    cost : one pass over all rows (stream), a search of sampled queries among all rows (search),
        or work on a sample alone (sample)
    better : which way is less gap or more signal
    range : smallest and largest value it can take
    source : where the formula comes from
    needs : what the corpus must have; it is absent, with the reason, where it does not
    """

    compute: Callable[[View], Estimate]
    reference: Callable[[View], float]
    kind: Kind
    cost: Cost
    better: Better
    range: tuple[float, float]
    source: str
    needs: frozenset[Need] = frozenset()


def zero(view: View) -> float:
    """Return the value of a distance with no gap."""
    return 0.0


PAIRS: frozenset[Need] = frozenset({"pairs"})
LABELS: frozenset[Need] = frozenset({"labels"})

MEASURES: dict[str, Measure] = {
    "centroid_distance": Measure(
        compute=centroid_distance,
        reference=zero,
        kind="shift",
        cost="stream",
        better="lower",
        range=(0, 2),
        source="Liang et al. 2022, arXiv 2203.02053",
    ),
    "relative_modality_gap": Measure(
        compute=relative_modality_gap,
        reference=zero,
        kind="shift",
        cost="stream",
        better="lower",
        range=(0, 1),
        source="Schrodi et al. 2024, arXiv 2404.07983",
        needs=PAIRS,
    ),
    "frechet_distance": Measure(
        compute=frechet_distance,
        reference=zero,
        kind="shape",
        cost="stream",
        better="lower",
        range=(0, math.inf),
        source="Dowson & Landau 1982; Heusel et al. 2017, arXiv 1706.08500",
    ),
    "mmd": Measure(
        compute=mmd,
        reference=zero,
        kind="shape",
        cost="sample",
        better="lower",
        range=(-2, 2),  # the truth is at least 0, its unbiased estimate need not be
        source="Gretton et al. 2012, JMLR 13",
    ),
    "energy_distance": Measure(
        compute=energy_distance,
        reference=zero,
        kind="shape",
        cost="sample",
        better="lower",
        range=(-4, 4),  # likewise
        source="Székely & Rizzo 2013, JSPI 143",
    ),
    "sliced_wasserstein": Measure(
        compute=sliced_wasserstein,
        reference=zero,
        kind="shape",
        cost="sample",
        better="lower",
        range=(0, 2),
        source="Bonneel et al. 2015, JMIV 51",
    ),
    "sinkhorn_divergence": Measure(
        compute=sinkhorn_divergence,
        reference=zero,
        kind="shape",
        cost="sample",
        better="lower",
        range=(0, 4),
        source="Genevay et al. 2018, arXiv 1706.00292; Feydy et al. 2019, arXiv 1810.08278",
    ),
    "silhouette_by_modality": Measure(
        compute=silhouette_by_modality,
        reference=zero,
        kind="shift",
        cost="sample",
        better="lower",
        range=(-1, 1),
        source="Rousseeuw 1987, JCAM 20",
    ),
    "linear_separability": Measure(
        compute=linear_separability,
        reference=lambda view: 0.5,
        kind="shift",
        cost="sample",
        better="lower",
        range=(0, 1),
        source="Role, Meyer & Amblard 2025, arXiv 2505.03703",
    ),
    "linear_separability_auc": Measure(
        compute=linear_separability_auc,
        reference=lambda view: 0.5,
        kind="shift",
        cost="sample",
        better="lower",
        range=(0, 1),
        source="DeLong et al. 1988; LeDell, Petersen & van der Laan 2015",
    ),
    "same_modality_share": Measure(
        compute=share.same_modality_share,
        reference=share.base_rate,
        kind="neighbourhood",
        cost="search",
        better="lower",
        range=(0, 1),
        source="Role, Meyer & Amblard 2025, arXiv 2505.03703",
    ),
    "ilisi": Measure(
        compute=lisi.ilisi,
        reference=lisi.well_mixed,
        kind="neighbourhood",
        cost="search",
        better="higher",
        range=(0, 1),
        source="Korsunsky et al. 2019; scaled as in Luecken et al. 2022",
    ),
    "kbet": Measure(
        compute=neighbourhoods.kbet,
        reference=neighbourhoods.well_mixed,
        kind="neighbourhood",
        cost="search",
        better="higher",
        range=(0, 1),
        source="Büttner et al. 2019, Nature Methods 16",
    ),
    "hubness_within": Measure(
        compute=within.hubness_within,
        reference=within.by_chance,
        kind="neighbourhood",
        cost="sample",
        better="lower",
        range=(-math.inf, math.inf),
        source="Radovanović, Nanopoulos & Ivanović 2010, JMLR 11",
    ),
    "hubness_cross": Measure(
        compute=across.hubness_cross,
        reference=across.as_within,
        kind="neighbourhood",
        cost="sample",
        better="lower",
        range=(-math.inf, math.inf),
        source="Radovanović, Nanopoulos & Ivanović 2010, JMLR 11",
    ),
    "hub_share": Measure(
        compute=hubs.hub_share,
        reference=hubs.by_chance,
        kind="neighbourhood",
        cost="sample",
        better="lower",
        range=(0, 1),
        source="Radovanović, Nanopoulos & Ivanović 2010, JMLR 11",
    ),
    "cluster_mixing": Measure(
        compute=mixing.cluster_mixing,
        reference=mixing.well_mixed,
        kind="neighbourhood",
        cost="sample",
        better="higher",
        range=(0, 1),
        source="1 − homogeneity of Rosenberg & Hirschberg 2007",
    ),
    "cluster_nmi_modality": Measure(
        compute=nmi_modality.cluster_nmi_modality,
        reference=nmi_modality.by_chance,
        kind="neighbourhood",
        cost="sample",
        better="lower",
        range=(0, 1),
        source="Strehl & Ghosh 2002, JMLR 3",
    ),
    "cluster_nmi_labels": Measure(
        compute=nmi_labels.cluster_nmi_labels,
        reference=nmi_labels.by_chance,
        kind="signal",
        cost="sample",
        better="higher",
        range=(0, 1),
        source="Strehl & Ghosh 2002, JMLR 3",
        needs=LABELS,
    ),
    "score_overlap_random": Measure(
        compute=score_overlap_random,
        reference=lambda view: 1.0,
        kind="shift",
        cost="sample",
        better="higher",
        range=(0, 1),
        source="Inman & Bradley 1989, in its form by ranks",
    ),
    "score_overlap_matches": Measure(
        compute=score_overlap_matches,
        reference=lambda view: 1.0,
        kind="shift",
        cost="sample",
        better="higher",
        range=(0, 1),
        source="Inman & Bradley 1989, in its form by ranks",
        needs=PAIRS,
    ),
    "pairing_signal": Measure(
        compute=pairing.pairing_signal,
        reference=pairing.chance,
        kind="signal",
        cost="search",
        better="higher",
        range=(0, 1),
        source="permutation test: Phipson & Smyth 2010",
        needs=PAIRS,
    ),
    "alignment": Measure(
        compute=alignment,
        reference=zero,
        kind="shift",
        cost="sample",
        better="lower",
        range=(0, 4),
        source="Wang & Isola 2020, arXiv 2005.10242",
        needs=PAIRS,
    ),
    "uniformity_image": Measure(
        compute=uniformity.uniformity_image,
        reference=uniformity.uniform,
        kind="spread",
        cost="sample",
        better="lower",
        range=(-8, 0),
        source="Wang & Isola 2020, arXiv 2005.10242",
    ),
    "uniformity_text": Measure(
        compute=uniformity.uniformity_text,
        reference=uniformity.uniform,
        kind="spread",
        cost="sample",
        better="lower",
        range=(-8, 0),
        source="Wang & Isola 2020, arXiv 2005.10242",
    ),
    "uniformity_cross": Measure(
        compute=uniformity.uniformity_cross,
        reference=uniformity.own,
        kind="spread",
        cost="sample",
        better="higher",
        range=(-8, 0),
        source="Wang & Isola 2020, arXiv 2005.10242",
    ),
    "effective_rank_image": Measure(
        compute=rank.effective_rank_image,
        reference=rank.text_rank,
        kind="shape",
        cost="sample",
        better="neither",
        range=(1, math.inf),
        source="Roy & Vetterli 2007",
    ),
    "effective_rank_text": Measure(
        compute=rank.effective_rank_text,
        reference=rank.image_rank,
        kind="shape",
        cost="sample",
        better="neither",
        range=(1, math.inf),
        source="Roy & Vetterli 2007",
    ),
    "subspace_angle": Measure(
        compute=subspace_angle,
        reference=zero,
        kind="shape",
        cost="sample",
        better="lower",
        range=(0, 90),
        source="Jordan 1875; Björck & Golub 1973",
    ),
    "gap_top_share": Measure(
        compute=top_share.gap_top_share,
        reference=top_share.in_a_random_direction,
        kind="shift",
        cost="sample",
        better="neither",
        range=(0, 1),
        source="after Schrodi et al. 2024, arXiv 2404.07983",
    ),
    "laplacian_gap": Measure(
        compute=laplacian.laplacian_gap,
        reference=laplacian.one_piece,
        kind="neighbourhood",
        cost="sample",
        better="neither",
        range=(0, 1),
        source="Chung 1997; Dhillon 2001",
    ),
    "cka": Measure(
        compute=cka,
        reference=zero,
        kind="signal",
        cost="sample",
        better="higher",
        range=(-1, 1),
        source="Kornblith et al. 2019, arXiv 1905.00414; Song et al. 2007",
        needs=PAIRS,
    ),
    "mutual_knn": Measure(
        compute=knn.mutual_knn,
        reference=knn.by_chance,
        kind="signal",
        cost="sample",
        better="higher",
        range=(0, 1),
        source="Huh et al. 2024, arXiv 2405.07987",
        needs=PAIRS,
    ),
    "distance_correlation": Measure(
        compute=distance_correlation,
        reference=zero,
        kind="signal",
        cost="sample",
        better="higher",
        range=(-1, 1),
        source="Mantel 1967; Mémoli 2011",
        needs=PAIRS,
    ),
}
