"""One alarm as the page shows it: what it is, what has changed, and the change that waits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.monitor.adjust.adjusted import Adjusted
from dohyo.monitor.alerts.message import of_canary
from dohyo.monitor.explain.explanation import Explanation, Shown
from dohyo.monitor.explain.say import say
from dohyo.words import Words
from dohyo.words.words import MINUS

FIRST = 3
"""Sentences of an explanation that are shown at once; the rest unfolds."""
BLAMED = 4


def stream(name: str, words: Words) -> str:
    """Return the reader's name of a stream."""
    return words(f"monitor.stream.{name.rstrip('_1234')}")


def minute(at: datetime | str) -> str:
    """Return a time as the page writes it, UTC."""
    there = datetime.fromisoformat(at) if isinstance(at, str) else at
    return there.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def alarm_of(
    context: Context, row: Mapping[str, Any], proposal: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return an alarm of the ledger as the page shows it."""
    words, detail = context.words, row["detail"]
    told = _explained(row["explained"], words)
    return {
        "number": row["number"],
        "watch": row["watch"],
        "kind": row["kind"],
        "open": row["state"] == "open",
        "title": words(f"monitor_page.alarm.{row['kind']}"),
        "at": minute(row["at"]),
        "lead": _lead(row["kind"], detail, words),
        "blamed": [
            (stream(name, words), f"{100 * share:.0f} %")
            for name, share in (detail.get("blamed") or ())[:BLAMED]
        ],
        "waiting": row["explained"] is None,
        "sentences": told[:FIRST],
        "more": told[FIRST:],
        "examples": _examples(row["explained"], words),
        "proposal": None
        if proposal is None
        else proposal_of(proposal, words)
        | {"figures": _figures(row["adjusted"], words)}
        | ({"why": _said(row["adjusted"], words)} if row["adjusted"] else {}),
        "followed": _followed(row["adjusted"], proposal, words),
    }


def _lead(kind: str, detail: Mapping[str, Any], words: Words) -> str:
    """Return the sentence under an alarm's heading."""
    if kind == "drift":
        return words(
            "monitor_page.began",
            stream=stream(detail["stream"], words),
            began=detail.get("began_batch", "–"),
            earliest=detail.get("earliest_batch", "–"),
            latest=detail.get("latest_batch", "–"),
        )
    if kind == "silence":
        hours = round(detail["seconds"] / 3600, 1)
        return words("monitor_page.silent_since", since=minute(detail["since"]), hours=hours)
    if kind == "refused":
        return words("monitor_page.refused", batches=detail["batches"], why=detail["why"])
    if "canary" in detail:
        return words("alerts.canary.both", **of_canary(detail, words))
    shown = {"expected": detail.get("expected"), "found": detail.get("found")}
    return words("monitor_page.other_encoder", **shown)


def _explained(told: Mapping[str, Any] | None, words: Words) -> list[str]:
    if not told:
        return []
    return list(say(Explanation.from_json(told), words))


def _examples(told: Mapping[str, Any] | None, words: Words) -> list[dict[str, Any]]:
    """Return new items beside the old ones most like them."""
    if not told:
        return []
    return [
        {
            "kind": each.modality,
            "name": words.name(each.modality),
            "new": _item(each.new),
            "old": [_item(old) for old in each.old],
        }
        for each in Explanation.from_json(told).examples
    ]


def _item(shown: Shown) -> dict[str, Any]:
    notes = [each for each in (shown.label, shown.source) if each]
    return {
        "picture": shown.picture,
        "caption": shown.caption or "",
        "note": " · ".join(notes),
    }


def proposal_of(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a proposal as the page shows it."""
    wanted = row["wanted"]
    parts = []
    if "map" in wanted:
        parts.append(words("monitor_page.wanted.map", map=wanted["map"]))
    if "strength" in wanted:
        parts.append(words("monitor_page.wanted.strength", strength=wanted["strength"]))
    if "stage" in wanted:
        stage = words(f"serve.stage.{wanted['stage']}")
        parts.append(words("monitor_page.wanted.stage", stage=stage))
    if "percent" in wanted:
        parts.append(words("dashboard.percent", percent=wanted["percent"]))
    return {
        "number": row["number"],
        "state": row["state"],
        "standing": words(f"monitor_page.proposal.{row['state']}"),
        "wanted": words("monitor_page.comma").join(parts),
        "why": row["why"],
        "by": row["by"],
        "at": minute(row["at"]),
        "alarm": row["alarm"],
        "other_map": "map" in wanted,
        "report": row["report"] is not None,
        "approvals": [(each["who"], minute(each["at"])) for each in row["approvals"]],
        "needed": row["needed"],
        "decided": None
        if row["decided_at"] is None
        else words(
            "monitor_page.decided",
            who=row["decided_by"],
            at=minute(row["decided_at"]),
            why=row["reason"] or "–",
        ),
        "snoozed": None if row["snoozed_until"] is None else minute(row["snoozed_until"]),
    }


def _figures(told: Mapping[str, Any] | None, words: Words) -> list[dict[str, str]]:
    """Return how the new map differs from the one in service, by figure and protocol."""
    contest = (told or {}).get("contest")
    if not contest:
        return []
    found = []
    for protocol, figures in contest["change"].items():
        for name, each in figures.items():
            tone = "go" if each["low"] > 0 else "stop" if each["high"] < 0 else ""
            low, high = (f"{each[end]:+.3f}".replace("-", MINUS) for end in ("low", "high"))
            found.append(
                {
                    "name": words(f"explain.figure.{name}"),
                    "note": words.name(protocol),
                    "change": f"{each['value']:+.3f}".replace("-", MINUS),
                    "interval": words("figure.interval", low=low, high=high),
                    "tone": tone,
                }
            )
    return found


def _followed(
    told: Mapping[str, Any] | None, proposal: Mapping[str, Any] | None, words: Words
) -> str:
    """Return what came of the adjustment, where no proposal says it."""
    if proposal is not None:
        return ""
    if told is None:
        return words("monitor_page.adjusting")
    return _said(told, words) or words("monitor_page.no_proposal")


def _said(told: Mapping[str, Any], words: Words) -> str:
    """Return what came of the adjustment in the reader's language; "" where nothing was tried."""
    return Adjusted.from_json(told).say(words) if told.get("outcome") else ""
