"""Where both modalities lie in the plane."""

import altair as alt
import numpy as np

from dohyo.reports.charts.marks import Panel, Width, data, span
from dohyo.reports.projection import GapMap
from dohyo.reports.series import (
    gap_rows,
    pair_rows,
)
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words


def gap_map(before: GapMap, after: GapMap | None, words: Words, *, width: Width = "wide") -> Chart:
    """Draw both modalities in the plane, before and after a correction, on one scale.

    Parameters
    ----------
    before, after : the same items; `after` is None where nothing was tried
    width : for a page or for a phone
    """
    maps = [("before", before)] if after is None else [("before", before), ("after", after)]
    side = {"wide": 440, "narrow": 160}[width]
    points = np.concatenate([np.concatenate([m.image, m.text]) for _, m in maps])
    frame = span(points[:, 0].tolist()), span(points[:, 1].tolist())
    panels = [
        _gap_panel(each, frame, side, width, words).properties(
            title="" if after is None else words(f"chart.{name}")
        )
        for name, each in maps
    ]
    return themed(alt.concat(*panels, columns=2, spacing=12), words("chart.gap_map.description"))


def _gap_panel(
    each: GapMap, frame: tuple[list[float], list[float]], side: int, width: Width, words: Words
) -> Panel:
    kinds = [words.name("image"), words.name("text")]
    x, y = (
        channel(f"{name}:Q", scale=alt.Scale(domain=domain, nice=False), axis=None)
        for channel, name, domain in zip((alt.X, alt.Y), "xy", frame, strict=True)
    )
    shades = alt.Scale(domain=kinds, range=[colour("image"), colour("text")])
    shapes = alt.Scale(domain=kinds, range=["circle", "triangle-up"])
    points = (
        alt.Chart(data(gap_rows(each, words)))
        .mark_point(filled=True, size={"wide": 34, "narrow": 15}[width], opacity=0.75)
        .encode(x, y, alt.Color("kind:N", scale=shades), alt.Shape("kind:N", scale=shapes))
    )
    lines = (
        alt.Chart(data(pair_rows(each)))
        .mark_rule(color=colour("muted"), opacity=0.22, strokeWidth=0.7)
        .encode(x, y, alt.X2("x2:Q"), alt.Y2("y2:Q"))
    )
    (left, right), (bottom, top) = frame
    height = side * (top - bottom) / (right - left)
    return alt.layer(lines, points).properties(width=side, height=height)
