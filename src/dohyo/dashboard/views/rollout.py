"""How far the correction is rolled out, who wants more, and who agreed."""

import re
from collections.abc import Mapping
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.dashboard.views.alarms import minute
from dohyo.dashboard.views.changes import logged, told
from dohyo.dashboard.views.live import live_tiles
from dohyo.rollout.previous import previous
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import STAGES, Wanted, senseless
from dohyo.serve.ready import check_copy
from dohyo.serve.returning import go_back
from dohyo.words import Words

WHOLE = re.compile(r"[0-9]{1,15}")


def rollout(context: Context, caller: Caller) -> dict[str, Any]:
    """Return the stage, what waits for approval, the maps, and the log."""
    service = context.service
    shown = [_proposal(each, context.words) for each in service.proposals.listed()]
    return {
        "rollout": service.rollout,
        "stages": STAGES,
        "live": live_tiles(context),
        "proposals": [each for each in shown if each["state"] == "open"],
        "put_off": [each for each in shown if each["state"] == "snoozed"],
        "four_eyes": service.rollouts.four_eyes,
        "maps": service.library.listed(),
        "before": _before(context),
        "log": [
            {**row, "at": row["at"][:19].replace("T", " "), "told": logged(row, context.words)}
            for row in service.ledger.history(50)
        ],
        "caller": caller,
        "may_propose": caller.may("operator"),
        "may_approve": caller.may("approver"),
    }


def _before(context: Context) -> str:
    """Return what a return to the map before would lead to; "" where there was none."""
    service, words = context.service, context.words
    try:
        wanted = previous(service.ledger, service.rollout)
    except Refusal:
        return ""
    there = wanted.applied(service.rollout).to_json()
    there["interleave"] = there["interleave"] or None
    return words("dashboard.before_is", wanted=told(there, words))


def _proposal(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    wanted, before = dict(row["wanted"]), row["before"] or {}
    if wanted.get("interleave") == before.get("interleave", 0.0):
        wanted.pop("interleave", None)  # the form sends it whether it is to change or not
    return {
        "number": row["number"],
        "state": row["state"],
        "title": words("dashboard.proposal", number=row["number"], wanted=told(wanted, words)),
        "by": row["by"],
        "at": minute(row["at"]),
        "why": row["why"],
        "alarm": row["alarm"],
        "needed": row["needed"],
        "approvals": [
            {"who": each["who"], "at": minute(each["at"]), "why": each["why"]}
            for each in row["approvals"]
        ],
        "until": row["snoozed_until"] and minute(row["snoozed_until"]),
    }


async def act(context: Context, caller: Caller, form: Mapping[str, str]) -> str:
    """Do what a form of this page asks for; return the key of the sentence that says so.

    Raises
    ------
    Refusal
        If the caller may not, or it makes no sense.
    """
    service, why, action = context.service, form.get("why", ""), form.get("action", "")
    if action == "raw":
        service.rollouts.change(
            service.collection, Wanted(stage="off"), caller, why, action="rolled_back"
        )
    elif action == "back":
        await go_back(service, caller, why)
    elif action == "activate":
        service.library.get(form.get("map", ""))
        wanted = Wanted(map=form.get("map"), strength=_strength(form))
        service.rollouts.change(service.collection, wanted, caller, why, action="activated")
    elif action == "approve":
        number = _number(form)
        await check_copy(service, Wanted(**service.proposals.one(number)["wanted"]))
        row = service.proposals.decide(number, caller, why, approve=True)
        return "approve" if row["state"] == "approved" else "approve_first"
    elif action == "reject":
        service.proposals.decide(_number(form), caller, why, approve=False)
    elif action in ("apply", "propose"):
        wanted = _wanted(form)
        await check_copy(service, wanted)
        if action == "apply":
            service.rollouts.change(service.collection, wanted, caller, why)
        else:
            service.proposals.propose(service.collection, wanted, caller, why)
    else:
        raise Refusal(422, "senseless", "That is no button of this page.", hint="Use its buttons.")
    return action


def _number(form: Mapping[str, str]) -> int:
    text = form.get("number", "")
    return int(text) if WHOLE.fullmatch(text) else 0


def _strength(form: Mapping[str, str]) -> float:
    try:
        strength = float(form.get("strength", "1"))
    except ValueError as error:
        raise senseless("The strength is no number.", "a number above 0, up to 1") from error
    if not 0 < strength <= 1:
        raise senseless("The strength is out of range.", "a number above 0, up to 1")
    return strength


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
