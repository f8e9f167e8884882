"""The evidence of a change over time, what it became, and what people made of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import altair as alt

from dohyo.reports.charts.marks import Width, data, rule
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

Happening = Literal["alarm", "proposed", "approved", "rejected", "back"]
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)
SHAPES: dict[Happening, tuple[str, str]] = {
    "alarm": ("triangle-up", "stop"),
    "proposed": ("square", "wait"),
    "approved": ("circle", "go"),
    "rejected": ("cross", "muted"),
    "back": ("diamond", "text"),
}
"""By form and colour, so that neither is needed to tell them apart."""
ACROSS = {"wide": 840, "narrow": 270}
DECADES = "format(datum.value, datum.value < 1 ? '~g' : '~s')"
LEAST = 0.1
"""Evidence below this is drawn at it: near zero a log scale says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One batch that counts.

    Attributes
    ----------
    place : on the axis, from 0
    day : what the axis says of it
    evidence : None while nothing is judged
    """

    place: int
    day: str
    evidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened after the batch at `place`."""

    place: float
    what: Happening


def timeline(
    moments: Sequence[Moment],
    events: Sequence[Event],
    threshold: float,
    words: Words,
    *,
    width: Width = "wide",
) -> Chart:
    """Draw the evidence on a log scale under what happened, the warm-up shaded.

    Parameters
    ----------
    threshold : at which there is an alarm
    """
    judged = [each for each in moments if each.evidence is not None]
    most = max([threshold, *(each.evidence or 0.0 for each in judged)])
    highest = min(most, 1e4 * threshold) * 3
    scale = alt.Scale(type="log", domain=[LEAST, highest])
    x = _axis(moments, words, width)
    decades = [10.0**power for power in range(-1, 12) if 10.0**power <= highest]
    y = alt.Y(
        "evidence:Q",
        scale=scale,
        axis=alt.Axis(title=words("monitor.evidence"), labelExpr=DECADES, values=decades),
    )
    base = alt.Chart(data(_lines(judged, threshold)))
    layers = [
        _warm_up(moments),
        rule("y", threshold, colour("stop")),
        alt.Chart(data([{"place": moments[0].place, "evidence": threshold}]))
        .mark_text(align="left", dx=4, dy=-8, color=colour("stop"))
        .encode(x, y, text=alt.value(words("monitor_page.chart.threshold"))),
        base.mark_line(color=colour("image"), strokeWidth=1.8).encode(x, y, detail="part:N"),
        base.mark_circle(color=colour("image"), size=18, opacity=1).encode(x, y),
    ]
    evidence = alt.layer(*layers).properties(width=ACROSS[width], height=230)
    parts = [_happened(events, moments, words, width), evidence] if events else [evidence]
    return themed(alt.concat(*parts, columns=1, spacing=6), words("monitor_page.chart.text"))


def _axis(moments: Sequence[Moment], words: Words, width: Width) -> alt.X:
    """Return the axis: batches in the order in which they came, some of them named."""
    last, ticks = moments[-1].place, {"wide": 7, "narrow": 3}[width]
    # The last one would be cut off at the edge.
    shown = sorted({round(last * step / ticks) for step in range(ticks)})
    names = {str(place): moments[place].day for place in shown}
    return alt.X(
        "place:Q",
        scale=alt.Scale(domain=[-0.5, last + 0.5], nice=False),
        axis=alt.Axis(
            title=words("monitor_page.chart.batch"),
            values=shown,
            labelExpr=f"({json.dumps(names)})[datum.value]",
            grid=False,
            titlePadding=10,
        ),
    )


def _lines(judged: Sequence[Moment], threshold: float) -> list[dict[str, Any]]:
    """Return the judged batches; a line does not bridge a time in which nothing was judged."""
    rows, part, before = [], 0, None
    for each in judged:
        part += before is not None and each.place != before + 1
        before = each.place
        held = max(LEAST, min(each.evidence or 0.0, 1e4 * threshold))
        rows.append({"place": each.place, "evidence": held, "part": part})
    return rows


def _warm_up(moments: Sequence[Moment]) -> alt.Chart:
    """Shade every stretch of batches in which nothing was judged."""
    spans: list[dict[str, float]] = []
    for each in moments:
        if each.evidence is not None:
            continue
        if spans and spans[-1]["to"] == each.place - 0.5:
            spans[-1]["to"] = each.place + 0.5
        else:
            spans.append({"from": each.place - 0.5, "to": each.place + 0.5})
    shade: alt.Chart = (
        alt.Chart(data(spans))
        .mark_rect(color=colour("muted"), opacity=0.16)
        .encode(alt.X("from:Q"), alt.X2("to:Q"))
    )
    return shade


def _happened(
    events: Sequence[Event], moments: Sequence[Moment], words: Words, width: Width
) -> alt.Chart:
    """Return the strip of what happened, the legend above it."""
    known = [name for name in HAPPENINGS if any(each.what == name for each in events)]
    names = {name: words(f"monitor_page.event.{name}") for name in known}
    domain = list(names.values())
    rows = [{"place": each.place, "what": names[each.what]} for each in events]
    legend = alt.Legend(orient="top", columns={"wide": 5, "narrow": 2}[width])
    drawn: alt.Chart = (
        alt.Chart(data(rows))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            alt.X(
                "place:Q",
                scale=alt.Scale(domain=[-0.5, moments[-1].place + 0.5], nice=False),
                axis=None,
            ),
            alt.Y("what:N", sort=domain, axis=None),
            alt.Color(
                "what:N",
                scale=alt.Scale(domain=domain, range=[colour(SHAPES[name][1]) for name in known]),
                legend=legend,
            ),
            alt.Shape(
                "what:N",
                scale=alt.Scale(domain=domain, range=[SHAPES[name][0] for name in known]),
                legend=legend,
            ),
        )
        .properties(width=ACROSS[width], height=20 * len(known))
    )
    return drawn


def live_lines(
    figures: dict[str, list[tuple[int, float]]], words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw live figures, each on a scale of its own.

    Parameters
    ----------
    figures : by name, pairs of a batch's place on the axis and the value
    """
    panels = [
        alt.Chart(
            data([{"place": place, "value": value} for place, value in values]),
            title=words(f"monitor.stream.{name}"),
        )
        .mark_line(point=True, color=colour("image"), strokeWidth=1.8)
        .encode(
            alt.X("place:Q", axis=alt.Axis(title=None, tickCount=4, tickMinStep=1)),
            alt.Y(
                "value:Q",
                scale=alt.Scale(zero=False),
                axis=alt.Axis(title=None, tickCount=4, labelExpr=DECADES),
            ),
        )
        .properties(width={"wide": 380, "narrow": 260}[width], height=120)
        for name, values in figures.items()
    ]
    drawn = alt.concat(*panels, columns={"wide": 2, "narrow": 1}[width], spacing=24)
    return themed(drawn, words("monitor_page.chart.live_text"))
