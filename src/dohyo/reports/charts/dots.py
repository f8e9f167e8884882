"""Dots with whiskers, one line for each label."""

import altair as alt

from dohyo.reports.charts.marks import UPRIGHT, Panel, Width, data
from dohyo.reports.series import (
    Rows,
)
from dohyo.reports.theme import colour
from dohyo.words import Words


def dot_rows(
    rows: Rows, domain: list[float], words: Words, width: Width, *, alone: bool = False
) -> Panel:
    """Lay dots with whiskers on one line for each label, the label above its line."""
    across = {"wide": 880 if alone else 425, "narrow": 315}[width]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    known = {words(f"chart.{name}"): name for name in ("before", "after", "reference")}
    times = [time for time in known if any(row["when"] == time for row in rows)]
    hues = {"before": colour("before"), "after": colour("after"), "reference": colour("ink")}
    forms = {"before": "square", "after": "circle", "reference": UPRIGHT}
    shades = alt.Scale(domain=times, range=[hues[known[time]] for time in times])
    shapes = alt.Scale(domain=times, range=[forms[known[time]] for time in times])
    x = alt.X("value:Q", scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=5, title=None))
    y = alt.Y("label:N", sort=labels, axis=None)
    shade = alt.Color("when:N", scale=shades)
    base = alt.Chart(data(rows))
    return alt.layer(
        alt.Chart(data([{"label": label} for label in labels]))
        .mark_text(align="left", dy=-15, x=0)
        .encode(y, text="label:N"),
        base.mark_rule(strokeWidth=2.2).encode(
            alt.X("low:Q", scale=alt.Scale(domain=domain)), y, alt.X2("high:Q"), color=shade
        ),
        base.mark_point(filled=True, size=85, opacity=1, angle=0).encode(
            x, y, shade, alt.Shape("when:N", scale=shapes)
        ),
    ).properties(width=across, height=alt.Step(46))
