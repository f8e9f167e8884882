"""Why a decision was taken: a code and its figures, put into words by `dohyo.words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from dohyo.stats.bootstrap import Resampled
from dohyo.words import Words


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes
    ----------
    code : key of the sentence in the words' `reason` table
    values : what the sentence's placeholders stand for
    """

    code: str
    values: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def say(self, words: Words) -> str:
        """Return the sentence in the language of `words`."""
        spoken = {
            name: words.name(value) if isinstance(value, str) else value
            for name, value in self.values.items()
        }
        return words(f"reason.{self.code}", **spoken)

    def to_json(self) -> dict[str, Any]:
        """Return code and figures, from which any language can say it again."""
        return {"code": self.code, "values": dict(self.values)}


def groups_to_decide(figure: Resampled, level: float, needed: float) -> float:
    """Return the number of groups at which a figure would stand `needed` clear of its limit.

    The standard error falls with the root of the groups, so the bound clears the limit when
    z·se·√(n/n') < needed. 0 where nothing is needed.
    """
    z = NormalDist().inv_cdf(level)
    return figure.groups * (z * figure.standard_error() / needed) ** 2 if needed > 0 else 0.0
