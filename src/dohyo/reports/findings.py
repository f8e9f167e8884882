"""Everything a report tells, gathered and frozen before a word is written."""

from dataclasses import dataclass, replace

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.decide import decide
from dohyo.decision.policy import policy_for
from dohyo.decision.verdict import Decision
from dohyo.measures.profile import Profile, measure
from dohyo.progress import Progress, silent
from dohyo.reports.projection import GapMap, project
from dohyo.verification.evaluate import Corrector
from dohyo.verification.examples import Example, examples
from dohyo.verification.held_out import held_out_fold


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Findings:
    """What was found out about a corpus.

    Attributes
    ----------
    corpus : the corpus itself
    judged_on : the corpus that held-out searches come from, for captions and thumbnails: the
        corpus itself, or the known pairs that a corpus without pairs was judged by
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
    gap_map : (before, after) under the illustrated recipe, on a quarter that its fit never saw;
        the whole corpus, twice the same, where nothing was tried
    examples : searches before and after under the illustrated recipe; empty without pairs
    seed : seed of everything random
    """

    corpus: Corpus
    judged_on: Corpus
    before: Profile
    after: Profile
    decision: Decision
    fitted: AlignmentMap
    illustrated: Recipe
    gap_map: tuple[GapMap, GapMap]
    examples: tuple[Example, ...]
    seed: int


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
    keep_dimension: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Findings:
    """Measure, choose, verify and illustrate.

    Parameters
    ----------
    growing, pairs_from : see `dohyo.align`
    progress : told what is being done, in a hundred steps
    """
    policy = policy_for(growing, keep_dimension=keep_dimension)
    before = measure(corpus, seed=seed, progress=_part(progress, 0, 15))
    decision = decide(
        corpus,
        policy=policy,
        pairs_from=pairs_from,
        seed=seed,
        progress=_part(progress, 15, 80),
    )
    fitted = decision.fit(corpus)
    after = before
    if decision.verdict == "correct":
        moved = _moved(corpus, fitted, decision.recipe.strength)
        after = measure(moved, seed=seed, progress=_part(progress, 80, 95))
    progress(95, 100, "pictures")
    illustrated = decision.recipe
    if illustrated.method == NOTHING.method and decision.candidates:
        illustrated = max(decision.candidates, key=lambda c: c.mixed.value).recipe
    judged_on, shown = pairs_from or corpus, (corpus, corpus)
    searches: tuple[Example, ...] = ()
    if decision.candidates:
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
        gap_map=(project(shown[0], seed=seed), project(shown[1], seed=seed)),
        examples=searches,
        seed=seed,
    )


def _moved(corpus: Corpus, fitted: AlignmentMap, strength: float) -> Corpus:
    return replace(
        corpus,
        image=fitted.moved(corpus.unit("image"), "image", strength),
        text=fitted.moved(corpus.unit("text"), "text", strength),
    )


def _part(progress: Progress, start: int, stop: int) -> Progress:
    """Return a progress that fills the span from start to stop of a hundred."""

    def told(done: int, total: int, what: str) -> None:
        progress(start + (stop - start) * done // total, 100, what)

    return told
