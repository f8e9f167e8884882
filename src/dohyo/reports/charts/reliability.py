"""How often zero-shot classes are right, against how probable they are said to be."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from dohyo.reports.charts.marks import Panel, Width, data
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words


def reliability(
    bins: Mapping[str, Sequence[Mapping[str, Any]]],
    words: Words,
    *,
    changed: bool = True,
    width: Width = "wide",
) -> Chart:
    """Draw the accuracy of each bin against its confidence, before and after.

    Parameters
    ----------
    bins : those that hold an image, before and after, as the task of zero-shot classes has them
    changed : whether anything was applied; otherwise there is only a before
    """
    times = ("before", "after") if changed else ("before",)
    side = {"wide": 360, "narrow": 250}[width]
    most = max(point["count"] for when in times for point in bins[when])
    panels = [
        _panel(reliability_rows(bins[when], when, words), when, most, words).properties(
            title=words(f"chart.{when}") if changed else "", width=side, height=side * 0.8
        )
        for when in times
    ]
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*panels, columns=columns, spacing=24)
    return themed(whole, words("chart.reliability.description"))


def reliability_rows(points: Sequence[Mapping[str, Any]], when: str, words: Words) -> Rows:
    """Return a point for each bin: confidence, accuracy and how many images it holds."""
    return [
        {
            "when": words(f"chart.{when}"),
            "confidence": round(point["confidence"], 4),
            "accuracy": round(point["accuracy"], 4),
            "count": point["count"],
        }
        for point in points
    ]


def _panel(rows: Rows, when: str, most: int, words: Words) -> Panel:
    whole = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X(
        "confidence:Q",
        scale=whole,
        axis=alt.Axis(format="%", tickCount=5, title=words("chart.reliability.confidence")),
    )
    y = alt.Y(
        "accuracy:Q",
        scale=whole,
        axis=alt.Axis(format="%", tickCount=5, title=words("chart.reliability.accuracy")),
    )
    ends = [{"confidence": end, "accuracy": end} for end in (0, 1)]
    shade = colour("after" if when == "after" else "before")
    return alt.layer(
        alt.Chart(data(ends)).mark_line(color=colour("muted"), strokeDash=[5, 4]).encode(x, y),
        alt.Chart(data(rows))
        .mark_point(filled=True, opacity=0.9, color=shade)
        .encode(
            x,
            y,
            alt.Size(
                "count:Q",
                scale=alt.Scale(type="sqrt", domain=[0, most], range=[20, 500]),
                legend=None,
            ),
        ),
    )
