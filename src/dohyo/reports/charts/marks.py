"""What several pictures are made of."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import altair as alt

from dohyo.reports.series import Rows

Panel: TypeAlias = alt.LayerChart | alt.FacetChart
Width = Literal["wide", "narrow"]
UPRIGHT = "M-0.16,-1.2H0.16V1.2H-0.16Z"
"""A stroke, as Vega's paths are written."""


def rule(axis: Literal["x", "y"], at: float, shade: str) -> alt.Chart:
    """Draw a dashed line across the picture."""
    rule = alt.Chart(data([{"at": at}])).mark_rule(color=shade, strokeDash=[5, 4])
    drawn: alt.Chart = rule.encode(x="at:Q") if axis == "x" else rule.encode(y="at:Q")
    return drawn


def span(values: Sequence[float]) -> list[float]:
    """Return a domain that holds the values with some air."""
    low, high = min(values), max(values)
    air = 0.06 * max(high - low, 0.02)
    return [low - air, high + air]


def data(rows: Rows) -> alt.InlineData:
    """Return rows as a picture holds them."""
    return alt.InlineData(values=rows)
