"""Gain and loss under each fault of the data."""

import altair as alt

from dohyo.decision.policy import Policy
from dohyo.decision.stress import Stress
from dohyo.reports.charts.marks import Width, rule, span
from dohyo.reports.charts.whiskers import whisker_rows
from dohyo.reports.stress_series import stress_rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words


def stress(found: Stress, policy: Policy, words: Words, *, width: Width = "wide") -> Chart:
    """Draw gain and change of R@1 under each fault, with what they must not fall below."""
    rows = stress_rows(found, words)
    limits = {"gain": (0.0, colour("muted")), "harm": (-policy.recall_margin, colour("stop"))}
    standings = words("chart.stress.holds"), words("chart.stress.breaks")
    panels = []
    for protocol in PROTOCOLS:
        for figure, (limit, shade) in limits.items():
            ends = [r[k] for r in rows if r["figure"] == figure for k in ("low", "high")]
            here = [r for r in rows if (r["figure"], r["protocol"]) == (figure, protocol)]
            name = f"{words(f'column.{protocol}')} · {words(f'chart.stress.{figure}')}"
            panels.append(
                whisker_rows(
                    here, span([*ends, limit, 0.0]), standings, [rule("x", limit, shade)], width
                ).properties(title=name)
            )
    columns = 2 if width == "wide" else 1
    drawn = alt.concat(*panels, columns=columns, spacing=24)
    return themed(drawn, words("chart.stress.description"))
