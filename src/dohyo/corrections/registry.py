"""Every method under its name, the most conservative first.

To add one: write its file with `fit` and `transform`, add one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature

from dohyo.corpus import Modality
from dohyo.corrections import (
    calibrate,
    center,
    displacement,
    gaussian_ot,
    none,
    ot,
    spectral,
    standardize,
    whiten,
)
from dohyo.corrections.fitted import Arrays, Fitted, Parameters
from dohyo.corrections.maps.statistics import Keeps
from dohyo.corrections.scores.options import DEFAULTS
from dohyo.errors import UsageError
from dohyo.rows import F32


@dataclass(frozen=True, slots=True)
class Method:
    """One way to fit a correction.

    Attributes
    ----------
    keeps : what its fit reads of the items, which a map of it then holds so that items can be
        added; None where that cannot be done
    """

    fit: Callable[..., Fitted]
    transform: Callable[[Arrays, F32, Modality], F32]
    keeps: Keeps | None = None

    @property
    def defaults(self) -> dict[str, float]:
        """Its parameters with their default values."""
        every = signature(self.fit).parameters.values()
        return {p.name: p.default for p in every if p.kind is p.KEYWORD_ONLY}


METHODS: dict[str, Method] = {
    "none": Method(none.fit, none.transform, "nothing"),
    "calibrate": Method(calibrate.fit, calibrate.transform, "nothing"),
    "center": Method(center.fit, center.transform, "mean"),
    "standardize": Method(standardize.fit, standardize.transform, "variance"),
    "whiten": Method(whiten.fit, whiten.transform, "scatter"),
    "gaussian_ot": Method(gaussian_ot.fit, gaussian_ot.transform, "scatter"),
    "spectral": Method(spectral.fit, spectral.transform, "rows"),
    "ot": Method(ot.fit, ot.transform, "rows"),
    "displacement": Method(displacement.fit, displacement.transform, "rows"),
}

RANGES: dict[str, tuple[float, float]] = {
    "calibrate": (0.0, 1.0),
    "hubs": (0.0, 1.0),
    "growing": (0.0, 1.0),
    "shrinkage": (0.0, 1.0),
    "ledoit_wolf": (0.0, 1.0),
    "beta": (1e-3, 256.0),
    "components": (0.0, 1.0),
    "power": (0.0, 16.0),
    "perplexity": (1.0, float("inf")),
    "share": (0.0, 1.0),
    "unbalanced": (0.0, 1.0),
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


def checked(name: str, parameters: Parameters) -> tuple[dict[str, float], dict[str, float]]:
    """Return a method's own parameters and the options of all methods, defaults filled in.

    Raises
    ------
    UsageError
        If the method or a parameter is unknown, or a value out of its range.
    """
    own = method_named(name).defaults
    common = DEFAULTS | ({"calibrate": 1.0} if name == "calibrate" else {})
    for key, value in parameters.items():
        if key not in own | common:
            raise UsageError(
                f"{name} has no parameter {key!r}.",
                hint=f"Its parameters are: {', '.join(own | common)}.",
            )
        low, high = RANGES[key]
        if not low <= value <= high:
            raise UsageError(
                f"{key} is {value}, outside {low:g} to {high:g}.", hint="Choose a value inside."
            )
    used = own | common | dict(parameters)
    return {key: used[key] for key in own}, {key: used[key] for key in common}
