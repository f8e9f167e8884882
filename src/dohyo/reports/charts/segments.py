"""The change of each segment, with its interval."""

import altair as alt

from dohyo.decision.policy import Policy
from dohyo.decision.segments import Segments
from dohyo.reports.charts.marks import Width, data, rule, span
from dohyo.reports.charts.whiskers import whisker_rows
from dohyo.reports.segment_series import RECALL, segment_rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words


def segments(found: Segments, policy: Policy, words: Words, *, width: Width = "wide") -> Chart:
    """Draw the change of cross-modal R@1 in each segment against 0 and that of the whole."""
    rows = segment_rows(found, policy, words)
    domain = span([row[k] for row in rows for k in ("low", "high")] + [-0.05, 0.05])
    standings = words("chart.segments.usual"), words("chart.segments.worst")
    panels = []
    for protocol, whole in found.whole.items():
        here = [row for row in rows if row["protocol"] == protocol]
        zero = alt.Chart(data([{"at": 0}])).mark_rule(color=colour("muted")).encode(x="at:Q")
        rules = [zero, rule("x", whole[RECALL], colour("ink"))]
        panels.append(
            whisker_rows(here, domain, standings, rules, width).properties(
                title=words(f"column.{protocol}")
            )
        )
    columns = 2 if width == "wide" else 1
    drawn = alt.concat(*panels, columns=columns, spacing=24)
    return themed(drawn, words("chart.segments.description"))
