"""dohyo token"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dohyo.cli.options import STATE, Common
from dohyo.cli.session import session
from dohyo.errors import UsageError
from dohyo.extras import require


def token(
    *,
    action: Annotated[
        Literal["new", "list", "revoke"], typer.Argument(help="What to do.", show_default=False)
    ],
    name: Annotated[str | None, typer.Argument(help="Whose token.", show_default=False)] = None,
    role: Annotated[
        Literal["viewer", "operator", "approver"], typer.Option(help="What it may do.")
    ] = "viewer",
    days: Annotated[float | None, typer.Option(help="Until it expires.")] = None,
    state: Annotated[Path, typer.Option(help="Folder of the service's state.")] = STATE,
    common: Common,
) -> None:
    """Make, list and revoke tokens of the service; a new one is shown once.

    Example: dohyo token new search-team --role operator --days 90
    """
    require("fastapi", extra="serve", needed_by="dohyo token")
    from dohyo.rollout.ledger import Ledger
    from dohyo.serve.tokens import Tokens

    if action != "list" and name is None:
        raise UsageError(f"dohyo token {action} needs a name.", hint="Say whose token it is.")
    with session(common) as s:
        ledger = Ledger(state / "service.sqlite")
        try:
            tokens = Tokens(ledger)
            if action == "new":
                made = tokens.make(name or "", role, days=days)
                s.tell(common.words("serve.token_new", token=made))
                s.answer({"name": name, "role": role, "token": made})
            elif action == "revoke":
                tokens.revoke(name or "")
                s.tell(common.words("serve.token_revoked", name=name))
                s.answer({"name": name, "revoked": True})
            else:
                for each in tokens.listed():
                    state_ = each["revoked"] or each["expires"] or "–"
                    key = "serve.token_dead" if each["revoked"] else "serve.token_line"
                    s.tell(common.words(key, name=each["name"], role=each["role"], until=state_))
                s.answer({"tokens": tokens.listed()})
        finally:
            ledger.close()
