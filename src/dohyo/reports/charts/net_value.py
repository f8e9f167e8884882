"""What a month may bring: the distribution of its net value, with zero marked."""

import altair as alt
import numpy as np

from dohyo.reports.charts.marks import Width, data, rule
from dohyo.reports.page.money import unit_name, unit_of
from dohyo.reports.theme import Chart, colour, themed
from dohyo.value.costs import F64
from dohyo.value.value import Worth
from dohyo.words import Words

BINS = 48
CUT = 0.002
"""Share of the draws left off at either end, where a few would set the scale."""


def net_value_chart(worth: Worth, currency: str, words: Words, *, width: Width = "wide") -> Chart:
    """Draw how often each net value of a month came up, with zero and the 95 % interval."""
    size, unit = unit_of(float(np.abs(worth.draws).max()), words)
    edges, shares = _histogram(worth.draws / size)
    rows = [
        {"from": float(f"{low:.5g}"), "to": float(f"{high:.5g}"), "share": float(share)}
        for low, high, share in zip(edges[:-1], edges[1:], shares.round(5), strict=True)
    ]
    title = words("chart.net_value.axis", unit=unit_name(unit, currency, words))
    domain = alt.Scale(domain=[float(min(edges[0], 0.0)), float(max(edges[-1], 0.0))], nice=False)
    x = alt.X("from:Q", scale=domain, axis=alt.Axis(title=title, tickCount=5))
    y = alt.Y(
        "share:Q",
        axis=alt.Axis(title=words("chart.net_value.share"), format="%", tickCount=4),
    )
    band = [{"low": worth.net.low / size, "high": worth.net.high / size}]
    drawn = alt.layer(
        alt.Chart(data(band))
        .mark_rect(color=colour("after"), opacity=0.14)
        .encode(alt.X("low:Q", scale=domain, axis=alt.Axis(title=title, tickCount=5)), x2="high:Q"),
        alt.Chart(data(rows))
        .mark_rect(color=colour("after"), opacity=0.85)
        .encode(x, alt.X2("to:Q"), y, alt.Y2(datum=0)),
        rule("x", 0.0, colour("stop")),
    ).properties(width={"wide": 840, "narrow": 270}[width], height=190)
    whole = alt.concat(drawn)
    return themed(whole, words("chart.net_value.description"))


def _histogram(draws: F64) -> tuple[F64, F64]:
    low, high = np.quantile(draws, [CUT, 1 - CUT])
    if high <= low:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(draws, BINS, (float(low), float(high)))
    return edges, counts / len(draws)
