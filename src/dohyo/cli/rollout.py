"""dohyo rollout"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session
from dohyo.errors import UsageError
from dohyo.extras import require


def rollout(
    *,
    stage: Annotated[
        Literal["show", "raw", "shadow", "canary", "on"],
        typer.Argument(help="What to answer with; raw returns at once.", show_default=False),
    ] = "show",
    percent: Annotated[float, typer.Option(help="Share that a canary corrects.")] = 0.0,
    collection: Annotated[
        str | None, typer.Option(help="Which one.", show_default="the only one")
    ] = None,
    why: Annotated[str, typer.Option(help="For the audit log.")] = "",
    state: Annotated[Path, typer.Option(help="Folder of the service's state.")] = STATE,
    common: Common,
) -> None:
    """Show or change how far a service has rolled its correction out, even while it runs.

    Whoever may write the state's folder is an approver here. A running service follows at once.

    Example: dohyo rollout raw --why "complaints about the new results"
    """
    require("fastapi", extra="serve", needed_by="dohyo rollout")
    from dohyo.rollout.ledger import Ledger
    from dohyo.rollout.refusal import Refusal
    from dohyo.rollout.stages import Rollouts, Wanted
    from dohyo.serve.tokens import ADMIN

    file = state / "service.sqlite"
    if not file.is_file():
        raise UsageError(f"There is no service's state in {state}.", hint="Name it with --state.")
    with session(common) as s:
        ledger = Ledger(file)
        try:
            rollouts = Rollouts(ledger)
            there = [row["collection"] for row in ledger.rows("SELECT collection FROM rollouts")]
            name = collection or (there[0] if len(there) == 1 else None)
            if name not in there or name is None:
                raise UsageError(
                    "Which collection is not clear.",
                    hint=f"Name it with --collection: {', '.join(there) or 'none has a map yet'}.",
                )
            if stage != "show":
                wanted = Wanted(
                    stage="off" if stage == "raw" else stage,
                    percent=percent if stage == "canary" else None,
                )
                try:
                    rollouts.change(name, wanted, ADMIN, why)
                except Refusal as refusal:
                    raise UsageError(refusal.what, hint=refusal.hint) from refusal
            now = rollouts.of(name)
            key = "serve.rollout_canary" if now.stage == "canary" else "serve.rollout"
            shown = common.words(f"serve.stage.{now.stage}")
            s.tell(common.words(key, name=name, stage=shown, percent=now.percent, map=now.map))
            s.answer(now.to_json())
        finally:
            ledger.close()
