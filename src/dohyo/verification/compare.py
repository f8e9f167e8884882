"""Before against after, paired by query, resampled by group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.estimate import Estimate
from dohyo.rows import I64
from dohyo.stats.bootstrap import Credits, Resampled, bootstrap_mean
from dohyo.stats.permutation import MOST_DRAWS, sign_flip_p
from dohyo.verification.lists import DEPTH
from dohyo.verification.protocols import Protocol
from dohyo.verification.retrieval import METRICS, Ranked

RECALL = "recall_at_1"
Figures = Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One protocol's figures before and after a correction.

    Attributes
    ----------
    before, after, change : estimate of each of `METRICS`; the change is paired by query and
        carries a sign-flip p-value
    base_rate : share of the other modality among what can be found, by the query's modality
    cross_share_by_modality : the same share in the first ten, after, by the query's modality
    cross_by_rank : (before, after) by the query's modality: share of the other one at each rank
    gap_left : (before, after) distance between the means of the gallery's images and texts
    resampled : the change of each metric with its replicates, for what is computed from it
    """

    before: Figures
    after: Figures
    change: Figures
    base_rate: Mapping[str, float]
    cross_share_by_modality: Mapping[str, float]
    cross_by_rank: Mapping[str, tuple[list[float], list[float]]]
    gap_left: tuple[float, float]
    resampled: Mapping[str, Resampled] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return before, after and change by metric, and what they are read against."""
        return {
            "before": {name: e.to_json() for name, e in self.before.items()},
            "after": {name: e.to_json() for name, e in self.after.items()},
            "change": {name: e.to_json() for name, e in self.change.items()},
            "base_rate": dict(self.base_rate),
            "cross_share_by_modality": dict(self.cross_share_by_modality),
            "cross_by_rank": {
                name: {"before": before, "after": after}
                for name, (before, after) in self.cross_by_rank.items()
            },
            "gap_left": {"before": self.gap_left[0], "after": self.gap_left[1]},
        }


def strata(ranked: Ranked, metric: str, protocol: Protocol) -> I64 | None:
    """Return what a metric is averaged over first: the two directions, or nothing.

    Recall within the other modality is by definition the mean of both directions, and so is
    everything in *unseen query*; the mixed figures of *unseen corpus* are over all queries.
    """
    if protocol == "unseen_query" or metric.startswith("recall"):
        return ranked.modality
    return None


def resampled_change(
    before: Ranked, after: Ranked, metric: str, protocol: Protocol, *, seed: int
) -> Resampled:
    """Return the paired change of a metric with its bootstrap replicates."""
    return bootstrap_mean(
        after.metric(metric) - before.metric(metric),
        before.group,
        stratum=strata(before, metric, protocol),
        credits=_credits(metric, after, before),
        seed=seed,
    )


def resampled(ranked: Ranked, metric: str, protocol: Protocol, *, seed: int) -> Resampled:
    """Return a metric with its bootstrap replicates."""
    return bootstrap_mean(
        ranked.metric(metric),
        ranked.group,
        stratum=strata(ranked, metric, protocol),
        credits=_credits(metric, ranked),
        seed=seed,
    )


def _credits(metric: str, after: Ranked, before: Ranked | None = None) -> Credits | None:
    """Return what groups do to the R@1 of others by being in the collection; None for the rest.

    Without its rival a query would be a hit, so the rival has taken one from the sum; one that
    stands in the way before and after has changed nothing. The other figures look further down
    the list, where one item more or less changes little.
    """
    if metric != RECALL:
        return None
    if before is None:
        taken = np.full(len(after.rival), -1.0)
        return Credits(group=after.rival, amount=taken, stratum=after.modality)
    new = after.rival != before.rival
    once = np.ones(int(new.sum()))
    return Credits(
        group=np.concatenate([after.rival[new], before.rival[new]]),
        amount=np.concatenate([-once, once]),
        stratum=np.tile(after.modality[new], 2),
    )


def compare(
    before: Ranked,
    after: Ranked,
    protocol: Protocol,
    *,
    gap_left: tuple[float, float],
    seed: int = 0,
) -> Comparison:
    """Return all figures of a protocol, each with a 95 % interval clustered by group."""
    change, drawn = {}, {}
    for metric in METRICS:
        p = sign_flip_p(
            after.metric(metric) - before.metric(metric),
            before.group,
            stratum=strata(before, metric, protocol),
            seed=seed,
            most=MOST_DRAWS,
        )
        drawn[metric] = resampled_change(before, after, metric, protocol, seed=seed)
        change[metric] = drawn[metric].estimate(p)
    return Comparison(
        before={m: resampled(before, m, protocol, seed=seed).estimate() for m in METRICS},
        after={m: resampled(after, m, protocol, seed=seed).estimate() for m in METRICS},
        change=change,
        base_rate=_by_modality(before, before.base_rate),
        cross_share_by_modality=_by_modality(after, after.cross_share),
        cross_by_rank={
            name: (_by_rank(before, number), _by_rank(after, number))
            for number, name in enumerate(MODALITIES)
        },
        gap_left=gap_left,
        resampled=drawn,
    )


def share_departure(ranked: Ranked) -> dict[str, float]:
    """Return cross share minus base rate, by the query's modality."""
    return _by_modality(ranked, ranked.cross_share - ranked.base_rate)


def _by_modality(ranked: Ranked, figure: NDArray[np.float64]) -> dict[str, float]:
    return {
        name: float(figure[ranked.modality == number].mean())
        for number, name in enumerate(MODALITIES)
    }


def _by_rank(ranked: Ranked, number: int) -> list[float]:
    """Return the share at each rank that every such query reaches."""
    here = ranked.cross_at_rank[ranked.modality == number]
    reached = [rank for rank in range(DEPTH) if not np.isnan(here[:, rank]).any()]
    return [float(here[:, rank].mean()) for rank in reached]
