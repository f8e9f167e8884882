"""Hold one correction's held-out figures against the policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dohyo.decision.information import Information, lost
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason, groups_to_decide
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.compare import (
    resampled,
    resampled_change,
    share_departure,
)
from dohyo.verification.evaluate import Outcome
from dohyo.verification.protocols import Protocol

MIXED, RECALL, SHARE = "mixed_ndcg_at_10", "recall_at_1", "cross_share"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Scores:
    """What one correction did under one protocol, with its resamples.

    Attributes
    ----------
    mixed : mixed nDCG@10 after the correction
    gain : paired change of mixed nDCG@10
    recall : cross-modal R@1 after the correction, mean of both directions
    harm : paired change of it (negative is harm)
    share : share of the other modality in the first ten after the correction
    departure : cross share minus base rate, by the query's modality
    departure_before : the same without the correction
    gap_left : distance that is left between the means of images and texts
    metrics : what `mixed` and `recall` are called; judged queries have figures of their own
    """

    mixed: Resampled
    gain: Resampled
    recall: Resampled
    harm: Resampled
    share: Resampled
    departure: Mapping[str, float]
    departure_before: Mapping[str, float]
    gap_left: float
    metrics: tuple[str, str] = (MIXED, RECALL)

    def to_json(self, policy: Policy) -> dict[str, Any]:
        """Return estimates, the two bounds that decide, and the departures."""
        mixed, recall = self.metrics
        return {
            mixed: self.mixed.estimate().to_json(),
            f"{mixed}_change": self.gain.estimate().to_json(),
            f"{mixed}_change_lower_bound": self.gain.lower_bound(policy.level),
            recall: self.recall.estimate().to_json(),
            f"{recall}_change": self.harm.estimate().to_json(),
            f"{recall}_change_lower_bound": self.harm.lower_bound(policy.level),
            "cross_share": self.share.estimate().to_json(),
            "cross_share_departure": dict(self.departure),
            "gap_left": self.gap_left,
        }


def score(before: Outcome, after: Outcome, protocol: Protocol, *, seed: int) -> Scores:
    """Return the scores of a correction against no correction, paired by query."""
    return Scores(
        mixed=resampled(after.ranked, MIXED, protocol, seed=seed),
        gain=resampled_change(before.ranked, after.ranked, MIXED, protocol, seed=seed),
        recall=resampled(after.ranked, RECALL, protocol, seed=seed),
        harm=resampled_change(before.ranked, after.ranked, RECALL, protocol, seed=seed),
        share=resampled(after.ranked, SHARE, protocol, seed=seed),
        departure=share_departure(after.ranked),
        departure_before=share_departure(before.ranked),
        gap_left=after.gap_left,
    )


def failures(
    scores: Mapping[Protocol, Scores], policy: Policy, information: Information | None = None
) -> tuple[Reason, ...]:
    """Return the reason for every guardrail that the figures fail; empty if they pass.

    A gain or a freedom from harm that the interval merely leaves open has a code that ends in
    `_undecided`: more data could settle it. Of the protocols, those are asked that the policy's
    share of growth leaves in force.
    """
    found: list[Reason] = []
    for protocol in policy.guarded:
        found += _on_protocol(protocol, scores[protocol], policy)
    return (*found, *(() if information is None else lost(information, policy)))


def _on_protocol(protocol: Protocol, scores: Scores, policy: Policy) -> list[Reason]:
    found: list[Reason] = []
    gain, harm = scores.gain, scores.harm
    if gain.lower_bound(policy.level) <= 0:
        code = "gain_undecided" if gain.value > 0 else "no_gain"
        found.append(Reason(code, _figures(protocol, gain, policy, needed=gain.value)))
    if harm.lower_bound(policy.level) <= -policy.recall_margin:
        room = harm.value + policy.recall_margin
        code = "harm_undecided" if room > 0 else "harm"
        found.append(
            Reason(
                code,
                _figures(protocol, harm, policy, needed=room) | {"margin": policy.recall_margin},
            )
        )
    return found + share_failures(protocol, scores, policy)


def share_failures(protocol: Protocol, scores: Scores, policy: Policy) -> list[Reason]:
    """Return a reason for every kind of query that a correction leaves with an unfair share.

    Too much of the other kind is how a correction deceives mixed nDCG@10. Too little is what
    every index starts from: a harm only where it was nearer to its base rate before.
    """
    found = []
    for modality, departure in scores.departure.items():
        low = departure < -policy.share_departure
        if departure > policy.share_departure or (
            low and departure < scores.departure_before[modality]
        ):
            found.append(
                Reason(
                    "share_low" if low else "share_high",
                    {
                        "protocol": protocol,
                        "modality": modality,
                        "departure": abs(departure),
                        "limit": policy.share_departure,
                    },
                )
            )
    return found


def _figures(
    protocol: Protocol, figure: Resampled, policy: Policy, *, needed: float
) -> dict[str, float | str]:
    """Return the figures of a sentence, with the groups at which `needed` would stand out."""
    return {
        "protocol": protocol,
        "value": figure.value,
        "bound": figure.lower_bound(policy.level),
        "groups": groups_to_decide(figure, policy.level, needed),
    }
