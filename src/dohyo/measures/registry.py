"""Every measure under its name. To add one: write its file, add one line here."""

from collections.abc import Callable
from dataclasses import dataclass

from dohyo.estimate import Estimate
from dohyo.measures import pairing_signal as pairing
from dohyo.measures import same_modality_share as share
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.frechet_distance import frechet_distance
from dohyo.measures.linear_separability import linear_separability
from dohyo.measures.relative_modality_gap import relative_modality_gap
from dohyo.measures.view import View


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the gap.

    Attributes
    ----------
    compute : the figure with its interval
    reference : what the figure would be with no gap (for the pairing signal: with no pairing)
    source : where the formula comes from
    """

    compute: Callable[[View], Estimate]
    reference: Callable[[View], float]
    source: str


MEASURES: dict[str, Measure] = {
    "centroid_distance": Measure(centroid_distance, lambda view: 0.0, "arXiv 2203.02053"),
    "relative_modality_gap": Measure(relative_modality_gap, lambda view: 0.0, "arXiv 2404.07983"),
    "frechet_distance": Measure(frechet_distance, lambda view: 0.0, "Dowson & Landau 1982"),
    "linear_separability": Measure(linear_separability, lambda view: 0.5, "arXiv 2505.03703"),
    "same_modality_share": Measure(share.same_modality_share, share.base_rate, "arXiv 2505.03703"),
    "pairing_signal": Measure(pairing.pairing_signal, pairing.chance, "Phipson & Smyth 2010"),
}
