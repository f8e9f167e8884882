"""dohyo monitor alarms"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from dohyo.cli.monitor.state import minute, names_of, opened, told_alarm
from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session
from dohyo.words import Words


def alarms(
    *,
    name: Annotated[
        str | None, typer.Option(help="Of one watch.", show_default="all of them")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="So many, the latest first.")] = 20,
    state: Annotated[Path, typer.Option(help="Folder of the state.")] = STATE,
    common: Common,
) -> None:
    """List the alarms, the latest first.

    Example: dohyo monitor alarms --state dohyo-state
    """
    from dohyo.monitor import book

    words = common.words
    with session(common) as s, opened(state) as ledger:
        names_of(ledger, name)
        found = book.alarms(ledger, name, most=most)
        for row in found:
            known = words(f"watch.state.{row['state']}")
            s.tell(words("watch.alarm_head", n=row["number"], at=minute(row["at"]), state=known))
            s.tell(told_alarm(row, words) + "\n")
            for line in _followed(row, words):
                s.tell(f"    {escape(line)}")
        if not found:
            s.tell(words("watch.no_alarms"))
        s.answer({"alarms": found})


def _followed(row: Mapping[str, Any], words: Words) -> list[str]:
    """Return what has changed and what came of it, as far as it was followed up."""
    from dohyo.monitor.adjust.adjusted import Adjusted
    from dohyo.monitor.explain.explanation import Explanation
    from dohyo.monitor.explain.say import say

    lines = list(say(Explanation.from_json(row["explained"]), words)) if row["explained"] else []
    if row["adjusted"]:
        lines.append(Adjusted.from_json(row["adjusted"]).say(words))
    return lines
