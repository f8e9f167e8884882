"""What every rung did for judged queries, kept so that choices can be made again from parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate, told_of, tried_rungs
from dohyo.decision.guardrails import Scores, score
from dohyo.decision.information import Information, information
from dohyo.decision.judged_guardrails import judged_failures, judged_score, kept_of_pairs
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof, proof_of
from dohyo.rows import I64
from dohyo.verification.compare import Comparison
from dohyo.verification.evaluate import Corrector, Outcome, Pool, evaluate, fitted_on, whole
from dohyo.verification.information import (
    LEAST_HELD,
    Kept,
    joined_kept,
    keep,
    lone_splits,
    originals,
)
from dohyo.verification.judged.asked import Asked
from dohyo.verification.judged.compare import compare_judged
from dohyo.verification.judged.evaluate import JudgedOutcome, ask, joined_outcomes
from dohyo.verification.partitions import partitions
from dohyo.verification.protocols import PROTOCOLS, Protocol

Pairs = dict[Protocol, tuple[Outcome, Outcome]]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Trials:
    """Outcomes of no correction and of every rung, each split into folds that can be left out.

    Attributes
    ----------
    asked : the judged queries
    judged : of no correction first, then of each rung
    paired : the same by protocol where the corpus has enough pairs, empty otherwise
    kept : by rung and fold, without pairs what is kept of each kind by itself; empty where there
        are pairs, whose outcomes tell, or too few items
    held : the groups of each fold; empty without pairs
    k, seed : number and seed of the folds
    """

    asked: Asked
    judged: Sequence[JudgedOutcome]
    paired: dict[Protocol, Sequence[Outcome]]
    kept: Sequence[Sequence[Kept]]
    held: Sequence[I64]
    k: int
    seed: int

    def candidate(
        self, place: int, recipe: Recipe, policy: Policy, without: int | None
    ) -> Candidate:
        """Return how a rung fares, by all folds but one, or by all.

        Parameters
        ----------
        place : of the rung, from 1
        """
        before, after = self.judged[0], self.judged[place]
        pairs: Pairs = {name: (each[0], each[place]) for name, each in self.paired.items()}
        kept = list(self.kept[place - 1]) if self.kept else []
        if without is not None:
            here = before.fold != without
            before, after = before.of(here), after.of(here)
            pairs = {
                name: (one.without(self.held[without]), other.without(self.held[without]))
                for name, (one, other) in pairs.items()
            }
            kept = [part for fold, part in enumerate(kept) if fold != without]
        told = _told(pairs, kept, self.seed)
        scores: dict[Protocol, Scores] = {"judged": judged_score(before, after, seed=self.seed)}
        for name, (one, other) in pairs.items():
            scores[name] = score(one, other, name, seed=self.seed)
        failed = judged_failures(scores, policy, told)
        return Candidate(
            recipe=recipe,
            scores=scores,
            why=failed,
            passes=not failed,
            information=told,
            growing=policy.growing,
        )

    def proof(self, by_fold: Sequence[int], policy: Policy) -> Proof:
        """Return what each fold's rung, 0 for none, did for the queries of that fold."""
        before, after = self.shown(by_fold)
        pairs: Pairs = {
            name: (
                whole([each[0].only(held) for held in self.held]),
                whole([each[n].only(held) for n, held in zip(by_fold, self.held, strict=True)]),
            )
            for name, each in self.paired.items()
        }
        judged: dict[Protocol, Comparison] = {
            "judged": compare_judged(before, after, seed=self.seed)
        }
        score_of: dict[Protocol, Scores] = {"judged": judged_score(before, after, seed=self.seed)}
        kept = [self.kept[n - 1][fold] for fold, n in enumerate(by_fold) if n] if self.kept else []
        told = _told({}, kept, self.seed)
        failed = judged_failures(score_of, policy, told)
        if not pairs:
            return Proof(protocols=judged, information=told, failed=failed)
        cuts = partitions(self.asked.corpus, seed=self.seed)
        of_pairs = proof_of(pairs, policy, cuts=cuts, seed=self.seed)
        return Proof(
            protocols=judged | dict(of_pairs.protocols),
            information=of_pairs.information,
            failed=(*failed, *kept_of_pairs(of_pairs.failed)),
            segments=of_pairs.segments,
        )

    def shown(self, by_fold: Sequence[int]) -> tuple[JudgedOutcome, JudgedOutcome]:
        """Return the judged queries before and after each fold's rung, fold by fold."""
        parts = [
            (self.judged[0].of(here), self.judged[place].of(here))
            for fold, place in enumerate(by_fold)
            if (here := self.judged[0].fold == fold).any()
        ]
        return (
            joined_outcomes([before for before, _ in parts]),
            joined_outcomes([after for _, after in parts]),
        )


def has_enough_pairs(corpus: Corpus, policy: Policy, k: int) -> bool:
    """Tell whether the corpus has the pairs to say anything about cross-modal recall."""
    return corpus.paired and len(np.unique(corpus.groups("text"))) >= max(policy.minimum_groups, k)


def try_rungs(
    asked: Asked, ladder: Sequence[Recipe], *, policy: Policy, k: int, seed: int
) -> Trials:
    """Fit every rung for the judged queries and, with pairs, for both protocols."""
    paired: dict[Protocol, Sequence[Outcome]] = {}
    if has_enough_pairs(asked.corpus, policy, k):
        _, outcomes = tried_rungs(asked.corpus, ladder, policy=policy, k=k, seed=seed)
        paired = dict(outcomes)
    return _trials(asked, ladder, paired, k=k, seed=seed)


def try_one(asked: Asked, corrector: Corrector, *, policy: Policy, k: int, seed: int) -> Trials:
    """Fit one correction for the judged queries and, with pairs, for both protocols."""
    paired: dict[Protocol, Sequence[Outcome]] = {}
    if has_enough_pairs(asked.corpus, policy, k):
        pool = Pool(asked.corpus)
        paired = {p: evaluate(pool, (NOTHING, corrector), p, k=k, seed=seed) for p in PROTOCOLS}
    return _trials(asked, [corrector], paired, k=k, seed=seed)


def _trials(
    asked: Asked,
    ladder: Sequence[Corrector],
    paired: dict[Protocol, Sequence[Outcome]],
    *,
    k: int,
    seed: int,
) -> Trials:
    corpus = asked.corpus
    return Trials(
        asked=asked,
        judged=ask(asked, [NOTHING, *ladder], k=k, seed=seed),
        paired=paired,
        kept=() if paired else _kept(corpus, ladder, k, seed),
        held=corpus.folds(k, seed) if paired else (),
        k=k,
        seed=seed,
    )


def _kept(corpus: Corpus, ladder: Sequence[Corrector], k: int, seed: int) -> list[list[Kept]]:
    """Return what every rung keeps of each kind by itself, by fold; offsets change none of it."""
    if max(len(corpus.image), len(corpus.text)) < LEAST_HELD * k:
        return []
    pool = Pool(corpus)
    plain = [each.uncalibrated() if isinstance(each, Recipe) else each for each in ladder]
    found: list[list[Kept]] = [[] for _ in ladder]
    for split in lone_splits(corpus, k=k, seed=seed):
        evidence = pool.evidence(split.fit_image, split.fit_text)
        before = originals(corpus, split, evidence, seed=seed)
        for place, (fitted, strength) in enumerate(fitted_on(plain, evidence)):
            found[place].append(keep(before, fitted, strength))
    return found


def _told(pairs: Pairs, kept: Sequence[Kept], seed: int) -> Information | None:
    if pairs:
        return told_of(pairs, seed=seed)
    return information(joined_kept(list(kept)), seed=seed) if kept else None
