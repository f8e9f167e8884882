"""`policy.toml`: the tolerances as a person writes them down."""

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from dohyo.decision.policy import RANGES, Policy
from dohyo.errors import UsageError
from dohyo.io.toml_file import read_toml
from dohyo.words import Words

RULES = tuple(field.name for field in fields(Policy))
WHOLE = ("minimum_groups", "most_groups")
SWITCHES = ("keep_dimension",)
PERCENTS = ("growing", "level")


def read_policy(path: Path | str) -> Policy:
    """Read a policy; what it leaves out keeps its default.

    Raises
    ------
    UsageError
        Naming the file and the key: it cannot be read, is no TOML, has an unknown key, a value of
        the wrong type or one out of range.
    """
    return policy_of(read_toml(path, template="dohyo policy --init"), where=str(path))


def policy_of(document: dict[str, Any], *, where: str) -> Policy:
    """Return the policy of a parsed document; `where` names it in errors.

    Raises
    ------
    UsageError
        See `read_policy`.
    """
    for name, value in document.items():
        if name not in RULES:
            raise UsageError(
                f"{where}: {name} is no rule that dohyo knows.",
                hint=f"Known are {', '.join(RULES)}.",
            )
        _check(name, value, where)
    return Policy(**document)


def template(words: Words) -> str:
    """Return a policy file with every rule at its default, and what each means."""
    defaults = Policy().to_json()
    parts = [_commented(words("policy.head"))]
    for name in RULES:
        value = defaults[name]
        shown = str(value).lower() if name in SWITCHES else repr(value)
        told = words("policy.comment", rule=words(f"policy.rule.{name}"), why=protects(name, words))
        parts.append(f"{_commented(told)}\n{name} = {shown}")
    return "\n\n".join(parts) + "\n"


def protects(name: str, words: Words) -> str:
    """Return what a rule protects, in words."""
    return words(f"policy.protects.{name}")


def tolerance(name: str, policy: Policy, words: Words) -> str:
    """Return the value of a rule as a person reads it."""
    value = policy.to_json()[name]
    if name in SWITCHES:
        return words("policy.yes" if value else "policy.no")
    if name in PERCENTS:
        return words("figure.percent", value=f"{100 * value:.4g}")
    return f"{value:,}" if name in WHOLE else f"{value:.3g}"


def _check(name: str, value: Any, where: str) -> None:
    if name in SWITCHES:
        if not isinstance(value, bool):
            raise UsageError(
                f"{where}: {name} is {value!r}, neither true nor false.", hint="Write one of them."
            )
        return
    whole = name in WHOLE
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        wanted = "whole number" if whole else "number"
        raise UsageError(f"{where}: {name} is {value!r}, not a {wanted}.", hint="Write a number.")
    low, high = RANGES[name]
    if not low <= value <= high:
        raise UsageError(
            f"{where}: {name} is {value}, outside {low:g} to {high:g}.",
            hint="Choose a value inside.",
        )


def _commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())
