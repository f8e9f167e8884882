"""The cost model: time, memory and disk of a stage from the number of rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dohyo.planning.fit import Fitted
from dohyo.planning.rates import Rates
from dohyo.planning.work import ALIKE, STAGES, Size

COEFFICIENTS = "coefficients.json"
MOST_APART = 8.0
"""How much faster or slower the fixed part may be said to run here: it is not all arithmetic."""


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

    def to_json(self) -> dict[str, float]:
        """Return the four numbers."""
        return asdict(self)


@cache
def known() -> dict[str, Any]:
    """Return what comes with dohyo: `machine`, `rates`, `largest`, `error` and `stages`."""
    text = files("dohyo.planning").joinpath(COEFFICIENTS).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def reference() -> Rates:
    """Return the rates of the machine that the coefficients were fitted on."""
    return Rates(**known()["rates"])


def largest(stage: str) -> int:
    """Return the most rows (images and texts) at which a stage was measured."""
    return int(known()["largest"][ALIKE.get(stage, stage)])


def error(stage: str) -> float | None:
    """Return by which factor the time of the largest size was missed from the smaller ones alone.

    At least 1, whichever way; None where there were too few sizes to leave one out.
    """
    found = known()["error"].get(ALIKE.get(stage, stage))
    return None if found is None else float(found)


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
    rates : of the machine, with its threads of BLAS; left out, of the one fitted on
    fitted : coefficients by stage; left out, those that come with dohyo

    Notes
    -----
    seconds = (fixed + c·rows)·slower + a·flops/rate + b·bytes/disk rate, none below 0, where
    `slower` is how many times slower this machine multiplies matrices; memory = base + h·bytes
    held. docs/scale.md.
    """
    slower = 1.0
    if fitted is None:
        fitted = {name: Fitted(**values) for name, values in known()["stages"].items()}
        if rates is not None:
            slower = reference().flops / rates.flops
            slower = min(max(slower, 1 / MOST_APART), MOST_APART)
    own, work = fitted[ALIKE.get(stage, stage)], STAGES[stage](size)
    at = rates or reference()
    products, disk = work.flops / at.flops, (work.read + work.written) / at.disk
    return Cost(
        (own.fixed + own.row * size.rows) * slower + own.products * products + own.disk * disk,
        own.base + own.held * work.held,
        work.written,
        work.flops,
    )
