"""Why a decision was taken: a code and its figures, put into words by `dohyo.words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

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
