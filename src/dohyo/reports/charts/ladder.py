"""Every candidate's gain against its harm."""

from collections.abc import Sequence

import altair as alt

from dohyo.corrections.recipe import Recipe
from dohyo.decision.choose import Candidate
from dohyo.decision.policy import Policy
from dohyo.reports.charts.marks import Panel, Width, data, rule, span
from dohyo.reports.labels import placed
from dohyo.reports.series import (
    Rows,
    deciding_of,
    ladder_rows,
)
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

LEAST_X, LEAST_Y = (-0.05, 0.05), (-0.05, 0.4)
"""What the ladder spans at least: a tiny gain has to look tiny."""


def ladder(
    candidates: Sequence[Candidate],
    chosen: Recipe,
    policy: Policy,
    words: Words,
    *,
    width: Width = "wide",
) -> Chart:
    """Draw every candidate's gain against its harm, with the bounds that the guardrails test.

    The whiskers run from the one-sided lower to the one-sided upper bound at the policy's level:
    a candidate passes when its left end clears the margin and its lower end clears zero.
    """
    rows = ladder_rows(candidates, chosen, policy, words)
    across, up = {"wide": (395, 330), "narrow": (265, 250)}[width]
    x_domain = span([row[k] for row in rows for k in ("low", "high")] + list(LEAST_X))
    y_domain = span([row[k] for row in rows for k in ("bottom", "top")] + list(LEAST_Y))
    panels = []
    deciding = deciding_of(candidates[0])
    own = "judged_" if "judged" in deciding else ""
    for place, protocol in enumerate(deciding):
        here = [row for row in rows if row["protocol"] == protocol]
        here = placed(here, (x_domain, y_domain), (across, up))
        titled_y = place == 0 or width == "narrow"
        gain = words(f"chart.ladder.{own}gain") if titled_y else None
        titles = words(f"chart.ladder.{own}harm"), gain
        panel = _ladder_panel(here, policy, words, (x_domain, y_domain), titles)
        panels.append(panel.properties(title=words(f"column.{protocol}"), width=across, height=up))
    columns = 2 if width == "wide" else 1
    return themed(alt.concat(*panels, columns=columns), words(f"chart.ladder.{own}description"))


def _ladder_panel(
    rows: Rows,
    policy: Policy,
    words: Words,
    domains: tuple[list[float], list[float]],
    titles: tuple[str, str | None],
) -> Panel:
    standings = [words(f"standing.{name}") for name in ("chosen", "passes", "fails")]
    shades = alt.Scale(domain=standings, range=[colour("after"), colour("ink"), colour("stop")])
    shapes = alt.Scale(domain=standings, range=["circle", "diamond", "cross"])
    x_scale, y_scale = (alt.Scale(domain=domain, nice=False) for domain in domains)
    x_axis = alt.Axis(tickCount=5, format="+.2f", title=titles[0], labelFlush=False)
    y_axis = alt.Axis(tickCount=5, format="+.1f", title=titles[1])
    x = alt.X("harm:Q", scale=x_scale, axis=x_axis)
    y = alt.Y("gain:Q", scale=y_scale, axis=y_axis)
    shade = alt.Color("standing:N", scale=shades)
    base = alt.Chart(data(rows))
    forbidden = (
        alt.Chart(data([{"from": domains[0][0], "to": -policy.recall_margin}]))
        .mark_rect(color=colour("stop"), opacity=0.09)
        .encode(alt.X("from:Q", scale=x_scale, axis=x_axis), alt.X2("to:Q"))
    )
    return alt.layer(
        forbidden,
        rule("x", -policy.recall_margin, colour("stop")),
        rule("y", 0.0, colour("muted")),
        base.mark_rule(strokeWidth=1.4).encode(
            alt.X("low:Q", scale=x_scale, axis=x_axis), y, alt.X2("high:Q"), color=shade
        ),
        base.mark_rule(strokeWidth=1.4).encode(
            x, alt.Y("bottom:Q", scale=y_scale, axis=y_axis), alt.Y2("top:Q"), color=shade
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(
            x, y, color=shade, shape=alt.Shape("standing:N", scale=shapes)
        ),
        base.transform_filter(alt.datum.far)
        .mark_rule(opacity=0.5, strokeWidth=0.8)
        .encode(x, y, alt.X2("label_x:Q"), alt.Y2("label_y:Q"), color=shade),
        base.mark_text(baseline="middle").encode(
            alt.X("label_x:Q", scale=x_scale, axis=x_axis),
            alt.Y("label_y:Q", scale=y_scale, axis=y_axis),
            text="method:N",
            color=shade,
        ),
    )
