"""What a method's fit returns: parameters as used, arrays, and figures of the fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Parameters = Mapping[str, float]
Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The outcome of a fit, before it becomes an `AlignmentMap`.

    Attributes
    ----------
    arrays : everything `transform` needs, float32
    figures : what the fit found on the way (temperature, marginal error, …)
    """

    arrays: dict[str, NDArray[Any]]
    figures: dict[str, float] = field(default_factory=dict)
