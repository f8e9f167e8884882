"""Hold what a correction does for judged queries against the policy."""

from collections.abc import Mapping

from dohyo.decision.guardrails import Scores, failures, share_failures
from dohyo.decision.information import Information, lost
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason, groups_to_decide
from dohyo.stats.bootstrap import Resampled, bootstrap_mean
from dohyo.verification.judged.compare import by_kind
from dohyo.verification.judged.evaluate import F64, JudgedOutcome
from dohyo.verification.judged.figures import NDCG, RECALL
from dohyo.verification.protocols import PROTOCOLS, Protocol

NOT_OF_PAIRS = ("no_gain", "gain_undecided", "share_low", "share_high")
"""What pairs do not forbid beside judged queries, which say whether a mixed list is better; that
search from one kind to the other is not lost, and what each kind keeps, is still asked of them."""


def judged_score(before: JudgedOutcome, after: JudgedOutcome, *, seed: int) -> Scores:
    """Return the scores of a correction against no correction, paired by query."""

    def mean(figure: F64) -> Resampled:
        return bootstrap_mean(figure, before.group, seed=seed)

    return Scores(
        mixed=mean(after.figures[NDCG]),
        gain=mean(after.figures[NDCG] - before.figures[NDCG]),
        recall=mean(after.figures[RECALL]),
        harm=mean(after.figures[RECALL] - before.figures[RECALL]),
        share=mean(after.figures["cross_share"]),
        departure=by_kind(after, after.figures["cross_share"] - after.base_rate),
        departure_before=by_kind(before, before.figures["cross_share"] - before.base_rate),
        gap_left=after.gap_left,
        metrics=(NDCG, RECALL),
    )


def judged_failures(
    scores: Mapping[Protocol, Scores], policy: Policy, information: Information | None
) -> tuple[Reason, ...]:
    """Return the reason for every guardrail that the figures fail; empty if they pass.

    Parameters
    ----------
    scores : of the judged queries and, where the corpus has pairs, of both protocols
    """
    found = _of_searches(scores["judged"], policy)
    pairs = {protocol: scores[protocol] for protocol in PROTOCOLS if protocol in scores}
    if pairs:
        return (*found, *kept_of_pairs(failures(pairs, policy, information)))
    return (*found, *(() if information is None else lost(information, policy)))


def kept_of_pairs(failed: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return those reasons of pairs that count beside judged queries."""
    return tuple(reason for reason in failed if reason.code not in NOT_OF_PAIRS)


def _of_searches(scores: Scores, policy: Policy) -> list[Reason]:
    found: list[Reason] = []
    gain, harm = scores.gain, scores.harm
    if gain.lower_bound(policy.level) <= 0:
        code = "judged_gain_undecided" if gain.value > 0 else "judged_no_gain"
        found.append(Reason(code, _figures(gain, policy, needed=gain.value)))
    if harm.lower_bound(policy.level) <= -policy.recall_margin:
        room = harm.value + policy.recall_margin
        code = "judged_harm_undecided" if room > 0 else "judged_harm"
        margin = {"margin": policy.recall_margin}
        found.append(Reason(code, _figures(harm, policy, needed=room) | margin))
    return found + share_failures("judged", scores, policy)


def _figures(figure: Resampled, policy: Policy, *, needed: float) -> dict[str, float | str]:
    return {
        "value": figure.value,
        "bound": figure.lower_bound(policy.level),
        "groups": groups_to_decide(figure, policy.level, needed),
    }
