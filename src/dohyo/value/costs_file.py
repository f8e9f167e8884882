"""`costs.toml`: the assumptions as a person writes them down."""

import math
import re
from pathlib import Path
from typing import Any

from dohyo.errors import UsageError
from dohyo.io.toml_file import read_toml
from dohyo.value.costs import KINDS, Amount, Costs, limit_of
from dohyo.words import Language, Words

ENDS = ("low", "likely", "high")
EXAMPLES: dict[str, tuple[float, ...]] = {
    "searches_per_day": (5_000, 10_000, 15_000),
    "working_days_per_month": (20,),
    "mixed_share": (0.1, 0.2, 0.4),
    "minutes_lost_per_failed_search": (0.2, 0.5, 1.5),
    "hourly_cost": (30, 40, 60),
    "detections_per_day": (0,),
    "match_share": (0.01,),
    "cost_per_false_detection": (0,),
    "cost_per_missed_detection": (0,),
    "vectors_millions": (1,),
    "reindex_cost_per_million": (20,),
    "engineering_days": (10, 15, 30),
    "day_rate": (600,),
    "running_cost_per_month": (200, 300, 600),
}
"""What the template starts from, in units of the currency below."""
CURRENCY: dict[Language, tuple[str, float]] = {"en": ("USD", 1.0), "ja": ("JPY", 100.0)}
"""Of the template, and how many of it the examples' unit of money is taken for."""
CODE = re.compile(r"[A-Z]{3}")


def read_costs(path: Path) -> Costs:
    """Read a cost file.

    Raises
    ------
    UsageError
        If the file cannot be read, a key is missing, unknown, negative, out of range or of the
        wrong type, or the ends of a range are out of order.
    """
    return costs_of(read_toml(path, template="dohyo costs --init"), where=str(path))


def costs_of(document: dict[str, Any], *, where: str) -> Costs:
    """Return the costs of a parsed document; `where` names it in errors.

    Raises
    ------
    UsageError
        See `read_costs`.
    """
    if not document:
        raise UsageError(f"{where} is empty.", hint="Write a template with dohyo costs --init.")
    unknown = sorted(document.keys() - KINDS.keys() - {"currency"})
    if unknown:
        raise UsageError(
            f"{where}: {unknown[0]} is no cost that dohyo knows.",
            hint=f"Known are currency, {', '.join(KINDS)}.",
        )
    missing = [name for name in ("currency", *KINDS) if name not in document]
    if missing:
        raise UsageError(
            f"{where}: {missing[0]} is missing.", hint="Costs that do not apply are set to 0."
        )
    currency = document["currency"]
    if not isinstance(currency, str) or not CODE.fullmatch(currency):
        raise UsageError(
            f"{where}: currency is {_shown(currency)}, not a code.",
            hint='Write three capital letters, such as "JPY".',
        )
    amounts = {name: _amount(name, document[name], where) for name in KINDS}
    return Costs(currency=currency, amounts=amounts)


def template(words: Words) -> str:
    """Return a cost file to fill in: every key with an example and what it means."""
    currency, unit = CURRENCY[words.language]
    lines = [_commented(words("costs.head")), _commented(words("costs.ranges"))]
    lines.append(f'{_commented(words("costs.currency"))}\ncurrency = "{currency}"')
    for name, example in EXAMPLES.items():
        scale = unit if KINDS[name] == "money" else 1.0
        shown = [f"{scale * number:g}" for number in example]
        value = shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
        lines.append(f"{_commented(words(f'costs.key.{name}'))}\n{name} = {value}")
    return "\n\n".join(lines) + "\n"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())


def _amount(name: str, given: Any, where: str) -> Amount:
    if isinstance(given, dict):
        if set(given) != set(ENDS):
            raise UsageError(
                f"{where}: {name} has the keys {', '.join(sorted(given)) or 'of nothing'}.",
                hint="A range has low, likely and high.",
            )
        given = [given[end] for end in ENDS]
    numbers = given if isinstance(given, list) else [given] * 3
    if len(numbers) != len(ENDS) or not all(map(_is_number, numbers)):
        raise UsageError(
            f"{where}: {name} is {_shown(given)}, neither a number nor a range.",
            hint="Write 3, or [2, 3, 5] for low, likely and high.",
        )
    low, likely, high = map(float, numbers)
    if low < 0:
        raise UsageError(
            f"{where}: {name} is negative ({low:g}).", hint="Costs and counts start at 0."
        )
    if not low <= likely <= high:
        raise UsageError(
            f"{where}: {name} runs from {low:g} over {likely:g} to {high:g}.",
            hint="Put low, likely and high in rising order.",
        )
    if high > limit_of(name):
        raise UsageError(
            f"{where}: {name} is {high:g}, more than {limit_of(name):g}.",
            hint="A share lies between 0 and 1, a month has 31 days at most.",
        )
    return Amount(low=low, likely=likely, high=high)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
