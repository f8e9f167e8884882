"""Held-out results segment by segment: who gains from a correction, and who pays for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dohyo.rows import I64
from dohyo.stats.holm import holm
from dohyo.stats.permutation import MOST_DRAWS, sign_flip_p
from dohyo.verification.changed import Changed, changed_mean
from dohyo.verification.compare import strata
from dohyo.verification.partitions import Partition
from dohyo.verification.protocols import Protocol
from dohyo.verification.retrieval import Ranked

FIGURES = ("mixed_ndcg_at_10", "mixed_recall_at_10", "recall_at_1")

Tried = Mapping[Protocol, tuple[Ranked, Ranked]]
"""The figures of every query before and after a correction, by protocol."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Segment:
    """What a correction did for one part of the corpus.

    Attributes
    ----------
    kind : how the corpus was cut, see `Partition`
    name : of the segment; None for all the smaller ones of this kind together
    groups : (g,) the groups in it that ask
    figures : each of `FIGURES` by protocol, paired by query, resampled by group within the
        segment; `p_holm` is corrected over all figures of all segments
    """

    kind: str
    name: str | None
    groups: I64
    figures: Mapping[Protocol, Mapping[str, Changed]]

    def to_json(self) -> dict[str, Any]:
        """Return kind, name, number of groups, and before, after and change by protocol."""
        return {"kind": self.kind, "name": self.name, "groups": len(self.groups)} | {
            protocol: {name: each.to_json() for name, each in figures.items()}
            for protocol, figures in self.figures.items()
        }


def segmented(cuts: Sequence[Partition], tried: Tried, *, seed: int) -> tuple[Segment, ...]:
    """Return the results of every segment, their p-values corrected over all of them.

    Parameters
    ----------
    tried : before and after, the same queries in the same order
    """
    members = [
        (cut, name, np.flatnonzero(cut.segment == place).astype(np.int64))
        for cut in cuts
        for place, name in enumerate(cut.names)
    ]
    found = []
    for cut, name, groups in members:
        parts = {protocol: _of(each, groups) for protocol, each in tried.items()}
        figures = {
            protocol: {name: _change(before, after, name, protocol, seed) for name in FIGURES}
            for protocol, (before, after) in parts.items()
        }
        asking = next(iter(parts.values()))[0]
        heard = np.unique(asking.group[~np.isnan(asking.recall_at_1)])
        found.append(Segment(kind=cut.kind, name=name, groups=heard, figures=figures))
    return _corrected(found)


def excess_p(
    pair: tuple[Ranked, Ranked],
    segment: Segment,
    protocol: Protocol,
    *,
    margin: float,
    seed: int,
) -> float:
    """Return the one-sided p-value of a loss of R@1 in a segment being no larger than a margin.

    The margin is added to every query's change, and the signs of what then remains are flipped by
    group: at the margin that sum is 0 on average. It is half the two-sided p-value of a loss, and
    1 of anything less than the margin.
    """
    before, after = _of(pair, segment.groups)
    beyond = after.recall_at_1 - before.recall_at_1 + margin
    if segment.figures[protocol]["recall_at_1"].change.value >= -margin:
        return 1.0
    return 0.5 * sign_flip_p(
        beyond,
        before.group,
        stratum=strata(before, "recall_at_1", protocol),
        seed=seed,
        most=MOST_DRAWS,
    )


def _of(pair: tuple[Ranked, Ranked], groups: I64) -> tuple[Ranked, Ranked]:
    here = np.isin(pair[0].group, groups)
    return pair[0].of(here), pair[1].of(here)


def _change(before: Ranked, after: Ranked, name: str, protocol: Protocol, seed: int) -> Changed:
    return changed_mean(
        before.metric(name),
        after.metric(name),
        before.group,
        stratum=strata(before, name, protocol),
        seed=seed,
    )


def _corrected(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    every = [
        1.0 if each.p is None else each.p
        for segment in segments
        for figures in segment.figures.values()
        for each in figures.values()
    ]
    adjusted = iter(holm(every))
    return tuple(
        replace(
            segment,
            figures={
                protocol: {
                    name: replace(each, p_holm=next(adjusted)) for name, each in figures.items()
                }
                for protocol, figures in segment.figures.items()
            },
        )
        for segment in segments
    )
