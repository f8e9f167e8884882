"""What each chart shows, as rows: the charts draw these and nothing else."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dohyo.corrections.recipe import Recipe
from dohyo.decision.choose import Candidate
from dohyo.decision.policy import Policy
from dohyo.decision.sweep import Sweep
from dohyo.estimate import Estimate
from dohyo.measures.profile import Profile
from dohyo.reports.findings import HEADLINE
from dohyo.reports.projection import GapMap
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.words import Words

Rows = list[dict[str, Any]]

MAIN_METRICS = ("mixed_ndcg_at_10", "mixed_recall_at_10", "recall_at_1")
JUDGED_METRICS = ("judged_ndcg_at_10", "judged_recall_at_10", "judged_reciprocal_rank_at_10")


def gap_rows(each: GapMap, words: Words) -> Rows:
    """Return the points of a gap map."""
    return [
        {"x": _short(x), "y": _short(y), "kind": words.name(kind)}
        for kind, side in (("image", each.image), ("text", each.text))
        for x, y in side.tolist()
    ]


def pair_rows(each: GapMap) -> Rows:
    """Return a line from every image to its text.

    The map holds one text for each of its images, in their order, wherever pairs are known;
    unequal counts say that some image has none, and then nobody is joined.
    """
    if not each.paired or len(each.image) != len(each.text):
        return []
    ends = np.concatenate([each.image, each.text], axis=1).tolist()
    return [
        {"x": _short(x), "y": _short(y), "x2": _short(x2), "y2": _short(y2)}
        for x, y, x2, y2 in ends
    ]


def deciding_of(candidate: Candidate) -> tuple[Protocol, ...]:
    """Return the protocols by which a candidate is weighed: judged queries alone, if any."""
    return ("judged",) if "judged" in candidate.scores else PROTOCOLS


def ladder_rows(
    candidates: Sequence[Candidate], chosen: Recipe, policy: Policy, words: Words
) -> Rows:
    """Return a point with its whiskers for each candidate and protocol.

    What all of them have in common tells none apart and is left out of their names.
    """
    rows = []
    shared = "+calibrate" if all(c.recipe.calibrates for c in candidates) else ""
    for candidate in candidates:
        standing = "passes" if candidate.passes else "fails"
        if candidate.recipe == chosen:
            standing = "chosen"
        for protocol in deciding_of(candidate):
            scores = candidate.scores[protocol]
            low, high = _bounds(scores.harm, policy)
            bottom, top = _bounds(scores.gain, policy)
            rows.append(
                {
                    "protocol": protocol,
                    "method": words.short(candidate.recipe.label.replace(shared, "")),
                    "standing": words(f"standing.{standing}"),
                    "harm": scores.harm.value,
                    "low": low,
                    "high": high,
                    "gain": scores.gain.value,
                    "bottom": bottom,
                    "top": top,
                }
            )
    return rows


def strength_rows(sweep: Sweep, words: Words) -> Rows:
    """Return gain, harm and cross share at each strength, by protocol, with their intervals."""
    return [
        {
            "protocol": protocol,
            "figure": figure,
            "strength": point.strength,
            "standing": words("standing.fails" if point.why else "standing.passes"),
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
        }
        for point in sweep.points
        for protocol in PROTOCOLS
        for figure in ("gain", "harm", "share")
        for estimate in [getattr(point.scores[protocol], figure).estimate()]
    ]


def rank_rows(comparison: Comparison, words: Words, *, touched: bool) -> Rows:
    """Return the share of the other kind by query kind, time and rank, and its base rate."""
    rows = []
    for kind, (before, after) in comparison.cross_by_rank.items():
        level = [comparison.base_rate[kind]] * len(before)
        series = {"chart.before": before, "chart.after": after, "chart.who.base_rate": level}
        if not touched:
            del series["chart.after"]
        rows += [
            {
                "kind": kind,
                "when": words(key),
                "rank": rank,
                "share": share,
                "measured": key != "chart.who.base_rate",
            }
            for key, shares in series.items()
            for rank, share in enumerate(shares, start=1)
        ]
    return rows


def figure_rows(comparison: Comparison, words: Words, *, touched: bool) -> Rows:
    """Return the main figures of a protocol before and, where something was applied, after."""
    return [
        row
        for metric in (*MAIN_METRICS, *JUDGED_METRICS)
        if metric in comparison.before
        for row in _dots(
            words.name(metric),
            comparison.before[metric],
            comparison.after[metric] if touched else None,
            words,
        )
    ]


def profile_rows(before: Profile, after: Profile | None, words: Words) -> Rows:
    """Return the main measures before, after, and as they would be without a gap."""
    rows: Rows = []
    for name in HEADLINE:
        estimate = before.estimates.get(name)
        if estimate is None:
            continue
        later = None if after is None else after.estimates.get(name)
        rows += _dots(words.measure(name), estimate, later, words, before.references[name])
    return rows


def _dots(
    label: str,
    before: Estimate,
    after: Estimate | None,
    words: Words,
    reference: float | None = None,
) -> Rows:
    """Return a row of the data for each of before, after and what is expected."""
    rows = [
        {
            "label": label,
            "when": words(f"chart.{name}"),
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
        }
        for name, estimate in (("before", before), ("after", after))
        if estimate is not None
    ]
    if reference is not None:
        ends: dict[str, Any] = dict.fromkeys(("value", "low", "high"), reference)
        rows.append({"label": label, "when": words("chart.reference")} | ends)
    return rows


def _bounds(figure: Resampled, policy: Policy) -> tuple[float, float]:
    return figure.lower_bound(policy.level), figure.lower_bound(1 - policy.level)


def _short(value: float) -> float:
    return round(value, 4)
