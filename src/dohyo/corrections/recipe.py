"""What to fit, before anything is fitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A method with its parameters and the strength at which it is applied.

    Attributes
    ----------
    method : name in the registry
    parameters : those that differ from the defaults
    strength : α in [0, 1]
    """

    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    strength: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def fit(self, evidence: Evidence) -> AlignmentMap:
        """Fit the method on this evidence."""
        return fit_map(self.method, evidence, self.parameters)

    def to_json(self) -> dict[str, Any]:
        """Return method, parameters and strength."""
        return {
            "method": self.method,
            "parameters": dict(self.parameters),
            "strength": self.strength,
        }


NOTHING = Recipe(method="none")
LADDER = tuple(Recipe(method=name) for name in ("center", "whiten", "gaussian_ot", "displacement"))
"""What `auto` tries, the most conservative first."""
