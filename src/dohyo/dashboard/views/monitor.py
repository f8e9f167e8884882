"""What the watches say: how each stands, what has changed, and what waits for a person."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.dashboard.views.alarms import alarm_of, minute, stream
from dohyo.dashboard.views.timeline import charts_of
from dohyo.monitor import book
from dohyo.monitor.standing import Standing
from dohyo.monitor.watch import Watch
from dohyo.rollout.alarms import close_alarm
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Wanted
from dohyo.serve.ready import check_copy
from dohyo.serve.returning import go_back
from dohyo.words import Words
from dohyo.words.words import MINUS, sentences

CLOSED = 5
"""Alarms that are shown after somebody has closed them."""
SEASONED = 6
"""Streams with the strongest season that are shown."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SNOOZES = {"day": 1, "week": 7, "month": 30}
LIGHTS = {"alarm": "do_not_correct", "warming": "insufficient_data", "quiet": "correct"}
"""Each state of a watch, by the colour of the report's light that it has."""


def monitor(context: Context, caller: Caller) -> dict[str, Any]:
    """Return how the watches stand, their alarms, and what is told to whom."""
    service, words = context.service, context.words
    ledger = service.ledger
    names = [row["name"] for row in ledger.rows("SELECT name FROM watches ORDER BY name")]
    alarms = book.alarms(ledger)
    open_ = [each for each in alarms if each["state"] == "open"]
    closed = [each for each in alarms if each["state"] != "open"][:CLOSED]
    proposals = service.proposals.listed()
    charts: dict[str, Any] = {}
    watches = []
    for place, name in enumerate(names):
        watch = Watch(ledger, name)
        charts |= charts_of(context, watch, place, alarms, proposals)
        watches.append(_watch(watch, place, words))
    shown = {each["alarm"]: each for each in proposals if each["alarm"] is not None}
    return {
        "watches": watches,
        "ended": service.watch_ended,
        "charts": charts,
        "lights": LIGHTS,
        "open_alarms": [alarm_of(context, each, shown.get(each["number"])) for each in open_],
        "closed_alarms": [alarm_of(context, each, shown.get(each["number"])) for each in closed],
        "rollout": service.rollout,
        "outbox": outbox(context),
        "snoozes": SNOOZES,
        "four_eyes": service.rollouts.four_eyes,
        "may_propose": caller.may("operator"),
        "may_approve": caller.may("approver"),
        "caller": caller,
    }


def _watch(watch: Watch, place: int, words: Words) -> dict[str, Any]:
    standing = watch.standing()
    state = state_of(standing)
    counts = standing.counts
    return {
        "title": title_of(standing.name, words),
        "chart": f"evidence-{place}",
        "live": f"live-{place}",
        "state": state,
        "sentence": _sentence(standing, state, words),
        "promise": words("monitor_page.promise", threshold=standing.threshold),
        "counts": [
            (words(f"monitor_page.count.{name}"), counts.get(name, 0), counts.get(name, 0) > 0)
            for name in ("watching", "refused", "late", "duplicate", "future", "encoder")
        ],
        "clock_back": counts.get("clock_back", 0),
        "policy": words(f"monitor_page.policy.{standing.settings['policy']}"),
        "beat": "" if standing.newest is None else minute(standing.beat),
        "seasons": _seasons(watch, words),
    }


def state_of(standing: Standing) -> str:
    """Return which light a watch shows: "alarm", "warming" or "quiet"."""
    if standing.open_alarms or standing.silent:
        return "alarm"
    return "warming" if standing.warming_up else "quiet"


def _sentence(standing: Standing, state: str, words: Words) -> str:
    if standing.silent:
        return words("monitor_page.silent", beat=minute(standing.beat))
    if state == "alarm":
        told = words("monitor_page.alarmed", n=standing.open_alarms)
        again = words("monitor_page.again", left=standing.left) if standing.warming_up else ""
        return told + again
    if state == "warming":
        if standing.until is None:
            return words("monitor_page.warming", left=standing.left)
        until = standing.until.strftime("%Y-%m-%d")
        return words("monitor_page.warming_until", left=standing.left, until=until)
    return words("monitor_page.quiet", evidence=standing.evidence, threshold=standing.threshold)


def _seasons(watch: Watch, words: Words) -> dict[str, Any] | None:
    """Return the streams with the strongest season as a table; None where none was learned."""
    effects = watch.monitor().effects()
    strength = {
        name: max(map(abs, each.values())) / (_typical(each) or 1.0)
        for name, each in effects.items()
        if len(each) > 1
    }
    if not strength:
        return None
    chosen = sorted(strength, key=lambda name: -strength[name])[:SEASONED]
    seasons = list(dict.fromkeys(season for name in chosen for season in effects[name]))
    if len(seasons) > len(DAYS):
        return _extremes(effects, chosen, words)
    return {
        "head": [_season(each, words) for each in seasons],
        "rows": [
            (
                stream(name, words),
                [_away(effects[name][each]) if each in effects[name] else "–" for each in seasons],
            )
            for name in chosen
        ],
    }


def _extremes(
    effects: Mapping[str, Mapping[str, float]], chosen: list[str], words: Words
) -> dict[str, Any]:
    """Return when each stream is highest and lowest, where there are too many seasons for more."""

    def told(name: str, season: str) -> str:
        return f"{_season(season, words)}: {_away(effects[name][season])}"

    return {
        "head": [words("monitor_page.column.highest"), words("monitor_page.column.lowest")],
        "rows": [
            (
                stream(name, words),
                [
                    told(name, max(effects[name], key=lambda each: effects[name][each])),
                    told(name, min(effects[name], key=lambda each: effects[name][each])),
                ],
            )
            for name in chosen
        ],
    }


def _season(name: str, words: Words) -> str:
    day, _, hour = name.partition(" ")
    return " ".join(
        filter(None, (words(f"monitor_page.weekday.{day}") if day in DAYS else day, hour))
    )


def _away(value: float) -> str:
    return f"{value:+.3g}".replace("-", MINUS)


def _typical(effects: Mapping[str, float]) -> float:
    return sum(map(abs, effects.values())) / len(effects)


def title_of(name: str, words: Words) -> str:
    """Return a watch's name as the page writes it; the service's own have names in words."""
    known = sentences(words.language)
    return known.get(f"monitor_page.watch.{name}", name)


def outbox(context: Context) -> list[dict[str, Any]]:
    """Return how many messages are sent, wait, or have failed so far, and what the last said."""
    return context.service.ledger.rows(
        "SELECT channel, SUM(sent IS NOT NULL) AS sent, "
        "SUM(sent IS NULL AND given_up IS NULL) AS waiting, "
        "SUM(given_up IS NOT NULL) AS given_up, "
        "MAX(CASE WHEN sent IS NULL THEN trouble END) AS trouble "
        "FROM outbox GROUP BY channel ORDER BY channel"
    )


async def act_on(context: Context, caller: Caller, form: Mapping[str, str]) -> str:
    """Do what a form of this page asks for; return the key of the sentence that says so.

    Raises
    ------
    Refusal
        If the caller may not, or it makes no sense.
    """
    service, why, action = context.service, form.get("why", ""), form.get("action", "")
    text = form.get("number", "")
    number = int(text) if text.isdigit() and len(text) < 16 else 0
    if action == "raw":
        service.rollouts.change(
            service.collection, Wanted(stage="off"), caller, why, action="rolled_back"
        )
    elif action == "back":
        await go_back(service, caller, why)
    elif action == "approve":
        await check_copy(service, Wanted(**service.proposals.one(number)["wanted"]))
        row = service.proposals.decide(number, caller, why, approve=True)
        return "approve" if row["state"] == "approved" else "approve_first"
    elif action == "reject":
        service.proposals.decide(number, caller, why, approve=False)
    elif action == "snooze":
        days = SNOOZES.get(form.get("until", ""), 0)
        service.proposals.snooze(number, datetime.now(UTC) + timedelta(days=days), caller, why)
    elif action == "close":
        close_alarm(service.ledger, number, caller, why)
    else:
        raise Refusal(422, "senseless", "That is no button of this page.", hint="Use its buttons.")
    return action
