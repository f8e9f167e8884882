"""The cost model: time, memory and disk of a stage from the number of rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dohyo.planning.fit import Fitted, time_terms
from dohyo.planning.rates import Rates
from dohyo.planning.work import STAGES, Size

COEFFICIENTS = "coefficients.json"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage takes.

    Attributes
    ----------
    seconds : of the whole process
    bytes_memory : at the peak
    bytes_disk : written
    flops : of matrix products
    """

    seconds: float
    bytes_memory: float
    bytes_disk: float
    flops: float

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of one after the other."""
        return Cost(
            self.seconds + other.seconds,
            max(self.bytes_memory, other.bytes_memory),
            self.bytes_disk + other.bytes_disk,
            self.flops + other.flops,
        )

    def to_json(self) -> dict[str, float]:
        """Return the four numbers."""
        return asdict(self)


@cache
def known() -> dict[str, Any]:
    """Return what comes with dohyo: `machine`, `rates`, `largest` and `stages`."""
    text = files("dohyo.planning").joinpath(COEFFICIENTS).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def reference() -> Rates:
    """Return the rates of the machine that the coefficients were fitted on."""
    return Rates(**known()["rates"])


def largest(stage: str) -> int:
    """Return the most rows (images and texts) at which a stage was measured."""
    return int(known()["largest"][stage])


def cost(
    stage: str,
    size: Size,
    rates: Rates | None = None,
    fitted: Mapping[str, Fitted] | None = None,
) -> Cost:
    """Return what a stage takes.

    Parameters
    ----------
    stage : a name of `STAGES`
    rates : of the machine; left out, those of the one the coefficients were fitted on. The
        threads of BLAS are in them.
    fitted : coefficients by stage; left out, those that come with dohyo

    Notes
    -----
    seconds = fixed·(flops there / flops here) + a·flops/rate + b·bytes/disk rate, a, b ≥ 0; memory
    = base + c·bytes held. The fixed part is mostly arithmetic, so it follows the processor.
    """
    if fitted is None:
        fitted = {name: Fitted(**values) for name, values in known()["stages"].items()}
    there = reference() if known_rates(rates) else None
    at = rates or reference()
    own, work = fitted[stage], STAGES[stage](size)
    slower = 1.0 if there is None else there.flops / at.flops
    terms = time_terms(work, at)
    return Cost(
        own.fixed * slower + own.products * terms[1] + own.disk * terms[2],
        own.base + own.held * work.held,
        work.written,
        work.flops,
    )


def known_rates(rates: Rates | None) -> bool:
    """Return whether rates were given."""
    return rates is not None
