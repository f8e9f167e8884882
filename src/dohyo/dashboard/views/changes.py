"""A change of a roll-out in one line, wanted or done."""

from collections.abc import Mapping
from typing import Any

from dohyo.words import Words

FIELDS = ("stage", "percent", "map", "strength", "interleave")


def told(wanted: Mapping[str, Any], words: Words) -> str:
    """Return a change, or a whole roll-out: its stage, its shares, its map."""
    parts = []
    if wanted.get("stage"):
        parts.append(stage(wanted["stage"], words))
    if wanted.get("percent"):
        parts.append(words("dashboard.percent", percent=wanted["percent"]))
    if wanted.get("map"):
        parts.append(words("dashboard.wanted_map", map=wanted["map"]))
    if wanted.get("strength") is not None:
        parts.append(words("dashboard.wanted_strength", strength=wanted["strength"]))
    if wanted.get("interleave") is not None:
        share = 100 * wanted["interleave"]
        parts.append(words("dashboard.wanted_interleave", percent=share))
    return words("dashboard.comma").join(parts)


def stage(name: str, words: Words) -> str:
    """Return a stage's short name."""
    return words(f"dashboard.stage_name.{name}")


def logged(row: Mapping[str, Any], words: Words) -> str:
    """Return what a line of the log says was done, and what changed by it."""
    action = words(f"dashboard.action.{row['action']}")
    detail = row["detail"]
    if "after" in detail:
        change = _differs(detail["before"], detail["after"], words)
    else:
        change = told({name: detail.get(name) or None for name in FIELDS}, words)
    # what is no collection's needs no name: "Four eyes asked for"
    if row["subject"] == "settings":
        return action.rstrip(":： ")
    key = "dashboard.logged_change" if change else "dashboard.logged"
    return words(key, action=action, subject=row["subject"], change=change)


def _differs(before: Mapping[str, Any], after: Mapping[str, Any], words: Words) -> str:
    """Return the stage before and after, and of the rest what is another than before."""
    names = [stage(each["stage"], words) for each in (before, after)]
    first = names[0] if names[0] == names[1] else " → ".join(names)
    other = {
        name: after[name]
        for name in FIELDS[1:]
        if after[name] != before[name] and not (name == "percent" and not after[name])
    }
    return words("dashboard.comma").join(filter(None, (first, told(other, words))))
