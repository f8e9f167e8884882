"""What to fit, before anything is fitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dohyo.corrections import registry
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.scores.columns import ceiling_of, scale_of
from dohyo.corrections.scores.options import without


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A method with its parameters and the strength at which it is applied.

    Attributes
    ----------
    method : name in the registry
    parameters : those that differ from the defaults
    strength : α in [0, 1]
    offset : what held-out queries called for, where a search has already told; a fit without it
        finds out by itself. Two recipes that differ in it alone are the same.
    """

    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    strength: float = 1.0
    offset: tuple[float, float] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def fit(self, evidence: Evidence) -> AlignmentMap:
        """Fit the method on this evidence."""
        return fit_map(self.method, evidence, self.parameters, offset=self.offset)

    @property
    def label(self) -> str:
        """Method and options joined by `+`, as `Words.name` takes it."""
        options = [name for name in ("calibrate", "hubs") if self.parameters.get(name)]
        return "+".join([self.method, *(name for name in options if name != self.method)])

    @property
    def calibrates(self) -> bool:
        """Whether it corrects the scores between modalities."""
        return registry.checked(self.method, self.parameters)[1]["calibrate"] > 0

    @property
    def moves(self) -> bool:
        """Whether it changes the vectors, and not their scores alone."""
        return self.method not in ("none", "calibrate")

    @property
    def score_scale(self) -> float:
        """How many times larger its scores are before rows are scaled to length 1."""
        return scale_of(ceiling_of(self.strength * self.parameters.get("hubs", 0.0)))

    def uncalibrated(self) -> "Recipe":
        """Return the same without offsets: what can be fitted without setting items aside."""
        rest = without(self.parameters, "calibrate", "growing")
        method = "none" if self.method == "calibrate" else self.method
        return replace(self, method=method, parameters=rest, offset=None)

    def to_json(self) -> dict[str, Any]:
        """Return method, parameters and strength."""
        return {
            "method": self.method,
            "parameters": dict(self.parameters),
            "strength": self.strength,
        }


def _scored(method: str, *, hubs: bool, **parameters: float) -> Recipe:
    """Return a recipe with comparable scores, whose hubs are held back if so wished."""
    chosen = parameters | {"calibrate": 1.0} | ({"hubs": HUBS} if hubs else {})
    return Recipe(method=method, parameters=chosen)


HUBS = 0.5
"""Half of an item's closeness to everything is taken off, as in Lample et al. 2018."""

NOTHING = Recipe(method="none")
LADDER = (
    Recipe(method="calibrate"),
    _scored("calibrate", hubs=True),
    _scored("center", hubs=False),
    _scored("center", hubs=True),
    _scored("gaussian_ot", hubs=False, ledoit_wolf=1.0),
    _scored("gaussian_ot", hubs=True, ledoit_wolf=1.0),
    _scored("displacement", hubs=False),
)
"""What `auto` tries, the most conservative first. All are calibrated, because mixed lists can be
compared only at the same share of each kind. The plan of `displacement` gives every item the same
mass, which holds hubs back already: to do so again costs unseen queries (docs/research.md)."""
LADDER_OF_VECTORS = tuple(
    Recipe(method=name) for name in ("center", "whiten", "gaussian_ot", "displacement")
)
"""What `auto` tries where no column may be added to the index."""
