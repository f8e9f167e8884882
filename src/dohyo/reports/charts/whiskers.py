"""Marks with whiskers that stand or fall, one line for each label."""

from collections.abc import Mapping, Sequence

import altair as alt

from dohyo.reports.charts.marks import Panel, Width, data
from dohyo.reports.series import Rows
from dohyo.reports.theme import colour

ACROSS: Mapping[Width, int] = {"wide": 425, "narrow": 315}
LINE = 38


def whisker_rows(
    rows: Rows,
    domain: list[float],
    standings: tuple[str, str],
    rules: Sequence[alt.Chart],
    width: Width,
) -> Panel:
    """Lay marks with whiskers on one line for each `line`, its label above it.

    Parameters
    ----------
    rows : with line, label, value, low, high and standing
    domain : of the values
    standings : names of what is as it should be and of what is marked red, for the legend
    rules : upright lines to draw behind
    """
    scale = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(tickCount=5, title=None, format="+.2f")
    y = alt.Y("line:O", axis=None)
    shade = alt.Color(
        "standing:N", scale=alt.Scale(domain=standings, range=[colour("after"), colour("stop")])
    )
    shape = alt.Shape("standing:N", scale=alt.Scale(domain=standings, range=["circle", "cross"]))
    base = alt.Chart(data(rows))
    return alt.layer(
        *rules,
        # A rim in the colour of the page keeps a label readable where a rule crosses it.
        base.mark_text(align="left", dy=-14, x=0, stroke=colour("page"), strokeWidth=4).encode(
            y, text="label:N"
        ),
        base.mark_text(align="left", dy=-14, x=0).encode(y, text="label:N"),
        base.mark_rule(strokeWidth=2).encode(
            alt.X("low:Q", scale=scale, axis=axis), y, alt.X2("high:Q"), color=shade
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(
            alt.X("value:Q", scale=scale, axis=axis), y, shade, shape
        ),
    ).properties(width=ACROSS[width], height=alt.Step(LINE))
