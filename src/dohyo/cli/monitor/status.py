"""dohyo monitor status"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dohyo.cli.monitor.state import minute, names_of, opened
from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session
from dohyo.words import Words

if TYPE_CHECKING:
    from dohyo.monitor.canaries.kept import Kept
    from dohyo.monitor.standing import Standing
    from dohyo.rollout.ledger import Ledger

COUNTED = ("learning", "calibrating", "watching")
LEFT_OUT = ("refused", "encoder", "late", "duplicate", "future")


def status(
    *,
    name: Annotated[str | None, typer.Option(help="One watch.", show_default="all of them")] = None,
    state: Annotated[Path, typer.Option(help="Folder of the state.")] = STATE,
    common: Common,
) -> None:
    """Show how each watch stands: warming up or watching, its evidence, batches and alarms.

    Example: dohyo monitor status --state dohyo-state
    """
    from dohyo.monitor.watch import Watch

    words = common.words
    with session(common) as s, opened(state) as ledger:
        found = [Watch(ledger, each).standing() for each in names_of(ledger, name)]
        if found:
            s.tell(_table(found, words))
        else:
            s.tell(words("watch.none"))
        for each in found:
            s.tell(stands(each, words))
        canaries = _canaries(ledger, found)
        for name_, kept in canaries.items():
            s.tell(_canary(name_, kept, words))
        bad = _latest_bad(ledger, found)
        for row in bad:
            s.tell(words("watch.latest_bad", **{key: escape(row[key]) for key in row}))
        waiting = _waiting(ledger)
        s.tell(words("watch.waiting", **waiting))
        from dohyo.monitor.alerts import given_up

        lost = given_up(ledger)
        if lost:
            s.tell(words("alerts.given_up", n=lost))
        waiting |= {"given_up_messages": lost}
        checked = {each: kept.to_json() for each, kept in canaries.items()}
        told = {"watches": [each.to_json() for each in found], "latest_bad": bad}
        s.answer(told | {"canaries": checked} | waiting)


def _canaries(ledger: "Ledger", found: "list[Standing]") -> "dict[str, Kept]":
    """Return what the last check of each canary has shown, by watch."""
    from dohyo.monitor.canaries.kept import read_kept

    held = {each.name: read_kept(ledger, each.name) for each in found}
    return {name: kept for name, kept in held.items() if kept is not None}


def _canary(name: str, kept: "Kept", words: Words) -> str:
    standing = words(f"watch.canary.{'changed' if kept.result['changed'] else 'same'}")
    told = {"name": escape(name), "at": minute(kept.checked), "recall": kept.recall}
    return words("watch.canary_standing", standing=standing, **told)


def stands(standing: "Standing", words: Words) -> str:
    """Return in a sentence whether something is judged yet."""
    told: dict[str, Any] = {"name": escape(standing.name), "left": standing.left}
    if standing.silent:
        return words("watch.silent", since=minute(standing.beat), **told)
    if not standing.warming_up:
        figures = {"evidence": standing.evidence, "threshold": standing.threshold}
        return words("watch.watching", **figures, **told)
    key = f"watch.{standing.phase}" if standing.until else f"watch.{standing.phase}_open"
    return words(key, until=minute(standing.until), **told)


def _table(found: "list[Standing]", words: Words) -> Table:
    table = Table()
    for column in ("name", "evidence", "counted", "left_out", "newest", "alarms"):
        table.add_column(words(f"watch.column.{column}"), no_wrap=column == "newest")
    for each in found:
        counts = each.counts
        table.add_row(
            escape(each.name),
            f"{each.evidence:.3g} / {each.threshold:g}",
            str(sum(counts.get(outcome, 0) for outcome in COUNTED)),
            str(sum(counts.get(outcome, 0) for outcome in LEFT_OUT)),
            minute(each.newest),
            f"{each.open_alarms} / {each.alarms}",
        )
    return table


def _latest_bad(ledger: "Ledger", found: "list[Standing]") -> list[dict[str, Any]]:
    """Return the latest batch of each watch that does not count, and why."""
    return [
        row
        for each in found
        for row in ledger.rows(
            "SELECT watch AS name, id, outcome, why FROM batches WHERE watch = ? AND why <> '' "
            "ORDER BY number DESC LIMIT 1",
            each.name,
        )
    ]


def _waiting(ledger: "Ledger") -> dict[str, int]:
    """Return what waits: for a person, and for a receiver."""
    proposals = ledger.rows("SELECT count(*) AS n FROM proposals WHERE state = 'open'")[0]["n"]
    outbox = ledger.rows(
        "SELECT count(*) AS n FROM outbox WHERE sent IS NULL AND given_up IS NULL"
    )[0]["n"]
    return {"open_proposals": proposals, "unsent_messages": outbox}
