"""The first page: one sentence, the light, and how it goes."""

from typing import Any

from dohyo.dashboard.context import Context
from dohyo.dashboard.views.live import live_tiles
from dohyo.reports.charts.trend import cross_trend
from dohyo.reports.findings import headline
from dohyo.reports.page import answer
from dohyo.reports.page.paper import pictures


def overview(context: Context) -> dict[str, Any]:
    """Return the verdict on the corpus, the stage, and the trend of live lists."""
    words, service, found = context.words, context.service, context.found
    rollout = service.rollout
    trend = service.shadow.trend(service.collection, rollout.map)
    charts = {}
    if len(trend) >= 2:
        charts = pictures(lambda width: {"trend": cross_trend(trend, words, width=width)})
    values: dict[str, Any] = {
        "rollout": rollout,
        "live": live_tiles(context),
        "charts": charts,
        "found": found is not None,
    }
    if found is not None:
        findings = found.findings
        values |= {
            "verdict": findings.decision.verdict,
            "headline": answer.headline(findings, words),
            "summary": answer.summary(findings, words),
            "tiles": answer.tiles(headline(findings), words),
            "reasons": [reason.say(words) for reason in findings.decision.reasons],
        }
    return values
