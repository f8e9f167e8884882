"""dohyo monitor proposals"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from dohyo.cli.monitor.state import minute, opened
from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session
from dohyo.words import Words

State = Annotated[Path, typer.Option(help="Folder of the state.")]


def proposals(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also those put off, approved and rejected.")
    ] = False,
    state: State = STATE,
    common: Common,
) -> None:
    """List the changes that wait for a person, the latest first.

    Example: dohyo monitor proposals --state dohyo-state
    """
    from dohyo.rollout.proposals import Proposals
    from dohyo.rollout.stages import Rollouts

    words = common.words
    with session(common) as s, opened(state) as ledger:
        found = Proposals(ledger, Rollouts(ledger)).listed(only_open=not every)
        for row in found:
            s.tell(_line(row, words))
            if row["why"]:
                s.tell(words("adjust.list.why", why=escape(row["why"])))
            if row["report"]:
                report = escape(str(state / row["report"] / "report.html"))
                s.tell(words("adjust.list.report", folder=report))
            if row["state"] == "snoozed":
                s.tell(words("adjust.list.snoozed", until=minute(row["snoozed_until"])))
            if row["approvals"] and row["state"] in ("open", "snoozed"):
                who = escape(", ".join(each["who"] for each in row["approvals"]))
                missing = row["needed"] - len(row["approvals"])
                s.tell(words("adjust.list.approvals", who=who, missing=missing))
        if not found:
            s.tell(words("adjust.list.none"))
        s.answer({"proposals": found})


def told_change(wanted: Mapping[str, Any], words: Words) -> str:
    """Return what a proposal wants, in a few words."""
    told = []
    if "map" in wanted:
        strength = wanted.get("strength", 1.0)
        told.append(words("adjust.list.map", map=wanted["map"], strength=strength))
    elif "strength" in wanted:
        told.append(words("adjust.list.strength", strength=wanted["strength"]))
    if wanted.get("stage") == "canary" and "percent" in wanted:
        told.append(words("adjust.list.canary", percent=wanted["percent"]))
    elif "stage" in wanted:
        told.append(words("adjust.list.stage", stage=words(f"serve.stage.{wanted['stage']}")))
    if "interleave" in wanted:
        told.append(words("adjust.list.interleave", share=100 * wanted["interleave"]))
    return words("adjust.list.and").join(told)


def _line(row: Mapping[str, Any], words: Words) -> str:
    return words(
        "adjust.list.line",
        number=row["number"],
        state=words(f"adjust.state.{row['state']}"),
        at=minute(row["at"]),
        by=escape(row["by"]),
        what=escape(told_change(row["wanted"], words)),
    )
