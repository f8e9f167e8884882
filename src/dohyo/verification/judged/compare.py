"""Judged queries before against after, paired by query, resampled by group."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dohyo.corpus import MODALITIES
from dohyo.verification.changed import Changed, changed_mean
from dohyo.verification.compare import Comparison
from dohyo.verification.judged.asked import Asked
from dohyo.verification.judged.evaluate import F64, JudgedOutcome
from dohyo.verification.judged.figures import NDCG, RECALL, RECIPROCAL, UNJUDGED_SHARE
from dohyo.verification.lists import DEPTH

JUDGED_METRICS = (NDCG, RECALL, RECIPROCAL, "cross_share", UNJUDGED_SHARE)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JudgedFigures:
    """What the judged queries say, beside the comparison of all of them.

    Attributes
    ----------
    queries : how many asked, each with something that answers it
    unanswered : how many were left out because nothing answers them
    judgements : how many judged pairs the figures rest on
    outside : whether the queries are in no index
    by_modality : each of `JUDGED_METRICS` by the kind of the query; told, not tested
    """

    queries: int
    unanswered: int
    judgements: int
    outside: bool
    by_modality: Mapping[str, Mapping[str, Changed]]

    def to_json(self) -> dict[str, Any]:
        """Return counts, and figures by kind of query."""
        return {
            "queries": self.queries,
            "unanswered": self.unanswered,
            "judgements": self.judgements,
            "outside": self.outside,
            "by_modality": {
                kind: {name: each.to_json() for name, each in figures.items()}
                for kind, figures in self.by_modality.items()
            },
        }


def compare_judged(before: JudgedOutcome, after: JudgedOutcome, *, seed: int) -> Comparison:
    """Return every figure of the judged queries with a 95 % interval, queries of equal weight."""
    found = _changed(before, after, seed)
    return Comparison(
        before={name: each.before.estimate() for name, each in found.items()},
        after={name: each.after.estimate() for name, each in found.items()},
        change={name: each.change.estimate(each.p) for name, each in found.items()},
        base_rate=by_kind(before, before.base_rate),
        cross_share_by_modality=by_kind(after, after.figures["cross_share"]),
        cross_by_rank={
            name: (_by_rank(before, number), _by_rank(after, number))
            for number, name in enumerate(MODALITIES)
            if (before.modality == number).any()
        },
        gap_left=(before.gap_left, after.gap_left),
        resampled={name: each.change for name, each in found.items()},
    )


def judged_figures(
    asked: Asked, before: JudgedOutcome, after: JudgedOutcome, *, seed: int
) -> JudgedFigures:
    """Return how much was judged, and every figure by the kind of the query."""
    return JudgedFigures(
        queries=len(asked.row),
        unanswered=asked.unanswered,
        judgements=len(asked.relevance.key),
        outside=asked.outside is not None,
        by_modality={
            name: {
                figure: replace(each, p=None)
                for figure, each in _changed(
                    before.of(before.modality == number), after.of(after.modality == number), seed
                ).items()
            }
            for number, name in asked.kinds
        },
    )


def by_kind(outcome: JudgedOutcome, figure: F64) -> dict[str, float]:
    """Return the mean of a figure by the kind of the query, for the kinds that ask."""
    return {
        name: float(figure[outcome.modality == number].mean())
        for number, name in enumerate(MODALITIES)
        if (outcome.modality == number).any()
    }


def _changed(before: JudgedOutcome, after: JudgedOutcome, seed: int) -> dict[str, Changed]:
    return {
        name: changed_mean(before.figures[name], after.figures[name], before.group, seed=seed)
        for name in JUDGED_METRICS
    }


def _by_rank(outcome: JudgedOutcome, number: int) -> list[float]:
    """Return the share at each rank that every such query reaches."""
    here = outcome.cross_at_rank[outcome.modality == number]
    reached = [rank for rank in range(DEPTH) if not np.isnan(here[:, rank]).any()]
    return [float(here[:, rank].mean()) for rank in reached]
