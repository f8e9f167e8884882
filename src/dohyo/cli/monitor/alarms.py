"""dohyo monitor alarms"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.monitor.state import minute, names_of, opened, told_alarm
from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session


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
        if not found:
            s.tell(words("watch.no_alarms"))
        s.answer({"alarms": found})
