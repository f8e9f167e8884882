"""The evidence of a change, batch by batch, and where it became an alarm."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from dohyo.reports.charts.marks import Width, data, rule
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words


def evidence_line(
    batches: Sequence[dict[str, Any]], every: float, words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw the evidence on a log scale with the line at which there is an alarm.

    Parameters
    ----------
    batches : mappings with `number`, `phase`, `evidence` and `alarm`
    every : batches between false alarms that were promised
    """
    rows = [
        {"number": each["number"], "evidence": max(0.1, min(each["evidence"], 1e6 * every))}
        for each in batches
        if each["phase"] == "watching"
    ]
    loud = [row for row, each in zip(rows, _watched(batches), strict=True) if each["alarm"]]
    x = alt.X("number:Q", axis=alt.Axis(title=words("monitor.batch"), tickCount=8))
    y = alt.Y(
        "evidence:Q",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(title=words("monitor.evidence"), format="~s", tickCount=5),
    )
    drawn = alt.layer(
        rule("y", every, colour("stop")),
        alt.Chart(data(rows)).mark_line(color=colour("image"), strokeWidth=1.6).encode(x, y),
        alt.Chart(data(loud))
        .mark_point(filled=True, size=90, color=colour("stop"), opacity=1)
        .encode(x, y),
    ).properties(width={"wide": 840, "narrow": 270}[width], height=240)
    return themed(alt.concat(drawn), words("monitor.chart"))


def _watched(batches: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in batches if each["phase"] == "watching"]
