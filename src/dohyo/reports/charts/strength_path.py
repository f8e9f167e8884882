"""Gain, harm and share along the strength."""

import altair as alt

from dohyo.decision.sweep import Sweep
from dohyo.reports.charts.marks import Panel, Width, data, rule, span
from dohyo.reports.series import (
    Rows,
    strength_rows,
)
from dohyo.reports.theme import Chart, colour, themed
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words


def strength_path(sweep: Sweep, words: Words, *, width: Width = "wide") -> Chart:
    """Draw gain, harm and cross share along the strength, with 95 % intervals."""
    across, up = {"wide": (385, 180), "narrow": (262, 175)}[width]
    rows = strength_rows(sweep, words)
    rules = {"harm": (-sweep.policy.recall_margin, colour("stop")), "gain": (0.0, colour("muted"))}
    panels = {}
    for figure in ("gain", "harm", "share"):
        here = [row for row in rows if row["figure"] == figure]
        marks = [*sweep.base_rate.values()] if figure == "share" else [rules[figure][0], 0.0]
        y_domain = span([row[k] for row in here for k in ("low", "high")] + marks)
        for protocol in PROTOCOLS:
            at, shade = rules.get(figure, (sweep.base_rate[protocol], colour("ink")))
            titled = protocol == PROTOCOLS[0] or width == "narrow"
            panel = _path_panel(
                [row for row in here if row["protocol"] == protocol],
                y_domain,
                words(f"chart.strength.{figure}") if titled else None,
                ".2f" if figure == "share" else "+.2f",
                words,
            )
            name = words(f"column.{protocol}")
            panels[figure, protocol] = alt.layer(rule("y", at, shade), panel).properties(
                title=name if figure == "gain" or width == "narrow" else "",
                width=across,
                height=up,
            )
    order = [(figure, protocol) for figure in ("gain", "harm", "share") for protocol in PROTOCOLS]
    if width == "narrow":
        order.sort(key=lambda each: PROTOCOLS.index(each[1]))
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*(panels[each] for each in order), columns=columns)
    return themed(whole, words("chart.strength.description"))


def _path_panel(
    rows: Rows, domain: list[float], title: str | None, digits: str, words: Words
) -> Panel:
    standings = [words(f"standing.{name}") for name in ("passes", "fails")]
    shades = alt.Scale(domain=standings, range=[colour("after"), colour("stop")])
    shapes = alt.Scale(domain=standings, range=["circle", "cross"])
    axis = alt.Axis(
        values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f", title=words("chart.strength.strength")
    )
    x = alt.X("strength:Q", scale=alt.Scale(domain=[-0.02, 1.02], nice=False), axis=axis)
    y_axis = alt.Axis(tickCount=4, format=digits, title=title)
    y = alt.Y("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=y_axis)
    low = alt.Y("low:Q", scale=alt.Scale(domain=domain, nice=False), axis=y_axis)
    base = alt.Chart(data(rows))
    shade = alt.Color("standing:N", scale=shades)
    return alt.layer(
        base.mark_area(color=colour("after"), opacity=0.16).encode(x, low, alt.Y2("high:Q")),
        base.mark_line(color=colour("after"), strokeWidth=1.6).encode(x, y),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x, y, shade, alt.Shape("standing:N", scale=shapes)
        ),
    )
