"""All gap measures of a corpus, with intervals: `dohyo.measure`."""

from dataclasses import dataclass
from typing import Any

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.registry import MEASURES
from dohyo.measures.view import Effort, view
from dohyo.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The gap of a corpus in figures.

    Attributes
    ----------
    estimates : figure of each measure
    references : what each figure would be with no gap
    absent : measures that could not be taken, and why
    sampled : whether the figures come from a seeded sample of the corpus
    """

    estimates: dict[str, Estimate]
    references: dict[str, float]
    absent: dict[str, str]
    sampled: bool

    def to_json(self) -> dict[str, Any]:
        """Return {name: {value, low, high, n, seed, p?, reference}}."""
        return {
            name: estimate.to_json() | {"reference": self.references[name]}
            for name, estimate in self.estimates.items()
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Profile":
        """Read what `to_json` wrote."""
        figures = {name: dict(entry) for name, entry in document.items()}
        references = {name: entry.pop("reference") for name, entry in figures.items()}
        estimates = {name: Estimate.from_json(entry) for name, entry in figures.items()}
        return cls(estimates=estimates, references=references, absent={}, sampled=False)


def measure(
    corpus: Corpus, *, effort: Effort = "standard", seed: int = 0, progress: Progress = silent
) -> Profile:
    """Take every measure of the gap.

    Parameters
    ----------
    effort : how much of a large corpus is looked at beyond one pass over every row: "fast",
        "standard" or "full"; see `dohyo.measures.view.BUDGETS`. All are the same for a small one
    seed : seed of the sample, the resampling and the folds
    progress : told before each measure

    Returns
    -------
    Profile. A measure that needs pairs is absent, with the reason, when there are none.
    """
    sample = view(corpus, seed=seed, effort=effort)
    estimates: dict[str, Estimate] = {}
    references: dict[str, float] = {}
    absent: dict[str, str] = {}
    for done, (name, each) in enumerate(MEASURES.items()):
        progress(done, len(MEASURES), name)
        try:
            estimates[name] = each.compute(sample)
            references[name] = each.reference(sample)
        except CorpusError as error:
            absent[name] = str(error)
    progress(len(MEASURES), len(MEASURES), "measured")
    return Profile(
        estimates=estimates, references=references, absent=absent, sampled=sample.sampled
    )
