"""The map in service against a new one, on the same recent data that neither has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING
from dohyo.decision.canary import canary_pool_of
from dohyo.decision.guardrails import MIXED, RECALL, Scores, failures, score
from dohyo.decision.judged_part import judged_part
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Decision
from dohyo.estimate import Estimate
from dohyo.monitor.explain.retrieval import MOST, Pairs, Served, ranked
from dohyo.stats.bootstrap import Resampled
from dohyo.verification.compare import resampled_change
from dohyo.verification.evaluate import Outcome, Pool, arrange, evaluate, whole
from dohyo.verification.lists import search
from dohyo.verification.protocols import FOLDS, PROTOCOLS, Protocol
from dohyo.verification.retrieval import merged

FIGURES = (MIXED, RECALL)


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """What the map in service does on recent data, as it is.

    Attributes
    ----------
    scores : against no correction, by protocol
    outcomes : its own
    why : the guardrails that it fails
    policy : that it was held to
    """

    scores: Mapping[Protocol, Scores]
    outcomes: Mapping[Protocol, Outcome]
    why: tuple[Reason, ...]
    policy: Policy

    @property
    def fails(self) -> bool:
        """Whether it fails a guardrail beyond what more data could still turn."""
        return any(not reason.code.endswith("_undecided") for reason in self.why)

    @cached_property
    def harm(self) -> float:
        """How much R@1 it costs at the least, at the policy's confidence; below 0 if nothing."""
        level = self.policy.level
        return max(
            -float(np.quantile(self.scores[protocol].harm.replicates, level))
            for protocol in self.policy.guarded
        )

    @property
    def harms(self) -> bool:
        """Whether it is shown to cost more than the margin."""
        return self.harm > self.policy.recall_margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A new map against the old one.

    Attributes
    ----------
    groups : that both were judged by
    change : new minus old, by protocol and figure, paired, with 95 % intervals
    ahead : whether the new one is better in mixed nDCG@10, averaged over both protocols by the
        share of growth, beyond its interval
    mixed : that average
    """

    groups: int
    change: Mapping[Protocol, Mapping[str, Estimate]]
    mixed: Estimate

    @property
    def ahead(self) -> bool:
        """Whether the new one is better in mixed nDCG@10 beyond the interval."""
        return self.mixed.low > 0

    def to_json(self) -> dict[str, Any]:
        """Return every figure."""
        return {
            "groups": self.groups,
            "mixed_ndcg_at_10_change": self.mixed.to_json(),
            "change": {
                protocol: {name: each.to_json() for name, each in figures.items()}
                for protocol, figures in self.change.items()
            },
        }


def on_remembered(pairs: Pairs, old: Served, new: Served, *, seed: int) -> Estimate:
    """Return what a new map changes for remembered pairs of before: mixed nDCG@10, new minus old.

    A collection holds mostly what was there before the change; recent data says nothing of it. The
    old map may have been fitted on these very pairs, which is to its advantage.
    """
    chosen = pairs[0][:MOST], pairs[1][:MOST]
    before, after = (ranked(chosen, each) for each in (old, new))
    return resampled_change(before, after, MIXED, "unseen_corpus", seed=seed).estimate()


class Ground:
    """Recent data on which corrections are judged: its own pairs, or known pairs beside it.

    Parameters
    ----------
    corpus : the recent data
    pairs : known pairs of the same encoder where it has none of its own
    """

    def __init__(
        self, corpus: Corpus, pairs: Corpus | None, policy: Policy, *, k: int = FOLDS, seed: int = 0
    ) -> None:
        self._policy, self._k, self._seed = policy, k, seed
        if corpus.paired:
            part, _ = judged_part(corpus, policy, seed)
            self.pool, self.groups = Pool(part), len(np.unique(part.groups("text")))
        else:
            assert pairs is not None
            self.pool = canary_pool_of(corpus, pairs)
            self.groups = len(np.unique(pairs.groups("text")))
        self._own = corpus.paired

    @cached_property
    def raw(self) -> dict[Protocol, Outcome]:
        """What no correction does."""
        return {
            protocol: evaluate(self.pool, (NOTHING,), protocol, k=self._k, seed=self._seed)[0]
            for protocol in PROTOCOLS
        }

    def judged(self, served: Served) -> Judged:
        """Judge a map as it is; see `Judged`."""
        outcomes = {protocol: self._of(served, protocol) for protocol in PROTOCOLS}
        scores = {
            protocol: score(self.raw[protocol], each, protocol, seed=self._seed)
            for protocol, each in outcomes.items()
        }
        return Judged(
            scores=scores,
            outcomes=outcomes,
            why=failures(scores, self._policy),
            policy=self._policy,
        )

    def contest(self, old: Judged, decision: Decision) -> Contest:
        """Compare what a decision recommends with the map in service, query by query.

        The new one is fitted anew without each fold, with what the same procedure chose there;
        the old one has seen none of it.
        """
        new = {protocol: self._new(decision, protocol) for protocol in PROTOCOLS}
        drawn: dict[Protocol, dict[str, Resampled]] = {
            protocol: {
                name: resampled_change(
                    old.outcomes[protocol].ranked,
                    new[protocol].ranked,
                    name,
                    protocol,
                    seed=self._seed,
                )
                for name in FIGURES
            }
            for protocol in PROTOCOLS
        }
        first, second = (drawn[protocol][MIXED] for protocol in PROTOCOLS)
        return Contest(
            groups=self.groups,
            change={
                protocol: {name: each.estimate() for name, each in figures.items()}
                for protocol, figures in drawn.items()
            },
            mixed=first.averaged_with(second, self._policy.growing).estimate(),
        )

    def _new(self, decision: Decision, protocol: Protocol) -> Outcome:
        by_fold: Sequence[Any] = decision.chosen_by_fold
        if not self._own or not by_fold:
            tried = evaluate(self.pool, (decision.recipe,), protocol, k=self._k, seed=self._seed)
        else:
            tried = evaluate(
                self.pool, lambda fold: (by_fold[fold],), protocol, k=self._k, seed=self._seed
            )
        return tried[0]

    def _of(self, served: Served, protocol: Protocol) -> Outcome:
        parts = []
        for split in self.pool.splits(protocol, k=self._k, seed=self._seed):
            gallery, queries = arrange(self.pool.corpus, split, served.move)
            lists = search(queries, gallery)
            parts.append(
                Outcome(
                    ranked=merged(lists),
                    lists=lists,
                    fold=np.full(len(lists.group), split.fold, np.int64),
                    gap_left=0.0,  # nobody asks for it here
                )
            )
        return whole(parts)
