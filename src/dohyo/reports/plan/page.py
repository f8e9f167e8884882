"""The manager's two pages: one light, one sentence, the money, the risk, what to do next."""

from collections.abc import Mapping
from typing import Any

from dohyo.decision.reason import Reason
from dohyo.reports.page import digits, money
from dohyo.reports.page.paper import fill
from dohyo.reports.page.tile import Tile
from dohyo.reports.page.value_words import value_sentence, value_tile
from dohyo.reports.plan.plan import Plan
from dohyo.reports.plan.sample_size import POWER
from dohyo.reports.plan.stages import WORK, Stage, groups_needed
from dohyo.words import Words

MOST_REASONS = 3
"""More do not fit beside the rest on the first page; the report has them all."""


def render_plan(plan: Plan, words: Words, *, created: str) -> str:
    """Return the plan as one HTML document: two pages of A4 when printed, nothing fetched."""
    seen = plan.seen
    headline = words(f"headline.{seen.verdict}", method=words.name(seen.label))
    page: dict[str, Any] = {
        "title": words("plan.title", verdict=headline),
        "subject": words("plan.subject", images=seen.corpus["images"], texts=seen.corpus["texts"]),
        "created": created[:10],
        "verdict": seen.verdict,
        "headline": headline,
        "sentence": _sentence(plan, words),
        "tiles": (_money(plan, words), _gain(plan, words), _risk(plan, words)),
        "worth": "" if plan.value is None else value_sentence(plan.value, words),
        "reasons": [_said(each, words) for each in seen.reasons[:MOST_REASONS]],
        "next": words(f"plan.next.{seen.verdict}", groups=groups_needed(seen)),
        "people": [
            (words(f"plan.who.{who}"), words(f"plan.who_does.{who}"))
            for who in ("engineer", "owner", "approver")
        ],
        "stages": [_row(stage, plan, words) for stage in plan.stages],
        "commands": [
            (words(f"plan.stage.{stage.name}.name"), stage.commands)
            for stage in plan.stages
            if stage.commands
        ],
        "notes": _notes(plan, words),
    }
    return fill("plan.html.j2", words, page, styles=("plan.css",))


def _sentence(plan: Plan, words: Words) -> str:
    seen = plan.seen
    if seen.verdict != "correct":
        return words(f"plan.sentence.{seen.verdict}")
    if seen.found is None or seen.today is None or seen.then is None:
        return words("plan.sentence.correct_unfound")
    places = digits.decimals(seen.found) - 2
    today, then = (
        words("figure.percent", value=digits.number(100 * share, places))
        for share in (seen.today, seen.then)
    )
    interval = digits.points(seen.found, words)
    return words(
        "plan.sentence.correct", groups=seen.found.n, today=today, then=then, interval=interval
    )


def _money(plan: Plan, words: Words) -> Tile:
    label = words("plan.tile.money")
    if plan.value is None:
        note = words("plan.no_costs_note")
        return Tile(label=label, value=words("plan.no_costs"), interval="", note=note)
    told = value_tile(plan.value, words)
    return Tile(label=label, value=told.value, interval=told.interval, note=told.note)


def _gain(plan: Plan, words: Words) -> Tile:
    seen, label = plan.seen, words("plan.tile.gain")
    if seen.found is None:
        note = words("plan.tile.gain_unknown_note")
        return Tile(label=label, value=words("plan.tile.gain_unknown"), interval="", note=note)
    if seen.verdict != "correct" and not digits.spread(seen.found):
        note = words("plan.tile.gain_none_note")
        return Tile(label=label, value=words("plan.tile.gain_none"), interval="", note=note)
    change = digits.number(100 * seen.found.value, digits.decimals(seen.found) - 2, signed=True)
    return Tile(
        label=label,
        value=words("value.change_needed", points=change),
        interval=words("tile.points", interval=digits.points(seen.found, words)),
        note=words("plan.tile.gain_note"),
    )


def _risk(plan: Plan, words: Words) -> Tile:
    seen, label = plan.seen, words("plan.tile.risk")
    if seen.verdict != "correct":
        note = words("plan.tile.untouched_note")
        return Tile(label=label, value=words("plan.tile.untouched"), interval="", note=note)
    if seen.harm is None:
        note = words("plan.tile.risk_unknown_note")
        return Tile(label=label, value=words("plan.tile.risk_unknown"), interval="", note=note)
    return Tile(
        label=label,
        value=digits.figure(seen.harm, signed=True),
        interval=words("tile.interval", interval=digits.interval(seen.harm, words, signed=True)),
        note=words(
            "plan.tile.risk_note",
            margin=seen.policy["recall_margin"],
            level=digits.level(seen.policy["level"], words),
        ),
    )


def _said(reason: Reason | str, words: Words) -> str:
    return reason if isinstance(reason, str) else reason.say(words)


def _row(stage: Stage, plan: Plan, words: Words) -> Mapping[str, Any]:
    key = f"plan.stage.{stage.name}"
    return {
        "name": words(f"{key}.name"),
        "time": _time(stage, words),
        "cost": _cost(stage, plan, words),
        "what": words(f"{key}.do"),
        "who": words("plan.decides", who=words(f"plan.who.{stage.who}")),
        "gates": [gate.say(words) for gate in stage.gates],
        "stop": words(f"{key}.stop"),
    }


def _time(stage: Stage, words: Words) -> str:
    if stage.weeks is not None:
        return words("plan.weeks", weeks=stage.weeks)
    key = {"measure": "done", "monitor": "goes_on", "keep": "goes_on"}.get(stage.name, "once_ready")
    return words(f"plan.{key}")


def _cost(stage: Stage, plan: Plan, words: Words) -> str:
    if stage.cost is None or plan.value is None:
        return ""
    amount = money.rounded(stage.cost, plan.value.costs.currency, words)
    return words("plan.cost_month" if stage.name == "monitor" else "plan.cost", amount=amount)


def _notes(plan: Plan, words: Words) -> list[str]:
    seen, sizes = plan.seen, plan.sizes
    if seen.verdict != "correct":
        return []
    figures: dict[str, Any] = {
        "power": f"{100 * POWER:.0f}",
        "level": digits.level(seen.policy["level"], words),
        "least": seen.policy["minimum_groups"],
    }
    if sizes.gain is None or sizes.harm is None:
        told = words("plan.sizes_one", **figures)
    else:
        told = words("plan.sizes", gain=f"{sizes.gain:,}", harm=f"{sizes.harm:,}", **figures)
    shares = {stage: f"{100 * share:.0f}" for stage, share in WORK.items()}
    return [told, words("plan.split", **shares)]
