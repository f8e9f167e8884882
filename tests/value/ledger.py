"""Made-up costs and changes."""

import numpy as np

from dohyo.stats.bootstrap import RESAMPLES, Resampled
from dohyo.value.changes import Changes
from dohyo.value.costs import KINDS, Amount, Costs

LIKELY = {
    "searches_per_day": 1_000.0,
    "working_days_per_month": 20.0,
    "mixed_share": 0.3,
    "minutes_lost_per_failed_search": 2.0,
    "hourly_cost": 30.0,
    "detections_per_day": 100.0,
    "match_share": 0.1,
    "cost_per_false_detection": 2.0,
    "cost_per_missed_detection": 5.0,
    "vectors_millions": 3.0,
    "reindex_cost_per_million": 10.0,
    "engineering_days": 4.0,
    "day_rate": 500.0,
    "running_cost_per_month": 100.0,
}


def costs(**changed: float | tuple[float, float, float]) -> Costs:
    amounts = {}
    for name in KINDS:
        given = changed.get(name, LIKELY[name])
        low, likely, high = given if isinstance(given, tuple) else (given,) * 3
        amounts[name] = Amount(low=low, likely=likely, high=high)
    return Costs(currency="USD", amounts=amounts)


def resampled(value: float, error: float, *, seed: int = 0, groups: int = 100) -> Resampled:
    rng = np.random.default_rng(seed + 1)
    replicates = value + error * rng.normal(size=RESAMPLES)
    return Resampled(value=value, replicates=replicates, groups=groups, seed=0)


def changes(found: float | None = 0.2, error: float = 0.02, **rates: float) -> Changes:
    return Changes(
        found=None if found is None else resampled(found, error),
        **{name: resampled(rate, 0.001, seed=5) for name, rate in rates.items()},
    )
