"""dohyo monitor approve, reject, snooze, rollback, close, four-eyes"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from dohyo.cli.monitor.proposals import State, told_change
from dohyo.cli.monitor.state import minute, opened
from dohyo.cli.options import STATE, Common, StoreAddress
from dohyo.cli.session import session
from dohyo.errors import UsageError

if TYPE_CHECKING:
    from dohyo.rollout.ledger import Ledger
    from dohyo.rollout.proposals import Proposals
    from dohyo.rollout.roles import Caller
    from dohyo.rollout.stages import Rollouts

Number = Annotated[int, typer.Argument(min=1, help="Of the proposal.", show_default=False)]
By = Annotated[
    str | None,
    typer.Option(help="Your name, for the audit log.", show_default="command line"),
]
Why = Annotated[str, typer.Option(help="Why, for the audit log.")]
NOBODY = "command line"


@dataclass(frozen=True, slots=True)
class _Open:
    """The state, opened, and who acts on it."""

    ledger: "Ledger"
    rollouts: "Rollouts"
    proposals: "Proposals"
    by: "Caller"


@contextmanager
def _acting(state: Path, by: str | None, *, named: bool = False) -> Iterator[_Open]:
    """Yield the state; a refusal becomes an error of the command line.

    Whoever may write the state's folder is an approver here, under the name that he gives.

    Parameters
    ----------
    named : whether four eyes need a name to tell one from the other
    """
    from dohyo.rollout.proposals import Proposals
    from dohyo.rollout.refusal import Refusal
    from dohyo.rollout.roles import Caller
    from dohyo.rollout.stages import Rollouts

    name = (by or NOBODY).strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise UsageError("That is no name.", hint="Give a short one with --by.")
    with opened(state) as ledger:
        rollouts = Rollouts(ledger)
        if named and by is None and rollouts.four_eyes:
            raise UsageError(
                "Two people must agree here, so each must say who he is.",
                hint="Give your name with --by.",
            )
        try:
            yield _Open(ledger, rollouts, Proposals(ledger, rollouts), Caller(name, "approver"))
        except Refusal as refusal:
            raise UsageError(refusal.what, hint=refusal.hint) from refusal


def approve(
    *,
    number: Number,
    why: Why = "",
    by: By = None,
    store: Annotated[
        str | None,
        typer.Option(help="Look there first whether the corrected copy is made, lancedb://…."),
    ] = None,
    texts: Annotated[str | None, typer.Option(help="Collection of texts, if of its own.")] = None,
    address: StoreAddress,
    state: State = STATE,
    common: Common,
) -> None:
    """Approve a proposal, which carries it out; a running service follows at once.

    Example: dohyo monitor approve 3 --by anna --why "the report convinces me"
    """
    words = common.words
    with session(common) as s, _acting(state, by, named=True) as here:
        _check_copy(here, state, number, store, texts, address)
        done = here.proposals.decide(number, here.by, why, approve=True)
        what = told_change(done["wanted"], words)
        key = "approved" if done["state"] == "approved" else "first"
        s.tell(words(f"adjust.done.{key}", number=number, what=what))
        s.answer(done)


def reject(
    *, number: Number, why: Why = "", by: By = None, state: State = STATE, common: Common
) -> None:
    """Reject a proposal, for a reason.

    Example: dohyo monitor reject 3 --why "the new shelf is a test"
    """
    with session(common) as s, _acting(state, by) as here:
        done = here.proposals.decide(number, here.by, why, approve=False)
        s.tell(common.words("adjust.done.rejected", number=number))
        s.answer(done)


def snooze(
    *,
    number: Number,
    for_: Annotated[str, typer.Option("--for", help="How long, such as 7d or 12h.")] = "7d",
    why: Why = "",
    by: By = None,
    state: State = STATE,
    common: Common,
) -> None:
    """Put a proposal off; it comes back by itself.

    Example: dohyo monitor snooze 3 --for 7d
    """
    from dohyo.monitor.replay import days_of

    days = days_of(for_)
    if days > 366:
        raise UsageError(f"{for_} is too long.", hint="Put it off for a year at most, or reject.")
    with session(common) as s, _acting(state, by) as here:
        until = datetime.now(UTC) + timedelta(days=days)
        done = here.proposals.snooze(number, until, here.by, why)
        shown = minute(done["snoozed_until"])
        s.tell(common.words("adjust.done.snoozed", number=number, until=shown))
        s.answer(done)


def rollback(
    *,
    to: Annotated[
        Literal["raw", "previous"], typer.Option(help="Raw, or the map before this one.")
    ] = "raw",
    collection: Annotated[
        str | None, typer.Option(help="Which one.", show_default="the only one")
    ] = None,
    why: Why = "",
    by: By = None,
    state: State = STATE,
    common: Common,
) -> None:
    """Return to raw at once, or to the map before this one at the stage that it had.

    Example: dohyo monitor rollback --why "complaints since this morning"
    """
    from dohyo.rollout.previous import previous
    from dohyo.rollout.stages import Wanted

    if not why.strip():
        raise UsageError("There is no reason.", hint="Say why in a sentence, with --why.")
    words = common.words
    with session(common) as s, _acting(state, by) as here:
        name = _collection(here.ledger, collection)
        wanted, action = Wanted(stage="off"), "rolled_back"
        if to == "previous":
            wanted, action = previous(here.ledger, here.rollouts.of(name)), "went_back"
            _check_map(state, wanted.map)
        done = here.rollouts.change(name, wanted, here.by, why, action=action, agreed=True)
        stage = words(f"serve.stage.{done.stage}")
        key = "adjust.done.raw" if to == "raw" else "adjust.done.back"
        s.tell(words(key, collection=escape(name), map=done.map, stage=stage))
        s.answer(done.to_json())


def close(
    *,
    number: Annotated[int, typer.Argument(min=1, help="Of the alarm.", show_default=False)],
    why: Why = "",
    by: By = None,
    state: State = STATE,
    common: Common,
) -> None:
    """Close an alarm that is dealt with; what watches the watch then no longer sees it.

    Example: dohyo monitor close 1 --why "the new shelf is wanted"
    """
    from dohyo.rollout.alarms import close_alarm

    with session(common) as s, _acting(state, by) as here:
        close_alarm(here.ledger, number, here.by, why)
        s.tell(common.words("adjust.done.closed", number=number))
        s.answer({"alarm": number, "state": "closed"})


def four_eyes(
    *,
    setting: Annotated[Literal["on", "off"], typer.Argument(help="Whether two must agree.")],
    why: Why = "",
    by: By = None,
    state: State = STATE,
    common: Common,
) -> None:
    """Say whether two people must agree before anybody gets more of a correction.

    Who has proposed something may then not approve it, and what a monitor proposed needs two.

    Example: dohyo monitor four-eyes on
    """
    with session(common) as s, _acting(state, by) as here:
        here.rollouts.set_four_eyes(setting == "on", here.by, why)
        s.tell(common.words(f"adjust.done.four_eyes_{setting}"))
        s.answer({"four_eyes": setting == "on"})


def _collection(ledger: "Ledger", collection: str | None) -> str:
    there = [row["collection"] for row in ledger.rows("SELECT collection FROM rollouts")]
    name = collection or (there[0] if len(there) == 1 else None)
    if name is None or name not in there:
        raise UsageError(
            "Which collection is not clear.",
            hint=f"Name it with --collection: {', '.join(there) or 'none has a map yet'}.",
        )
    return name


def _check_map(state: Path, which: str | None) -> None:
    from dohyo.corrections.maps.library import Library

    if which is not None and which not in Library(state / "maps"):
        raise UsageError(
            f"The map {which} is no longer there.",
            hint=f"Copy its folder into {state / 'maps'}, or return to raw.",
        )


def _check_copy(
    here: _Open,
    state: Path,
    number: int,
    store: str | None,
    texts: str | None,
    address: StoreAddress,
) -> None:
    """Refuse what would search a corrected copy that is not there, as far as can be told."""
    from dohyo.corrections.maps.library import Library
    from dohyo.monitor.adjust.shop import Shop
    from dohyo.rollout.stages import Wanted

    row = here.proposals.one(number)
    after = Wanted(**row["wanted"]).applied(here.rollouts.of(row["collection"]))
    _check_map(state, after.map)
    if after.stage == "off" or after.map is None:
        return
    if store is None:
        if row["alarm"] is not None and _copy_of(here.ledger, row["alarm"]) in (
            "missing",
            "failed",
        ):
            raise UsageError(
                "The corrected copy that this needs was not made beforehand.",
                hint="Make it as the proposal says, then approve with --store, so that it is seen.",
            )
        return
    with address.open(store) as held:
        shop = Shop(store=held, collection=row["collection"], texts=texts)
        if not shop.has_copy(Library(state / "maps").get(after.map), after.strength):
            raise UsageError(
                f"{row['collection']} has no copy that this map has corrected.",
                hint="Make it with dohyo migrate --no-switch, with the same map and strength.",
            )


def _copy_of(ledger: "Ledger", alarm: int | None) -> Any:
    found = ledger.rows(
        "SELECT json_extract(adjusted, '$.copy') AS copy FROM alarms WHERE number = ?", alarm
    )
    return found[0]["copy"] if found else None
