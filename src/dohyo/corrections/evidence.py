"""What a method may look at while it is fitted."""

from dataclasses import dataclass
from functools import cached_property

from dohyo.corpus import F32, Corpus
from dohyo.engine.moments import Moments, moments


@dataclass(frozen=True, eq=False)
class Side:
    """The unit rows of one modality, with moments that are taken once however many methods ask."""

    rows: F32

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the rows."""
        return moments(self.rows)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides of what a method is fitted on. No method here looks at pairs."""

    image: Side
    text: Side

    @classmethod
    def of(cls, corpus: Corpus) -> "Evidence":
        """Return the evidence of a whole corpus."""
        return cls(Side(corpus.unit("image")), Side(corpus.unit("text")))
