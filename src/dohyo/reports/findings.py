"""Everything a report tells, gathered and frozen before a word is written."""

from dataclasses import dataclass, replace

import numpy as np

from dohyo.corpus import Corpus, Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.decide import decide
from dohyo.decision.judged_part import judged_part
from dohyo.decision.policy import Policy, policy_for
from dohyo.decision.stress import Stress, stress_of
from dohyo.decision.verdict import Decision
from dohyo.errors import CorpusError
from dohyo.io.scratch import filled, settle, where_it_fits
from dohyo.judgements import Judgements, located
from dohyo.measures.components import Component, components
from dohyo.measures.profile import Profile, measure
from dohyo.measures.view import view
from dohyo.progress import Progress, silent
from dohyo.reports.projection import GapMap, project
from dohyo.rows import F32, blocks
from dohyo.value.costs import Costs
from dohyo.value.value import Value, value_of
from dohyo.verification.evaluate import Corrector
from dohyo.verification.examples import Example, examples
from dohyo.verification.held_out import held_out_classes, held_out_fold, held_out_items


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Findings:
    """What was found out about a corpus.

    Attributes
    ----------
    corpus : the corpus itself
    judged_on : the corpus that held-out searches come from, for captions and thumbnails: the
        corpus itself, a sample of a large one, or the known pairs that a corpus without pairs was
        judged by
    before : its profile
    after : the profile of the same items under the decision's map fitted on all of them, as the
        index would then hold them; the same as `before` when the decision is not to correct.
        That the gap closes here is by construction: whether it helps, the decision's held-out
        figures say
    decision : verdict, candidates and held-out figures
    fitted : the decision's map, fitted on the whole corpus
    illustrated : the recipe that the pictures show: the decision's, or, when it is not to
        correct, the candidate that looked best, so that the reader sees what was refused;
        `NOTHING` if there was no candidate
    components : the directions that carry the gap, meaning or neither; empty where the corpus is
        too small to tell
    gap_map : (before, after) under the illustrated recipe, on a quarter that its fit never saw;
        the whole corpus, twice the same, where nothing was tried
    examples : searches before and after under the illustrated recipe; empty without pairs
    stress : the verdict under the faults of industry; None where that was not asked, or the
        verdict is not to correct
    value : what the correction is worth under a company's assumptions; None without costs
    seed : seed of everything random
    """

    corpus: Corpus
    judged_on: Corpus
    before: Profile
    after: Profile
    decision: Decision
    fitted: AlignmentMap
    illustrated: Recipe
    components: tuple[Component, ...]
    gap_map: tuple[GapMap, GapMap]
    examples: tuple[Example, ...]
    seed: int
    stress: Stress | None = None
    value: Value | None = None


HEADLINE = (
    "centroid_distance",
    "relative_modality_gap",
    "frechet_distance",
    "linear_separability",
    "same_modality_share",
    "pairing_signal",
)
"""The measures that the report's page shows; all of them are in its JSON."""


def headline(findings: Findings) -> Findings:
    """Return the findings with the headline measures alone."""
    before = findings.before.only(HEADLINE)
    same = findings.after is findings.before
    return replace(findings, before=before, after=before if same else findings.after.only(HEADLINE))


def investigate(
    corpus: Corpus,
    *,
    growing: float | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    policy: Policy | None = None,
    keep_dimension: bool = False,
    stress: bool = True,
    costs: Costs | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Findings:
    """Measure, choose, verify and illustrate.

    Parameters
    ----------
    growing, pairs_from, judgements, policy, keep_dimension : see `dohyo.align`
    stress : whether to judge the decision anew under the faults of industry, see `stress_of`
    progress : told what is being done, in a hundred steps
    """
    policy = policy_for(growing, keep_dimension=keep_dimension, policy=policy)
    if judgements is not None:
        located(judgements, corpus)  # an unknown id is told before anything is measured
    before = measure(corpus, seed=seed, progress=_part(progress, 0, 15))
    decision = decide(
        corpus,
        policy=policy,
        pairs_from=pairs_from,
        judgements=judgements,
        seed=seed,
        progress=_part(progress, 15, 80),
    )
    fitted = decision.fit(corpus)
    after = before
    if decision.verdict == "correct":
        moved = _moved(corpus, fitted, decision.recipe.strength)
        after = measure(moved, seed=seed, progress=_part(progress, 80, 88))
    stressed = stress_of(corpus, decision, progress=_part(progress, 88, 95)) if stress else None
    progress(95, 100, "pictures")
    illustrated = decision.recipe
    if illustrated.method == NOTHING.method and decision.candidates:
        illustrated = max(decision.candidates, key=lambda c: c.merit.value).recipe
    judged_on = pairs_from or judged_part(corpus, policy, seed)[0]
    shown = corpus, corpus
    searches: tuple[Example, ...] = ()
    if decision.by_classes and decision.candidates:
        shown = held_out_classes(corpus, illustrated, seed=seed)
    elif decision.judged is not None and not corpus.paired and decision.candidates:
        shown = held_out_items(corpus, illustrated, seed=seed)
    elif decision.candidates:
        # Known pairs that no fit has seen are moved by a map of the whole corpus.
        mover: Corrector = illustrated
        if pairs_from is not None:
            mover = illustrated.fit(Evidence.of(corpus))
        shown = held_out_fold(judged_on, mover, seed=seed)
        searches = examples(judged_on, mover, seed=seed)
    return Findings(
        corpus=corpus,
        judged_on=judged_on,
        before=before,
        after=after,
        decision=decision,
        fitted=fitted,
        illustrated=illustrated,
        components=_components(corpus, seed),
        gap_map=(project(shown[0], seed=seed), project(shown[1], seed=seed)),
        examples=searches,
        seed=seed,
        stress=stressed,
        value=None if costs is None else value_of(decision, costs),
    )


def _components(corpus: Corpus, seed: int) -> tuple[Component, ...]:
    try:
        return components(view(corpus, seed=seed, effort="fast"))
    except CorpusError:
        return ()


def _moved(corpus: Corpus, fitted: AlignmentMap, strength: float) -> Corpus:
    return replace(
        corpus,
        image=_moved_side(corpus, fitted, "image", strength),
        text=_moved_side(corpus, fitted, "text", strength),
    )


def _moved_side(corpus: Corpus, fitted: AlignmentMap, modality: Modality, strength: float) -> F32:
    """Return the corrected rows of one modality; those of a large corpus lie on the disk."""
    count = len(corpus.image if modality == "image" else corpus.text)
    moved: F32 | None = None
    for block in blocks(count):
        rows = fitted.moved(
            corpus.unit(modality, np.arange(block.start, block.stop)), modality, strength
        )
        if moved is None:
            moved = where_it_fits((count, rows.shape[1]), rows.dtype)
        moved[block] = rows
        settle(moved)
    assert moved is not None  # no corpus has an empty side
    return filled(moved)


def _part(progress: Progress, start: int, stop: int) -> Progress:
    """Return a progress that fills the span from start to stop of a hundred."""

    def told(done: int, total: int, what: str) -> None:
        progress(start + (stop - start) * done // total, 100, what)

    return told
