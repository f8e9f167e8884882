"""A value as a report has told it, read back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dohyo.estimate import Estimate
from dohyo.value.break_even import BreakEven
from dohyo.value.costs_file import costs_of
from dohyo.value.tornado import Bar
from dohyo.value.value import FIGURES, Payback, Value, Worth


def value_from_json(document: Mapping[str, Any], *, where: str) -> Value:
    """Return the value that `Value.to_json` wrote, without its draws.

    Raises
    ------
    UsageError
        If its assumptions are not what `where` should hold.
    """
    even = document["break_even"]
    return Value(
        costs=costs_of(document["assumptions"], where=where),
        standing=document["standing"],
        worth=_worth(document) if "payback_months" in document else None,
        break_even=BreakEven(
            found=_or_infinity(even["mixed_recall_at_10_change"]),
            searches_per_day=_or_infinity(even["searches_per_day"]),
        ),
    )


def _worth(document: Mapping[str, Any]) -> Worth:
    figures: dict[str, Any] = {
        name: None if document[key] is None else Estimate.from_json(document[key])
        for name, key in FIGURES.items()
    }
    return Worth(
        **figures,
        payback=Payback(**{k: _or_infinity(v) for k, v in document["payback_months"].items()}),
        bars=tuple(
            Bar(
                name=bar["name"],
                low=bar["low"],
                high=bar["high"],
                at_low=bar["first_year_at_low"],
                at_high=bar["first_year_at_high"],
                given=bar["range_given"],
            )
            for bar in document["tornado"]
        ),
        draws=np.empty(0),
    )


def _or_infinity(number: float | None) -> float:
    return float("inf") if number is None else number
