"""The main figures of both protocols before and after."""

from collections.abc import Mapping

import altair as alt

from dohyo.reports.charts.dots import dot_rows
from dohyo.reports.charts.marks import Width
from dohyo.reports.series import (
    figure_rows,
)
from dohyo.reports.theme import Chart, themed
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import Protocol
from dohyo.words import Words


def before_after(
    protocols: Mapping[Protocol, Comparison],
    words: Words,
    *,
    touched: bool = True,
    width: Width = "wide",
) -> Chart:
    """Draw the main figures of both protocols before and after, with 95 % intervals."""
    panels = []
    for protocol, comparison in protocols.items():
        rows = figure_rows(comparison, words, touched=touched)
        panels.append(
            dot_rows(rows, [0, 1], words, width).properties(title=words(f"column.{protocol}"))
        )
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*panels, columns=columns, spacing=24)
    return themed(whole, words("chart.before_after.description"))
