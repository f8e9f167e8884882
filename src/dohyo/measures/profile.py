"""All gap measures of a corpus, with intervals: `dohyo.measure`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.registry import MEASURES
from dohyo.measures.view import Effort, View, view
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

    def only(self, names: Collection[str]) -> "Profile":
        """Return the profile of these measures alone, in the same order."""
        return Profile(
            estimates={name: e for name, e in self.estimates.items() if name in names},
            references={name: r for name, r in self.references.items() if name in names},
            absent={name: why for name, why in self.absent.items() if name in names},
            sampled=self.sampled,
        )

    @classmethod
    def from_json(
        cls,
        document: dict[str, Any],
        *,
        absent: dict[str, str] | None = None,
        sampled: bool = False,
    ) -> "Profile":
        """Read what `to_json` wrote; what stands beside it in a file is given by name."""
        figures = {name: dict(entry) for name, entry in document.items()}
        references = {name: entry.pop("reference") for name, entry in figures.items()}
        estimates = {name: Estimate.from_json(entry) for name, entry in figures.items()}
        return cls(estimates=estimates, references=references, absent=absent or {}, sampled=sampled)


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
    return measure_view(view(corpus, seed=seed, effort=effort), progress=progress)


def measure_view(sample: View, *, progress: Progress = silent) -> Profile:
    """Take every measure of a view that others may look at too; see `measure`."""
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
