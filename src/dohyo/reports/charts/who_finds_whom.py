"""The share of the other kind at each rank."""

import altair as alt

from dohyo.reports.charts.marks import Width, data
from dohyo.reports.series import (
    rank_rows,
)
from dohyo.reports.theme import Chart, colour, themed
from dohyo.verification.compare import Comparison
from dohyo.words import Words


def who_finds_whom(
    comparison: Comparison, words: Words, *, touched: bool = True, width: Width = "wide"
) -> Chart:
    """Draw the share of the other kind at each rank, by the query's kind.

    Parameters
    ----------
    touched : whether a correction was applied; otherwise there is only a before
    """
    across, up = {"wide": (385, 210), "narrow": (270, 150)}[width]
    rows = rank_rows(comparison, words, touched=touched)
    looks = {
        words("chart.before"): ("before", "square", [1, 0]),
        words("chart.after"): ("after", "circle", [1, 0]),
        words("chart.who.base_rate"): ("ink", "stroke", [5, 4]),
    }
    if not touched:
        del looks[words("chart.after")]
    hues, forms, dashes = zip(*looks.values(), strict=True)
    scales = {
        "color": alt.Scale(domain=list(looks), range=[colour(hue) for hue in hues]),
        "shape": alt.Scale(domain=list(looks), range=list(forms)),
        "dash": alt.Scale(domain=list(looks), range=list(dashes)),
    }
    shade = alt.Color("when:N", scale=scales["color"])
    shape = alt.Shape("when:N", scale=scales["shape"])
    dash = alt.StrokeDash("when:N", scale=scales["dash"], legend=None)
    x = alt.X("rank:O", axis=alt.Axis(labelAngle=0, title=words("chart.who.rank")))
    panels = []
    for place, kind in enumerate(comparison.base_rate):
        title = words("chart.who.share") if place == 0 or width == "narrow" else None
        y = alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5, title=title),
        )
        base = alt.Chart(data([row for row in rows if row["kind"] == kind]))
        panels.append(
            alt.layer(
                base.mark_line(strokeWidth=2).encode(x, y, shade, dash),
                base.transform_filter(alt.datum.measured)
                .mark_point(filled=True, size=55, opacity=1)
                .encode(x, y, shade, shape),
            ).properties(title=words(f"chart.who.{kind}"), width=across, height=up)
        )
    columns = 2 if width == "wide" else 1
    return themed(alt.concat(*panels, columns=columns), words("chart.who.description"))
