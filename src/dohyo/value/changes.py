"""The measured changes that money is made of, each with its resamples."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtri  # scipy.stats takes half a second to import

from dohyo.decision.verdict import Decision
from dohyo.estimate import Estimate
from dohyo.stats.bootstrap import RESAMPLES, Resampled

FOUND = {
    "judged": "judged_recall_at_10",
    "unseen_query": "mixed_recall_at_10",
    "unseen_corpus": "mixed_recall_at_10",
}
"""The share of what was searched for that is in the first ten, by protocol."""
THRESHOLD = "comparability"
FALSE = ("false_rate_image", "false_rate_text", "false_rate_cross")
MISSED = "missed_matches"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Changes:
    """What a correction changes, on data that its choice never saw.

    Attributes
    ----------
    found : change of the share of mixed searches that find a match in their first ten
    false : change of the share of non-matches that pass one threshold, mean over kinds of pairs.
        The threshold is set by this share, so it hardly changes: what a correction gains shows
        in `missed`
    missed : change of the share of true matches that the threshold rejects; each None where
        unknown
    """

    found: Resampled | None
    false: Resampled | None = None
    missed: Resampled | None = None


def changes_of(decision: Decision) -> Changes:
    """Return the changes of a decision's held-out figures.

    A company's own judged queries come first. Otherwise both protocols are averaged with the
    policy's share of growth as the weight of *unseen corpus*; both were resampled with the same
    draws, so each replicate is of the same groups.
    """
    found: dict[str, Resampled] = {
        name: each.resampled[FOUND[name]]
        for name, each in decision.protocols.items()
        if FOUND.get(name) in each.resampled
    }
    task = decision.tasks.get(THRESHOLD)
    figures = {} if task is None else {name: f.change for name, f in task.figures.items()}
    return _changes(found, figures, decision.policy.growing)


def changes_of_report(report: Mapping[str, Any]) -> Changes:
    """Return the changes of a written report, which keeps no resamples.

    Each is taken for normal with the standard error that its interval tells. How they move
    together is not written down: they are taken to move as one, which makes the interval of the
    average over both protocols the widest that it can be.

    Parameters
    ----------
    report : what `report.json` holds
    """
    told = {name: (each or {}).get("change", {}) for name, each in report["verify"].items()}
    found: dict[str, Resampled] = {
        name: _normal(told[name][figure])
        for name, figure in FOUND.items()
        if figure in told.get(name, {})
    }
    wanted = (*FALSE, MISSED)
    threshold = told.get(THRESHOLD, {})
    figures = {name: _normal(threshold[name]) for name in wanted if name in threshold}
    for name in FALSE:
        if name in figures:
            # Their mean is held still by the threshold, though each of them moves.
            still = np.full(RESAMPLES, figures[name].value)
            figures[name] = replace(figures[name], replicates=still)
    return _changes(found, figures, report["decision"]["policy"]["growing"])


def standard_error(estimate: Estimate) -> float:
    """Return the standard error that a 95 % interval tells."""
    return float((estimate.high - estimate.low) / (2 * ndtri(0.975)))


def _changes(
    found: Mapping[str, Resampled], figures: Mapping[str, Resampled], growing: float
) -> Changes:
    rates = [figures[name] for name in FALSE if name in figures]
    return Changes(
        found=_averaged(found, growing),
        false=_mean(rates) if len(rates) == len(FALSE) and MISSED in figures else None,
        missed=figures.get(MISSED),
    )


def _averaged(found: Mapping[str, Resampled], growing: float) -> Resampled | None:
    query, corpus = found.get("unseen_query"), found.get("unseen_corpus")
    if "judged" in found:
        return found["judged"]
    if query is None or corpus is None:
        return query or corpus
    return query.averaged_with(corpus, growing)


def _mean(figures: list[Resampled]) -> Resampled:
    whole = figures[0]
    for place, each in enumerate(figures[1:], start=2):
        whole = whole.averaged_with(each, 1 / place)
    return whole


def _normal(document: dict[str, Any]) -> Resampled:
    told = Estimate.from_json(document)
    middle = (np.arange(RESAMPLES) + 0.5) / RESAMPLES
    quantiles = told.value + standard_error(told) * ndtri(middle)
    order = np.random.default_rng(told.seed).permutation(RESAMPLES)
    return Resampled(
        value=told.value,
        replicates=np.clip(quantiles, -1.0, 1.0)[order],
        groups=told.n,
        seed=told.seed,
    )
