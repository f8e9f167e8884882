"""Every method under its name, the most conservative first.

To add one: write its file with `fit` and `transform`, add one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature

from dohyo.corpus import F32, Modality
from dohyo.corrections import center, displacement, gaussian_ot, none, whiten
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted, Parameters
from dohyo.errors import UsageError


@dataclass(frozen=True, slots=True)
class Method:
    """One way to fit a correction."""

    fit: Callable[..., Fitted]
    transform: Callable[[Arrays, F32, Modality], F32]

    @property
    def defaults(self) -> dict[str, float]:
        """Its parameters with their default values."""
        every = signature(self.fit).parameters.values()
        return {p.name: p.default for p in every if p.kind is p.KEYWORD_ONLY}


METHODS: dict[str, Method] = {
    "none": Method(none.fit, none.transform),
    "center": Method(center.fit, center.transform),
    "whiten": Method(whiten.fit, whiten.transform),
    "gaussian_ot": Method(gaussian_ot.fit, gaussian_ot.transform),
    "displacement": Method(displacement.fit, displacement.transform),
}

RANGES: dict[str, tuple[float, float]] = {
    "shrinkage": (0.0, 1.0),
    "perplexity": (1.0, float("inf")),
    "share": (0.0, 1.0),
}


def method_named(name: str) -> Method:
    """Return the method of this name.

    Raises
    ------
    UsageError
        If there is none; the message lists those there are.
    """
    if name not in METHODS:
        raise UsageError(
            f"There is no method {name!r}.", hint=f"Choose one of: {', '.join(METHODS)}, auto."
        )
    return METHODS[name]


def fit(name: str, evidence: Evidence, parameters: Parameters) -> tuple[Fitted, dict[str, float]]:
    """Fit a method; return the outcome and its parameters with the defaults filled in.

    Raises
    ------
    UsageError
        If the method or a parameter is unknown, or a value out of its range.
    """
    method = method_named(name)
    defaults = method.defaults
    for key, value in parameters.items():
        if key not in defaults:
            known = ", ".join(defaults) or "none"
            raise UsageError(
                f"{name} has no parameter {key!r}.", hint=f"Its parameters are: {known}."
            )
        low, high = RANGES[key]
        if not low <= value <= high:
            raise UsageError(
                f"{key} is {value}, outside {low:g} to {high:g}.", hint="Choose a value inside."
            )
    used = defaults | dict(parameters)
    return method.fit(evidence, **used), used
