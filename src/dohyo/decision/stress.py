"""The same verdict on data with the faults that industry has: where does the benefit break?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Choice
from dohyo.decision.guardrails import MIXED, RECALL
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof, proof_of
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Decision, Verdict, no_signal, verdict_of
from dohyo.estimate import Estimate
from dohyo.progress import Progress, silent
from dohyo.verification.cross_fit import calibrated
from dohyo.verification.evaluate import Corrector, Pool, evaluate
from dohyo.verification.partitions import partitions
from dohyo.verification.protocols import FOLDS, PROTOCOLS, Protocol
from dohyo.verification.stress.registry import CONDITIONS, spoiled
from dohyo.words import Words

MOST_GROUPS = 2_000
DRAWS = 3
"""How often a fault is put in anew that took the verdict away: where it fell may be chance."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Trial:
    """What came of one correction under one condition.

    Attributes
    ----------
    condition, level : see `CONDITIONS`; None and 0 for the corpus as it is
    groups : how many the verdict rests on
    verdict, reasons : by the policy's guardrails
    gain : change of mixed nDCG@10 by protocol; empty where there were too few groups to judge
    harm : change of cross-modal R@1 likewise (negative is harm)
    draws, failed : how often the fault was put in, each time elsewhere and with other folds, and
        in how many of these the verdict was not `correct`; all else here is of the first
    """

    condition: str | None
    level: float
    groups: int
    verdict: Verdict
    reasons: tuple[Reason, ...]
    gain: Mapping[Protocol, Estimate]
    harm: Mapping[Protocol, Estimate]
    draws: int = 1
    failed: int = 0

    @property
    def broken(self) -> bool:
        """Whether the verdict is not `correct` in most draws."""
        return 2 * self.failed > self.draws

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return level, verdict, reasons in words, and both changes by protocol."""
        return {
            "level": self.level,
            "groups": self.groups,
            "verdict": self.verdict,
            "draws": self.draws,
            "failed": self.failed,
            "reasons": [reason.say(words) for reason in self.reasons],
            "mixed_ndcg_at_10_change": {name: e.to_json() for name, e in self.gain.items()},
            "recall_at_1_change": {name: e.to_json() for name, e in self.harm.items()},
        }


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Stress:
    """A verdict under every condition.

    Attributes
    ----------
    unstressed : on the corpus as it is, by the same shortened procedure
    trials : condition by condition, the mildest level first
    sampled : whether it was done on a seeded sample of the groups
    seed : of the spoiling, the sample, folds and resampling
    """

    unstressed: Trial
    trials: tuple[Trial, ...]
    sampled: bool
    seed: int

    @property
    def breaks_at(self) -> dict[str, float | None]:
        """By condition the first level that breaks the verdict in most draws; None if none does."""
        found: dict[str, float | None] = {}
        for trial in self.trials:
            found.setdefault(str(trial.condition), None)
            if trial.broken and found[str(trial.condition)] is None:
                found[str(trial.condition)] = trial.level
        return found

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return the trials by condition, and the level at which each breaks the benefit."""
        return {
            "seed": self.seed,
            "sampled": self.sampled,
            "unstressed": self.unstressed.to_json(words),
            "conditions": {
                name: {
                    "breaks_at": level,
                    "trials": [t.to_json(words) for t in self.trials if t.condition == name],
                }
                for name, level in self.breaks_at.items()
            },
        }


def stress(
    corpus: Corpus,
    corrector: Corrector,
    *,
    policy: Policy | None = None,
    k: int = FOLDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Stress:
    """Judge a correction anew under every condition of `CONDITIONS`, and once without any.

    It is the held-out judgement of `judge`, shortened: no choice is made anew, the tasks are left
    out, and offsets are those that the queries of the other folds call for (`calibrated`), which
    takes no fit of its own.

    Parameters
    ----------
    corpus : with pairs
    corrector : what the verdict on the corpus recommends
    progress : told before each trial

    Notes
    -----
    Above 2,000 groups a seeded sample is judged, as it is and under each condition. A trial that
    takes the verdict away is drawn twice more.
    """
    policy = policy or Policy()
    if isinstance(corrector, Recipe):
        corrector = policy.weighed(corrector)
    sample, sampled = _sampled(corpus, seed)
    ahead = [(name, level) for name, each in CONDITIONS.items() for level in each.levels]
    progress(0, len(ahead) + 1, "stress")
    unstressed = _trial(sample, corrector, None, 0.0, policy, k, seed)
    trials = []
    for step, (name, level) in enumerate(ahead, start=1):
        progress(step, len(ahead) + 1, "stress")
        trials.append(_drawn(sample, corrector, name, level, policy, k, seed))
    progress(len(ahead) + 1, len(ahead) + 1, "stress")
    return Stress(unstressed=unstressed, trials=tuple(trials), sampled=sampled, seed=seed)


def stress_of(
    corpus: Corpus,
    decision: Decision,
    corrector: Corrector | None = None,
    *,
    progress: Progress = silent,
) -> Stress | None:
    """Return the stress of what a decision recommends; None where there is nothing to stress.

    That is so unless the verdict is to correct, and rests on pairs of the corpus itself.

    Parameters
    ----------
    corrector : what was judged; the decision's recipe if left out
    """
    by_pairs = corpus.paired and set(decision.protocols) == set(PROTOCOLS)
    if decision.verdict != "correct" or not by_pairs:
        return None
    return stress(
        corpus,
        corrector or decision.recipe,
        policy=decision.policy,
        seed=decision.seed,
        progress=progress,
    )


def _sampled(corpus: Corpus, seed: int) -> tuple[Corpus, bool]:
    asked = np.unique(corpus.groups("text"))
    if len(asked) <= MOST_GROUPS:
        return corpus, False
    chosen = np.random.default_rng(seed).choice(asked, MOST_GROUPS, replace=False)
    return corpus.subset(np.sort(chosen)), True


def _drawn(
    corpus: Corpus,
    corrector: Corrector,
    condition: str,
    level: float,
    policy: Policy,
    k: int,
    seed: int,
) -> Trial:
    """Judge under a condition; if the verdict is lost, see whether it is lost again elsewhere."""

    def judged(draw: int) -> Trial:
        harder = spoiled(corpus, condition, level, seed=seed, draw=draw)
        return _trial(harder, corrector, condition, level, policy, k, seed + draw)

    first = judged(0)
    if first.verdict == "correct":
        return first
    again = [judged(draw).verdict != "correct" for draw in range(1, DRAWS)]
    return replace(first, draws=DRAWS, failed=1 + sum(again))


def _trial(
    corpus: Corpus,
    corrector: Corrector,
    condition: str | None,
    level: float,
    policy: Policy,
    k: int,
    seed: int,
) -> Trial:
    groups = len(np.unique(corpus.groups("text")))
    needed = max(policy.minimum_groups, k)
    proof = None if groups < needed else _proof(corpus, corrector, policy, k, seed)
    verdict: Verdict = "insufficient_data"
    reasons: tuple[Reason, ...] = (
        Reason("too_few_groups", {"groups": float(groups), "needed": float(needed)}),
    )
    if proof is not None:
        verdict, reasons = verdict_of(_as_choice(corrector), proof.failed)
        signal = no_signal(corpus, policy, seed)
        if signal is not None:
            verdict, reasons = "do_not_correct", (signal,)
    compared = {} if proof is None else proof.protocols
    return Trial(
        condition=condition,
        level=level,
        groups=groups,
        verdict=verdict,
        reasons=reasons,
        gain={protocol: side.change[MIXED] for protocol, side in compared.items()},
        harm={protocol: side.change[RECALL] for protocol, side in compared.items()},
    )


def _proof(corpus: Corpus, corrector: Corrector, policy: Policy, k: int, seed: int) -> Proof:
    pool = Pool(corpus)
    tried = corrector.uncalibrated() if isinstance(corrector, Recipe) else corrector
    outcomes = {p: evaluate(pool, (NOTHING, tried), p, k=k, seed=seed) for p in PROTOCOLS}
    after = {protocol: found[1] for protocol, found in outcomes.items()}
    if isinstance(corrector, Recipe) and corrector.calibrates:
        after, _ = calibrated(after, policy.growing)
    both = {protocol: (found[0], after[protocol]) for protocol, found in outcomes.items()}
    cuts = partitions(corpus, seed=seed) if policy.segment_margin < 1 else ()
    return proof_of(both, policy, cuts=cuts, seed=seed)


def _as_choice(corrector: Corrector) -> Choice:
    recipe = corrector if isinstance(corrector, Recipe) else Recipe(method=corrector.method)
    return Choice(candidates=(), recipe=recipe)
