"""How the scores of each kind of pair are spread, and the threshold for all of them."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from dohyo.reports.charts.marks import Panel, Width, data, rule
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

LOOKS = {
    "within_image": ("image", [1, 0]),
    "within_text": ("text", [6, 3]),
    "cross": ("before", [2, 2]),
    "match": ("after", [1, 0]),
}
"""Colour and dashes of the line of each kind of pair."""


def score_kinds(
    curves: Mapping[str, Any], words: Words, *, touched: bool = True, width: Width = "wide"
) -> Chart:
    """Draw the distributions of scores before and, where something was applied, after.

    Parameters
    ----------
    curves : those of the task `comparability`
    """
    times = ("before", "after") if touched else ("before",)
    alone = width == "wide" and not touched
    across, up = {"wide": (830 if alone else 385, 230), "narrow": (262, 170)}[width]
    panels = []
    for place, when in enumerate(times):
        titled = place == 0 or width == "narrow"
        panels.append(
            _panel(curves[when], words, titled=titled).properties(
                title=words(f"chart.{when}") if touched else "", width=across, height=up
            )
        )
    columns = 2 if width == "wide" else 1
    return themed(alt.concat(*panels, columns=columns), words("chart.score_kinds.description"))


def score_rows(curve: Mapping[str, Any], words: Words) -> Rows:
    """Return the share of each kind's pairs by score, in the middle of each bin.

    Of the empty bins only those next to others: a line along the axis would hide the rest.
    """
    edges, rows = curve["edges"], []
    for kind in LOOKS:
        shares = curve.get(kind, [])
        for place, share in enumerate(shares):
            if any(shares[max(0, place - 1) : place + 2]):
                middle = (edges[place] + edges[place + 1]) / 2
                name = words(f"chart.score_kinds.{kind}")
                rows.append({"kind": name, "score": middle, "share": share})
    return rows


def _panel(curve: Mapping[str, Any], words: Words, *, titled: bool) -> Panel:
    names = {kind: words(f"chart.score_kinds.{kind}") for kind in LOOKS if kind in curve}
    hues, dashes = zip(*(LOOKS[kind] for kind in names), strict=True)
    domain = list(names.values())
    shades = alt.Scale(domain=domain, range=[colour(hue) for hue in hues])
    legend = alt.Legend(columns=2, symbolType="stroke")
    x = alt.X(
        "score:Q",
        scale=alt.Scale(domain=[curve["edges"][0], curve["edges"][-1]], nice=False),
        axis=alt.Axis(tickCount=6, format=".1f", title=words("chart.score_kinds.score")),
    )
    y = alt.Y(
        "share:Q",
        axis=alt.Axis(
            tickCount=4, format="%", title=words("chart.score_kinds.share") if titled else None
        ),
    )
    base = alt.Chart(data(score_rows(curve, words)))
    shade = alt.Color("kind:N", scale=shades, legend=legend)
    dash = alt.StrokeDash(
        "kind:N", scale=alt.Scale(domain=domain, range=list(dashes)), legend=legend
    )
    match = alt.datum.kind == words("chart.score_kinds.match")
    lines = [
        base.transform_filter(which)
        .mark_line(interpolate="monotone", strokeWidth=size)
        .encode(x, y, shade, dash)
        for which, size in ((~match, 1.6), (match, 3.4))
    ]
    low, at, high = curve["edges"][0], curve["threshold"], curve["edges"][-1]
    turned = at > low + (high - low) * 2 / 3  # where the word would not fit to the right
    mark = (
        alt.Chart(data([{"at": at, "word": words("chart.score_kinds.threshold")}]))
        .mark_text(
            align="right" if turned else "left",
            baseline="top",
            dx=-5 if turned else 5,
            y=0,
            color=colour("stop"),
        )
        .encode(x="at:Q", text="word:N")
    )
    return alt.layer(*lines, rule("x", at, colour("stop")), mark)
