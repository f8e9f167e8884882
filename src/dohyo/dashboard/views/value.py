"""What the correction is worth, with assumptions that the reader fills in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.errors import UsageError
from dohyo.reports.sections.value import value as value_section
from dohyo.value.costs import KINDS, Costs
from dohyo.value.costs_file import CURRENCY, EXAMPLES, costs_of
from dohyo.value.value import value_of
from dohyo.words import Words


def value(context: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the assumptions as they were given, and the account that follows from them."""
    found, words = context.found, context.words
    shown = examples(words) | {name: text for name, text in given.items() if name in KINDS}
    shown["currency"] = given.get("currency", examples(words)["currency"])
    values: dict[str, Any] = {
        "fields": [(name, words(f"costs.name.{name}"), shown[name]) for name in KINDS],
        "currency": shown["currency"],
        "trouble": "",
        "mine": any(name in KINDS for name in given),
    }
    if found is None:
        return values
    try:
        costs = costs_from(shown)
    except UsageError as error:
        return values | {"trouble": str(error), "chapters": ()}
    findings = replace(found.findings, value=value_of(found.findings.decision, costs))
    section = value_section(findings, words)
    sections = () if section is None else (section,)
    key = "value", *sorted(shown.items())
    return values | {"chapters": sections, "charts": context.charts(str(key), sections)}


def examples(words: Words) -> dict[str, str]:
    """Return the template's assumptions as text."""
    currency, unit = CURRENCY[words.language]
    shown = {
        name: ", ".join(f"{(unit if KINDS[name] == 'money' else 1.0) * n:g}" for n in numbers)
        for name, numbers in EXAMPLES.items()
    }
    return shown | {"currency": currency}


def costs_from(shown: Mapping[str, str]) -> Costs:
    """Return the costs that a form says: a number, or three for low, likely and high.

    Raises
    ------
    UsageError
        Naming the field, if one is neither.
    """
    document: dict[str, Any] = {"currency": shown["currency"].strip().upper()[:8]}
    for name in KINDS:
        parts = [part.strip() for part in shown[name].replace("、", ",").split(",")]
        try:
            numbers = [float(part) for part in parts[:4]]
        except ValueError as error:
            raise UsageError(
                f"{name} is no number.", hint="Write 3, or 2, 3, 5 for low, likely and high."
            ) from error
        document[name] = numbers[0] if len(numbers) == 1 else numbers
    return costs_of(document, where="The form")
