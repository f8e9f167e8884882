"""The pictures of one map."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.reports.charts.marks import Width
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

ACROSS = {"wide": 820, "narrow": 270}
TALL = {"wide": 230, "narrow": 180}
BINS = 45
POINTS = 200
"""Directions that a line is drawn through, evenly spread by rank."""
Sides = Mapping[Modality, NDArray[np.float64]]


def scaling_lines(scaling: Sides, words: Words, *, width: Width = "wide") -> Chart:
    """Draw what each direction is multiplied by, the largest first; 1 is the average."""
    base = alt.Chart(_data(_scaling_rows(scaling, words)))
    x = alt.X(
        "place:Q",
        scale=alt.Scale(nice=False),
        axis=alt.Axis(title=words("inspect.chart.direction"), tickCount=6),
    )
    y = alt.Y(
        "factor:Q",
        scale=alt.Scale(domainMin=0),
        axis=alt.Axis(tickCount=5, title=words("inspect.chart.factor")),
    )
    average = (
        alt.Chart(_data([{"at": 1.0}]))
        .mark_rule(color=colour("muted"), strokeDash=[5, 4])
        .encode(y="at:Q")
    )
    line = base.mark_line(strokeWidth=2.2).encode(x, y, *_kinds(words))
    whole = alt.layer(average, line).properties(width=ACROSS[width], height=TALL[width])
    return themed(alt.concat(whole), words("inspect.chart.scaling_description"))


def move_histogram(degrees: Sides, words: Words, *, width: Width = "wide") -> Chart:
    """Draw how many rows move how far, by modality."""
    x = alt.X(
        "degrees:Q",
        scale=alt.Scale(nice=False),
        axis=alt.Axis(tickCount=6, title=words("inspect.chart.degrees")),
    )
    y = alt.Y("share:Q", stack=None, axis=alt.Axis(format="%", tickCount=4, title=None))
    base = alt.Chart(_data(_move_rows(degrees, words)))
    shade, dash = _kinds(words)
    whole = alt.layer(
        base.mark_area(fillOpacity=0.14, interpolate="step").encode(x, y, shade),
        base.mark_line(strokeWidth=2.2, interpolate="step").encode(x, y, shade, dash),
    ).properties(width=ACROSS[width], height=TALL[width])
    return themed(alt.concat(whole), words("inspect.chart.moves_description"))


def offset_bars(offset: tuple[float, float], words: Words, *, width: Width = "wide") -> Chart:
    """Draw what a query of each kind adds to scores of the other kind."""
    labels = [words(f"inspect.chart.asks_{side}") for side in MODALITIES]
    rows: Rows = [
        {"label": label, "offset": value} for label, value in zip(labels, offset, strict=True)
    ]
    reach = 1.3 * max(0.05, *map(abs, offset))
    scale = alt.Scale(domain=[1.3 * min(0.0, *offset), reach], nice=False)
    x = alt.X(
        "offset:Q",
        scale=scale,
        axis=alt.Axis(tickCount=5, format="+.2f", title=words("inspect.chart.offset")),
    )
    y = alt.Y("label:N", sort=labels, axis=None)
    base = alt.Chart(_data(rows))
    hues = alt.Color(
        "label:N",
        scale=alt.Scale(domain=labels, range=[colour("image"), colour("text")]),
        legend=None,
    )
    whole = alt.layer(
        alt.Chart(_data([{"label": label} for label in labels]))
        .mark_text(align="left", dy=-17, x=0)
        .encode(y, text="label:N"),
        base.mark_rule(strokeWidth=9, opacity=0.8)
        .encode(x, y, alt.X2("zero:Q"), hues)
        .transform_calculate(zero="0"),
    ).properties(width=ACROSS[width], height=alt.Step(52))
    return themed(alt.concat(whole), words("inspect.chart.offset_description"))


def _kinds(words: Words) -> tuple[alt.Color, alt.StrokeDash]:
    """Tell the modalities apart by hue and by stroke."""
    names = [words.name(side) for side in MODALITIES]
    shades = [colour(side) for side in MODALITIES]
    return (
        alt.Color("kind:N", scale=alt.Scale(domain=names, range=shades)),
        alt.StrokeDash("kind:N", scale=alt.Scale(domain=names, range=[[1, 0], [6, 3]])),
    )


def _scaling_rows(scaling: Sides, words: Words) -> Rows:
    rows: Rows = []
    for side, factors in scaling.items():
        places = np.unique(np.linspace(1, len(factors), POINTS).round().astype(int))
        rows += [
            {
                "place": place,
                "factor": round(float(factors[place - 1]), 4),
                "kind": words.name(side),
            }
            for place in places.tolist()
        ]
    return rows


def _move_rows(degrees: Sides, words: Words) -> Rows:
    top = max(1.0, max(float(each.max(initial=0.0)) for each in degrees.values()))
    rows: Rows = []
    for side, each in degrees.items():
        counts, edges = np.histogram(each, bins=BINS, range=(0.0, 1.02 * top))
        middles: list[Any] = ((edges[1:] + edges[:-1]) / 2).round(3).tolist()
        shares = (counts / max(len(each), 1)).round(5).tolist()
        rows += [
            {"degrees": middle, "share": share, "kind": words.name(side)}
            for middle, share in zip(middles, shares, strict=True)
        ]
    return rows


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=rows)
