"""Figures made by hand: a value with a standard error, as if they had been resampled."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm

from dohyo.decision.guardrails import Scores
from dohyo.stats.bootstrap import Resampled


def figure(value: float, error: float, groups: int = 100) -> Resampled:
    grid = norm.ppf((np.arange(2_000) + 0.5) / 2_000)
    return Resampled(value=value, replicates=value + error * grid, groups=groups, seed=0)


@pytest.fixture(scope="session")
def scored() -> Callable[..., Scores]:
    """Make scores that pass every guardrail but for what is said."""

    def make(
        *,
        mixed: tuple[float, float] = (0.6, 0.02),
        gain: tuple[float, float] = (0.4, 0.02),
        harm: tuple[float, float] = (0.0, 0.01),
        departure: tuple[float, float] = (0.0, 0.0),
        departure_before: tuple[float, float] = (-0.5, -0.5),
    ) -> Scores:
        return Scores(
            mixed=figure(*mixed),
            gain=figure(*gain),
            recall=figure(0.5, 0.02),
            harm=figure(*harm),
            share=figure(0.5, 0.01),
            departure=dict(zip(("image", "text"), departure, strict=True)),
            departure_before=dict(zip(("image", "text"), departure_before, strict=True)),
            gap_left=0.1,
        )

    return make
