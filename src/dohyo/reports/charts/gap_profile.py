"""Each measure before and after."""

import altair as alt

from dohyo.measures.profile import Profile
from dohyo.reports.charts.dots import dot_rows
from dohyo.reports.charts.marks import Width
from dohyo.reports.series import (
    profile_rows,
)
from dohyo.reports.theme import Chart, themed
from dohyo.words import Words


def gap_profile(
    before: Profile, after: Profile | None, words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw each measure before and after, against what it would be without a gap."""
    rows = profile_rows(before, after, words)
    top = max([1.0, *(row["high"] for row in rows)])
    panel = dot_rows(rows, [0, top], words, width, alone=True)
    return themed(alt.concat(panel), words("chart.gap_profile.description"))
