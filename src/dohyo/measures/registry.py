"""Every measure under its name. To add one: write its file, add one line here."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dohyo.estimate import Estimate
from dohyo.measures import pairing_signal as pairing
from dohyo.measures import same_modality_share as share
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.frechet_distance import frechet_distance
from dohyo.measures.linear_separability import linear_separability
from dohyo.measures.relative_modality_gap import relative_modality_gap
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
    "linear_separability": Measure(
        compute=linear_separability,
        reference=lambda view: 0.5,
        kind="shift",
        cost="sample",
        better="lower",
        range=(0, 1),
        source="Role, Meyer & Amblard 2025, arXiv 2505.03703",
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
}
