"""Should the gap be corrected, and with what? Nested cross-validation and a verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import LADDER, LADDER_OF_VECTORS, NOTHING, Recipe
from dohyo.decision.alone import decided_alone
from dohyo.decision.by_judgements import decide_by_judgements, judge_by_judgements
from dohyo.decision.by_labels import decide_by_labels, judge_by_labels
from dohyo.decision.canary import decide_by_canary
from dohyo.decision.choose import Candidate, try_ladder
from dohyo.decision.information import Information, information
from dohyo.decision.judged_part import judged_part
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof, proof_of
from dohyo.decision.reason import Reason
from dohyo.decision.step_down import decided, step_down
from dohyo.decision.tasks import with_tasks
from dohyo.decision.verdict import Decision, no_signal, refused, without_signal
from dohyo.errors import UsageError
from dohyo.judgements import Judgements
from dohyo.progress import Progress, silent
from dohyo.verification.classes import has_classes
from dohyo.verification.evaluate import Corrector, Pool, evaluate, kept_alone
from dohyo.verification.information import LEAST_HELD
from dohyo.verification.partitions import partitions
from dohyo.verification.protocols import FOLDS, PROTOCOLS


def decide(
    corpus: Corpus,
    *,
    ladder: Sequence[Recipe] | None = None,
    policy: Policy | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    k: int = FOLDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Decision:
    """Choose among the ladder's rungs and none, and show figures that the choice never saw.

    The choice is made by cross-validation on the whole corpus. The figures shown come from an
    outer split: for each fold the same choice is made anew from the other folds alone, and what
    it chose is fitted there and judged on the fold.

    Parameters
    ----------
    ladder : recipes, the most conservative first; what the policy allows if left out
    policy : tolerances; the default ones if left out
    pairs_from : known pairs of the same encoder, by which a corpus without pairs is judged;
        see `decide_by_canary`
    judgements : what people said answers their queries: then these are the yardstick; see
        `decide_by_judgements`
    progress : told before each fold

    Raises
    ------
    CorpusError
        If a row turns out to be unusable. Too few groups or no pairs are an answer, not an error.
    UsageError
        If `pairs_from` is given for a corpus with pairs of its own or beside judgements, or does
        not fit it.
    """
    policy = policy or Policy()
    _check_one_yardstick(pairs_from, judgements)
    if pairs_from is None and judgements is None and has_classes(corpus):
        return decide_by_labels(
            corpus, ladder=ladder, policy=policy, k=k, seed=seed, progress=progress
        )
    if ladder is None:
        ladder = LADDER_OF_VECTORS if policy.keep_dimension else LADDER
    ladder = [policy.weighed(recipe) for recipe in ladder]
    if judgements is not None:
        return decide_by_judgements(
            corpus, judgements, ladder=ladder, policy=policy, k=k, seed=seed, progress=progress
        )
    if pairs_from is not None:
        return decide_by_canary(
            corpus, pairs_from, ladder=ladder, policy=policy, k=k, seed=seed, progress=progress
        )
    stop = _nothing_to_decide(corpus, policy, k)
    if stop is not None:
        return refused("insufficient_data", (stop,), policy, seed)
    corpus, drawn = judged_part(corpus, policy, seed)
    steps = k + 2
    progress(0, steps, "pairing_signal")
    signal = no_signal(corpus, policy, seed)
    progress(1, steps, "candidates")
    choice = try_ladder(corpus, ladder, policy=policy, k=k, seed=seed)
    inner: list[tuple[Candidate, ...]] = [()] * k
    if signal is None and choice.recipe is not NOTHING:
        inner = _nested(corpus, ladder, policy, k, seed, progress)
    step = step_down(
        choice.candidates if signal is None else without_signal(choice.candidates),
        inner,
        lambda by_fold: _held_out(corpus, by_fold, policy, k, seed),
    )
    decision = decided(step, signal, policy, seed)
    progress(steps, steps, "decided")
    decision = replace(decision, reasons=(*decision.reasons, *drawn))
    return with_tasks(decision, Pool(corpus), decision.chosen_by_fold)


def _nested(
    corpus: Corpus,
    ladder: Sequence[Recipe],
    policy: Policy,
    k: int,
    seed: int,
    progress: Progress,
) -> list[tuple[Candidate, ...]]:
    """Return how the candidates fare without each fold.

    Choosing goes by the figures themselves; the bounds are tested on the pooled outer folds.
    Bounds inside as well would ask three quarters of the data for the proof that all of it gives.
    """
    lenient = replace(policy, level=0.5)
    found = []
    for fold, held in enumerate(corpus.folds(k, seed)):
        progress(2 + fold, k + 2, "outer_fold")
        seen = np.setdiff1d(np.arange(len(corpus.image)), held)
        inner = try_ladder(corpus.subset(seen), ladder, policy=lenient, k=k, seed=seed)
        found.append(inner.candidates)
    return found


def judge(
    corpus: Corpus,
    corrector: Corrector,
    *,
    policy: Policy | None = None,
    judgements: Judgements | None = None,
    k: int = FOLDS,
    seed: int = 0,
) -> Decision:
    """Return held-out figures and a verdict for one correction, no choice involved.

    A recipe is fitted anew without each fold. A map is taken as it is, which is honest only for
    a corpus that it was not fitted on. Without pairs the answer is that the data cannot decide,
    with what the correction keeps of each modality by itself. Judged queries decide where there
    are any, with pairs or without.
    """
    policy = policy or Policy()
    if isinstance(corrector, Recipe):
        corrector = policy.weighed(corrector)
    if judgements is not None:
        return judge_by_judgements(corpus, judgements, corrector, policy=policy, k=k, seed=seed)
    if has_classes(corpus):
        return judge_by_labels(corpus, corrector, policy=policy, k=k, seed=seed)
    stop = _nothing_to_decide(corpus, policy, k)
    if stop is not None:
        answer = refused("insufficient_data", (stop,), policy, seed)
        return replace(answer, information=_among_its_own(corpus, corrector, k, seed))
    corpus, drawn = judged_part(corpus, policy, seed)
    signal = no_signal(corpus, policy, seed)
    proof = _held_out(corpus, [corrector] * k, policy, k, seed)
    decision = decided_alone(corrector, proof, signal, policy, k=k, seed=seed)
    decision = replace(decision, reasons=(*decision.reasons, *drawn))
    return with_tasks(decision, Pool(corpus), [corrector] * k)


def _check_one_yardstick(pairs_from: Corpus | None, judgements: Judgements | None) -> None:
    if pairs_from is not None and judgements is not None:
        raise UsageError(
            "Known pairs and judgements cannot both be what is judged by.",
            hint="Give --pairs-from (pairs_from) or --judgements (judgements).",
        )


def _nothing_to_decide(corpus: Corpus, policy: Policy, k: int) -> Reason | None:
    if not corpus.paired:
        return Reason("no_pairs", {"needed": float(max(policy.minimum_groups, k))})
    groups = len(np.unique(corpus.groups("text")))
    needed = max(policy.minimum_groups, k)
    if groups < needed:
        return Reason("too_few_groups", {"groups": groups, "needed": needed})
    return None


def _held_out(
    corpus: Corpus, by_fold: Sequence[Corrector], policy: Policy, k: int, seed: int
) -> Proof:
    """Return what each fold's correction does on that fold."""
    pool = Pool(corpus)
    tried = {}
    for protocol in PROTOCOLS:
        before, after = evaluate(
            pool, lambda fold: (NOTHING, by_fold[fold]), protocol, k=k, seed=seed
        )
        tried[protocol] = before, after
    return proof_of(tried, policy, cuts=partitions(corpus, seed=seed), seed=seed)


def _among_its_own(corpus: Corpus, corrector: Corrector, k: int, seed: int) -> Information | None:
    """Return what can be said without pairs: what is kept within each modality."""
    if corpus.paired or max(len(corpus.image), len(corpus.text)) < LEAST_HELD * k:
        return None
    return information(kept_alone(Pool(corpus), corrector, k=k, seed=seed), seed=seed)
