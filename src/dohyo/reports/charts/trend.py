"""How the share of the other kind in live lists goes, hour by hour."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from dohyo.reports.charts.marks import Width, data
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words


def cross_trend(hours: Sequence[dict[str, Any]], words: Words, *, width: Width = "wide") -> Chart:
    """Draw the cross share of raw and of corrected lists with 95 % intervals.

    Parameters
    ----------
    hours : mappings with `hour` and the estimates `cross_raw` and `cross_corrected`, in order
    """
    names = {"cross_raw": words("chart.before"), "cross_corrected": words("chart.after")}
    rows = [
        {
            "hour": f"{each['hour']}:00:00Z",
            "list": shown,
            "value": round(each[key]["value"], 4),
            "low": round(max(0.0, each[key]["low"]), 4),
            "high": round(min(1.0, each[key]["high"]), 4),
        }
        for each in hours
        for key, shown in names.items()
    ]
    shades = alt.Scale(domain=[*names.values()], range=[colour("before"), colour("after")])
    x = alt.X("hour:T", axis=alt.Axis(title=None, tickCount=6, format="%m-%d %H:%M"))
    scale = alt.Scale(domain=[0, 1])
    y = alt.Y("value:Q", scale=scale, axis=alt.Axis(format="%", title=words("dashboard.cross")))
    base = alt.Chart(data(rows))
    drawn = alt.layer(
        base.mark_area(opacity=0.16).encode(
            x, alt.Y("low:Q", scale=scale), alt.Y2("high:Q"), alt.Color("list:N", scale=shades)
        ),
        base.mark_line(strokeWidth=2.2, point=True).encode(x, y, alt.Color("list:N", scale=shades)),
    ).properties(width={"wide": 840, "narrow": 270}[width], height=200)
    return themed(alt.concat(drawn), words("dashboard.trend_description"))
