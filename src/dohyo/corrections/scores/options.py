"""What every method accepts besides its own parameters."""

from dataclasses import dataclass

from dohyo.corrections.fitted import Parameters

DEFAULTS: dict[str, float] = {"calibrate": 0.0, "hubs": 0.0, "growing": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Corrections of the scores, which compose with any correction of the vectors.

    Attributes
    ----------
    calibrate : 1 to add an offset to the scores across modalities, 0 not to
    hubs : λ in [0, 1], how much of an item's closeness to everything is taken off its scores
    growing : share in [0, 1] of searches that will hit items added after the fit; it weighs what
        the offset is learnt from
    """

    calibrate: bool
    hubs: float
    growing: float


def options(parameters: Parameters) -> Options:
    """Return the options among a method's parameters, defaults filled in."""
    chosen = DEFAULTS | {name: parameters[name] for name in DEFAULTS if name in parameters}
    return Options(
        calibrate=chosen["calibrate"] > 0, hubs=chosen["hubs"], growing=chosen["growing"]
    )


def without(parameters: Parameters, *names: str) -> dict[str, float]:
    """Return the parameters that are left when these are taken away."""
    return {name: value for name, value in parameters.items() if name not in names}
