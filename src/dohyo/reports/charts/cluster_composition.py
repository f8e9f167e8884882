"""What each cluster holds, before and after."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

from dohyo.reports.charts.marks import Panel, Width, data
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

Parts = Literal["kind", "class"]
STEP = 20
LONGEST_NAME = 88
"""Pixels of a class name; the rest of it is cut off."""


def cluster_composition(
    composition: Mapping[str, Sequence[Mapping[str, Any]]],
    words: Words,
    *,
    by: Parts,
    names: Sequence[str] = (),
    changed: bool = True,
    width: Width = "wide",
) -> Chart:
    """Draw a bar for each cluster, the largest on top, filled by kinds or by classes.

    Of classes a bar shows the most frequent by name, the second and all others: ten colours could
    not be told apart.

    Parameters
    ----------
    composition : clusters before and after, as the task of clustering returns them
    names : of the classes; their numbers stand for those that have none
    changed : whether anything was applied; otherwise there is only a before
    """
    times = ("before", "after") if changed else ("before",)
    across = {"wide": 345 if changed else 760, "narrow": 220}[width]
    panels = []
    for place, when in enumerate(times):
        rows = composition_rows(composition[when], words, by=by, names=names)
        panels.append(
            _panel(rows, by, words, titled=width == "narrow" or place == 0).properties(
                title=words(f"chart.{when}") if changed else "",
                width=across,
                height=STEP * len(composition[when]),
            )
        )
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*panels, columns=columns, spacing=24)
    return themed(whole, words("chart.composition.description"))


def composition_rows(
    clusters: Sequence[Mapping[str, Any]], words: Words, *, by: Parts, names: Sequence[str] = ()
) -> Rows:
    """Return the parts of each cluster in order: its number, its name, a part and its ends."""
    rows: Rows = []
    for number, cluster in enumerate(clusters):
        name, parts = _parts(cluster, words, by=by, names=names)
        start = 0.0
        for part, share in parts:
            rows.append(
                {
                    "cluster": number,
                    "name": name,
                    "size": cluster["size"],
                    "part": part,
                    "from": round(start, 4),
                    "to": round(start + share, 4),
                }
            )
            start += share
    return rows


def _parts(
    cluster: Mapping[str, Any], words: Words, *, by: Parts, names: Sequence[str]
) -> tuple[str, list[tuple[str, float]]]:
    """Return the name of a cluster and its parts with their shares."""
    if by == "kind":
        kinds = [(words.name(kind), float(cluster[kind])) for kind in ("image", "text")]
        return f"{cluster['size']:,}", kinds
    shares = sorted(cluster["classes"].items(), key=lambda each: -each[1])
    ordered = [float(share) for _, share in shares]
    largest = int(shares[0][0]) if shares else 0
    if largest < len(names):
        name = names[largest]
    else:
        name = words("chart.composition.unknown", number=largest)
    second = ordered[1] if len(ordered) > 1 else 0.0
    told = zip(("first", "second", "rest"), (*ordered[:1], second, sum(ordered[2:])), strict=True)
    return name, [(words(f"chart.composition.{part}"), share) for part, share in told]


def _panel(rows: Rows, by: Parts, words: Words, *, titled: bool) -> Panel:
    if by == "kind":
        domain = [words.name("image"), words.name("text")]
        shades = [colour("image"), colour("text")]
    else:
        domain = [words(f"chart.composition.{part}") for part in ("first", "second", "rest")]
        shades = [colour("after"), colour("before"), colour("line")]
    title = words("chart.composition.share") if titled else None
    axis = alt.Axis(format="%", tickCount=4, title=title)
    y = alt.Y("cluster:O", axis=None, scale=alt.Scale(paddingInner=0.18))
    bars = (
        alt.Chart(data(rows))
        .mark_bar()
        .encode(
            alt.X("from:Q", scale=alt.Scale(domain=[0, 1]), axis=axis),
            y,
            alt.X2("to:Q"),
            alt.Color("part:N", scale=alt.Scale(domain=domain, range=shades)),
        )
    )
    labels = [{"cluster": row["cluster"], "name": row["name"]} for row in rows if row["from"] == 0]
    text = (
        alt.Chart(data(labels))
        .mark_text(align="right", dx=-6, limit=LONGEST_NAME)
        .encode(y=y, x=alt.value(0), text="name:N")
    )
    return alt.layer(bars, text)
