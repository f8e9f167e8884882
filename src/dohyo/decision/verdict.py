"""The answer: a verdict, what it rests on, and which verdict the figures call for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate, Choice
from dohyo.decision.information import Information
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.segments import Segments
from dohyo.measures.pairing_signal import chance, pairing_signal
from dohyo.measures.view import view
from dohyo.verification.compare import Comparison
from dohyo.verification.judged.compare import JudgedFigures
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.verification.tasks.task import Task
from dohyo.words import Words

Verdict = Literal["correct", "do_not_correct", "insufficient_data"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Decision:
    """The verdict, what it rests on, and the figures of data that the choice never saw.

    Attributes
    ----------
    verdict : correct, do_not_correct or insufficient_data
    recipe : what to correct with; `NOTHING` unless the verdict is correct
    reasons : why, most important first
    candidates : every rung tried, by cross-validation on the whole corpus
    chosen_by_fold : what the same procedure chose without each outer fold
    protocols : held-out figures by protocol; empty where none could be had
    policy : the tolerances applied
    seed : seed of folds and resampling
    information : what the correction judged kept of each modality, held out; None where that
        could not be had
    tasks : what it does for each task on data that the choice never saw, None for a task that
        lacks what it needs; empty where nothing was held out
    comparisons : how many changes were tested beside each other, see `family.adjusted`
    segments : the held-out figures segment by segment; None where there are none to tell apart
    judged : what judged queries say beside their comparison; None where it rests on none
    """

    verdict: Verdict
    recipe: Recipe
    reasons: tuple[Reason, ...]
    candidates: tuple[Candidate, ...]
    chosen_by_fold: tuple[Recipe, ...]
    protocols: Mapping[Protocol, Comparison]
    policy: Policy
    seed: int
    information: Information | None = None
    tasks: Mapping[str, Task | None] = field(default_factory=dict)
    comparisons: int = 0
    segments: Segments | None = None
    judged: JudgedFigures | None = None

    @property
    def deciding(self) -> tuple[Protocol, ...]:
        """The protocols that candidates are weighed by: judged queries alone, where there are."""
        return PROTOCOLS if self.judged is None else ("judged",)

    @property
    def promised(self) -> tuple[Protocol, ...]:
        """Those of them whose guardrails are in force, by whose figures gain and risk are told."""
        return self.policy.guarded if self.judged is None else ("judged",)

    @property
    def by_classes(self) -> bool:
        """Whether it rests on classes alone: a corpus without pairs, but with class prompts."""
        told = self.information
        return not self.protocols and told is not None and "zero_shot_accuracy" in told.classes

    def fit(self, corpus: Corpus) -> AlignmentMap:
        """Fit the decision's recipe on the whole corpus: the identity unless it is to correct."""
        reasons = tuple(reason.say(Words()) for reason in self.reasons)
        return fit_map(
            self.recipe.method,
            Evidence.of(corpus),
            self.recipe.parameters,
            source=corpus,
            reasons=reasons,
            offset=self.recipe.offset,
        )

    def held_out_json(self) -> dict[str, Any]:
        """Return the figures by protocol, task and segment, as in the report's `verify`."""
        told = {name: each.to_json() for name, each in self.protocols.items()} | {
            name: None if each is None else each.to_json() for name, each in self.tasks.items()
        }
        if self.judged is not None:
            told["judged"] = (told["judged"] or {}) | self.judged.to_json()
        return told | {"segments": None if self.segments is None else self.segments.to_json()}

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return verdict, recipe and reasons, as in the report's `decision`."""
        return {
            "verdict": self.verdict,
            **self.recipe.to_json(),
            "reasons": [reason.say(words) for reason in self.reasons],
            "reason_codes": [reason.to_json() for reason in self.reasons],
            "chosen_by_fold": [recipe.label for recipe in self.chosen_by_fold],
            "comparisons": self.comparisons,
            "policy": self.policy.to_json(),
            "information": None if self.information is None else self.information.to_json(),
        }


def refused(verdict: Verdict, reasons: tuple[Reason, ...], policy: Policy, seed: int) -> Decision:
    """Return the answer of one that nothing was tried for."""
    return Decision(
        verdict=verdict,
        recipe=NOTHING,
        reasons=reasons,
        candidates=(),
        chosen_by_fold=(),
        protocols={},
        policy=policy,
        seed=seed,
    )


def no_signal(corpus: Corpus, policy: Policy, seed: int) -> Reason | None:
    """Return the reason not to go on if true pairs are found no better than dealt ones."""
    sample = view(corpus, seed=seed)
    signal = pairing_signal(sample)
    p = 1.0 if signal.p is None else signal.p
    if p <= policy.signal_p:
        return None
    return Reason("no_signal", {"value": signal.value, "chance": chance(sample), "p": p})


def without_signal(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Let no candidate pass: a mixed list without meaning also finds more than one of one kind."""
    return tuple(
        replace(c, passes=False, why=(Reason(_signal_of(c)),)) if c.passes else c
        for c in candidates
    )


def _signal_of(candidate: Candidate) -> str:
    return "without_signal" if candidate.classes_told is None else "without_class_signal"


def verdict_of(
    choice: Choice, failed: tuple[Reason, ...], *, by_classes: bool = False
) -> tuple[Verdict, tuple[Reason, ...]]:
    """Return the verdict and its reasons.

    Parameters
    ----------
    choice : what was chosen and from what
    failed : the guardrails that it fails on data that the choice never saw
    by_classes : whether these were of classes, not of searches
    """
    if choice.recipe.method == NOTHING.method:
        return _no_candidate(choice.candidates)
    if not failed:
        code = "class_guardrails" if by_classes else "all_guardrails"
        return "correct", (Reason(code, {"method": choice.recipe.label}),)
    if all(reason.code.endswith("_undecided") for reason in failed):
        return "insufficient_data", failed
    return "do_not_correct", failed


def _no_candidate(candidates: Sequence[Candidate]) -> tuple[Verdict, tuple[Reason, ...]]:
    """Answer when no rung passes: could more data have let one pass?"""
    open_ones = [
        candidate
        for candidate in candidates
        if all(reason.code.endswith("_undecided") for reason in candidate.why)
    ]
    if not open_ones:
        return "do_not_correct", (Reason("none_passes"),)
    nearest = min(open_ones, key=_groups_needed)
    return "insufficient_data", (
        Reason(
            _more(nearest),
            {"method": nearest.recipe.label, "groups": _groups_needed(nearest)},
        ),
        *nearest.why,
    )


def _more(nearest: Candidate) -> str:
    """Return what there should be more of: searches, pictures with classes, judged queries."""
    if nearest.classes_told is not None:
        return "more_pictures"
    return "more_judgements" if "judged" in nearest.scores else "more_data"


def _groups_needed(candidate: Candidate) -> float:
    return max(float(reason.values["groups"]) for reason in candidate.why)
