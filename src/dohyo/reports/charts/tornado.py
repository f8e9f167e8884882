"""Which assumption the first year's value hangs on."""

from collections.abc import Sequence

import altair as alt

from dohyo.reports.charts.marks import Width, data, rule, span
from dohyo.reports.page.money import unit_name, unit_of
from dohyo.reports.page.value_words import assumed, change_of
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.value.tornado import MEASURED, Bar
from dohyo.words import Words

MOST = 8
"""Bars shown: the widest, and what was measured whatever its width."""


def tornado_chart(
    bars: Sequence[Bar], currency: str, words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw the first year's net value between the ends of each assumption, the widest first."""
    measured = [bar for bar in bars[MOST:] if bar.name == MEASURED]
    shown = [*bars[: MOST - len(measured)], *measured]
    ends = [end for bar in shown for end in (bar.at_low, bar.at_high)]
    size, unit = unit_of(max(map(abs, ends)), words)
    rows = tornado_rows(shown, currency, words, size=size)
    domain = span([each / size for each in (*ends, 0.0)])
    across = {"wide": 880, "narrow": 315}[width]
    sides = [words("chart.tornado.at_low"), words("chart.tornado.at_high")]
    shade = alt.Color(
        "side:N", scale=alt.Scale(domain=sides, range=[colour("before"), colour("after")])
    )
    shape = alt.Shape("side:N", scale=alt.Scale(domain=sides, range=["square", "circle"]))
    title = words("chart.tornado.axis", unit=unit_name(unit, currency, words))
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(title=title, tickCount=5),
    )
    y = alt.Y("label:N", sort=[row["label"] for row in rows[::2]], axis=None)
    base = alt.Chart(data(rows))
    points = base.encode(x, y, shade, shape)
    drawn = alt.layer(
        rule("x", 0.0, colour("stop")),
        alt.Chart(data(rows[::2])).mark_text(align="left", dy=-14, x=0).encode(y, text="label:N"),
        alt.Chart(data(rows[::2]))
        .mark_rule(strokeWidth=7, opacity=0.45, color=colour("muted"))
        .encode(alt.X("value:Q", scale=alt.Scale(domain=domain, nice=False)), y, alt.X2("other:Q")),
        points.transform_filter(alt.datum.given).mark_point(filled=True, size=90, opacity=1),
        points.transform_filter(~alt.datum.given).mark_point(
            filled=False, size=80, strokeWidth=2, opacity=1
        ),
    ).properties(width=across, height=alt.Step(44))
    whole = alt.concat(drawn)
    return themed(whole, words("chart.tornado.description"))


def tornado_rows(bars: Sequence[Bar], currency: str, words: Words, *, size: float = 1.0) -> Rows:
    """Return two rows for each bar, its low end first; money in units of `size`."""
    rows = []
    for bar in bars:
        label = words(
            "costs.line", name=words(f"costs.name.{bar.name}"), amount=_range(bar, currency, words)
        )
        ends = ((bar.at_low, bar.at_high, "at_low"), (bar.at_high, bar.at_low, "at_high"))
        rows += [
            {
                "label": label,
                "value": float(f"{value / size:.4g}"),
                "other": float(f"{other / size:.4g}"),
                "side": words(f"chart.tornado.{side}"),
                "given": bar.given,
            }
            for value, other, side in ends
        ]
    return rows


def _range(bar: Bar, currency: str, words: Words) -> str:
    if bar.name == MEASURED:
        low, high = (change_of(end, words) for end in (bar.low, bar.high))
    else:
        low, high = (assumed(bar.name, end, currency, words) for end in (bar.low, bar.high))
    return words("figure.interval", low=low, high=high)
