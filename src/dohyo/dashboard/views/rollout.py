"""How far the correction is rolled out, who wants more, and who agreed."""

from collections.abc import Mapping
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.dashboard.views.live import live_tiles
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import STAGES, Wanted
from dohyo.serve.ready import check_copy


def rollout(context: Context, caller: Caller) -> dict[str, Any]:
    """Return the stage, what waits for approval, and the log."""
    service = context.service
    return {
        "rollout": service.rollout,
        "stages": STAGES,
        "live": live_tiles(context),
        "proposals": service.proposals.listed(only_open=True),
        "log": service.ledger.history(50),
        "caller": caller,
        "may_propose": caller.may("operator"),
        "may_approve": caller.may("approver"),
    }


async def act(context: Context, caller: Caller, form: Mapping[str, str]) -> str:
    """Do what a form of this page asks for; return the key of the sentence that says so.

    Raises
    ------
    Refusal
        If the caller may not, or it makes no sense.
    """
    service, why = context.service, form.get("why", "")
    action = form.get("action", "")
    if action == "raw":
        service.rollouts.change(
            service.collection, Wanted(stage="off"), caller, why, action="rolled_back"
        )
        return "raw"
    if action in ("approve", "reject"):
        number = int(form.get("number", "0")) if form.get("number", "").isdigit() else 0
        if action == "approve":
            await check_copy(service, Wanted(**service.proposals.one(number)["wanted"]))
        service.proposals.decide(number, caller, why, approve=action == "approve")
        return action
    wanted = _wanted(form)
    await check_copy(service, wanted)
    if action == "apply":
        service.rollouts.change(service.collection, wanted, caller, why)
        return "apply"
    service.proposals.propose(service.collection, wanted, caller, why)
    return "propose"


def _wanted(form: Mapping[str, str]) -> Wanted:
    stage: Any = form.get("stage", "")
    try:
        percent = float(form.get("percent") or 0)
        interleave = float(form.get("interleave") or 0) / 100
    except ValueError as error:
        raise Refusal(422, "senseless", "A share is no number.", hint="Write 5.") from error
    return Wanted(
        stage=stage, percent=percent if stage == "canary" else None, interleave=interleave
    )
