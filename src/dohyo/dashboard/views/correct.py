"""What was tried, and what each strength would gain and cost."""

import json
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.decision.sweep import Point, Sweep
from dohyo.estimate import Estimate
from dohyo.reports.charts.strength_path import strength_path
from dohyo.reports.page import digits
from dohyo.reports.sections.choice import choice
from dohyo.reports.sections.section import Figure, Section
from dohyo.reports.sweep_page import strengths_table, summary
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words


def correct(context: Context) -> dict[str, Any]:
    """Return the ladder, the slider's figures, and the path along the strength."""
    found, words = context.found, context.words
    if found is None:
        return {}
    sections: list[Section] = [choice(found.findings, words)]
    swept = found.sweep
    values: dict[str, Any] = {"swept": swept is not None}
    if swept is not None:
        sections.append(
            Section(
                name="choice",
                parts=(
                    Figure(
                        name="path",
                        title=words("dashboard.path"),
                        text=words("sweep.reading", margin=swept.policy.recall_margin),
                        draw=lambda width: strength_path(swept, words, width=width),
                    ),
                    strengths_table(swept, words),
                ),
            )
        )
        values |= {
            "method": words.name(swept.recipe.label),
            "summary": summary(swept, words),
            "steps": json.dumps([_step(swept, point, words) for point in swept.points]),
            "first": _step(swept, swept.points[-1], words),
            "protocols": [(name, words(f"column.{name}")) for name in PROTOCOLS],
            "figures": ("gain", "harm", "share"),
        }
    charts = context.charts("correct", tuple(sections))
    return values | {"chapters": tuple(sections), "charts": charts}


def _step(swept: Sweep, point: Point, words: Words) -> dict[str, Any]:
    """Return the figures of one strength as they are shown."""
    shown: dict[str, Any] = {
        f"{figure}_{protocol}": _shown(
            getattr(point.scores[protocol], figure).estimate(), figure != "share", words
        )
        for figure in ("gain", "harm", "share")
        for protocol in PROTOCOLS
    }
    kept = "–"
    if point.information is not None:
        kept = words("figure.and").join(
            f"{words.name(name)}: {_shown(stays.share(), False, words)}"
            for name, stays in point.information.neighbours.items()
        )
    return shown | {
        "strength": point.strength,
        "passes": not point.why,
        "standing": words(f"standing.{'fails' if point.why else 'passes'}"),
        "why": words("figure.between").join(reason.say(words) for reason in point.why),
        "kept": kept,
    }


def _shown(estimate: Estimate, signed: bool, words: Words) -> str:
    interval = digits.interval(estimate, words, signed=signed)
    return f"{digits.figure(estimate, signed=signed)} ({interval})"
