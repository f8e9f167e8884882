"""The pictures of a profile, and of several beside each other."""

from collections.abc import Sequence

import altair as alt

from dohyo.estimate import Estimate
from dohyo.measures.cluster_heterogeneity import ClusterPoint
from dohyo.measures.components import Component, bias_share
from dohyo.measures.pair_scores import ScoreDistributions
from dohyo.measures.profile import Profile
from dohyo.measures.spectrum import Spectrum
from dohyo.reports.charts.marks import UPRIGHT, Panel, Width
from dohyo.reports.profile_series import (
    angle_rows,
    cluster_rows,
    compared_rows,
    component_rows,
    scale_rows,
    score_rows,
    spectrum_rows,
)
from dohyo.reports.series import Rows
from dohyo.reports.theme import Chart, colour, themed
from dohyo.words import Words

ALONE = {"wide": 880, "narrow": 315}
LINE = {"wide": 26, "narrow": 40}
HALF = {"wide": 385, "narrow": 270}
TALL = {"wide": 230, "narrow": 180}


def common_scale(profile: Profile, words: Words, *, width: Width = "wide") -> Chart | None:
    """Draw each measure on the way from no gap to the largest it can show; None without any."""
    rows = scale_rows(profile, words)
    panels = []
    for hue, name in (("stop", "gap"), ("go", "signal")):
        title = words(f"profile.chart.{name}")
        here = [row for row in rows if row["group"] == title]
        if here:
            ends = words(f"profile.chart.{name}_ends")
            panels.append(_scale_panel(here, hue, ends, width).properties(title=title))
    if not panels:
        return None
    whole = alt.concat(*panels, columns=1, spacing=18)
    return themed(whole, words("profile.chart.scale_description"))


def _scale_panel(rows: Rows, hue: str, ends: str, width: Width) -> Panel:
    labels = [row["label"] for row in rows]
    room = 300 if width == "wide" else 0
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%", title=ends)
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("value:Q", scale=scale, axis=axis)
    beside = alt.Axis(title=None, ticks=False, domain=False, labelPadding=10, minExtent=room)
    y = alt.Y("label:N", sort=labels, axis=beside if room else None)
    base = alt.Chart(_data(rows))
    above = alt.Chart(_data([{"label": label} for label in labels if not room]))
    return alt.layer(
        above.mark_text(align="left", dy=-13, x=0).encode(y, text="label:N"),
        base.mark_rule(strokeWidth=7, opacity=0.28, color=colour(hue))
        .encode(alt.X("start:Q", scale=scale, axis=axis), y, alt.X2("value:Q"))
        .transform_calculate(start="0"),
        base.mark_rule(strokeWidth=2.2, color=colour(hue)).encode(
            alt.X("low:Q", scale=scale, axis=axis), y, alt.X2("high:Q")
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=colour(hue)).encode(x, y),
    ).properties(width=ALONE[width] - room, height=alt.Step(LINE[width]))


def spectra(spectrum: Spectrum, words: Words, *, width: Width = "wide") -> Chart:
    """Draw the summed spectra of both sides, and the principal angles between them."""
    kinds = [words.name("image"), words.name("text")]
    panels: list[alt.Chart] = [
        alt.Chart(_data(spectrum_rows(spectrum, words)))
        .mark_line(strokeWidth=2.2)
        .encode(
            alt.X(
                "place:Q",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(title=words("profile.chart.directions"), tickCount=4, format="~s"),
            ),
            alt.Y(
                "share:Q",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5, title=words("profile.chart.variance")),
            ),
            alt.Color(
                "kind:N", scale=alt.Scale(domain=kinds, range=[colour("image"), colour("text")])
            ),
            alt.StrokeDash("kind:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [6, 3]])),
        )
        .properties(title=words("profile.chart.spectra"), width=HALF[width], height=TALL[width])
    ]
    angles = angle_rows(spectrum)
    if angles:
        panels.append(_angles(angles, words, width))
    whole = alt.concat(*panels, columns=2 if width == "wide" else 1, spacing=24)
    return themed(whole, words("profile.chart.spectrum_description"))


def _angles(rows: Rows, words: Words, width: Width) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=colour("before"))
        .encode(
            alt.X(
                "place:O",
                axis=alt.Axis(
                    title=words("profile.chart.angle_place"), labelAngle=0, labelOverlap="greedy"
                ),
            ),
            alt.Y(
                "angle:Q",
                scale=alt.Scale(domain=[0, 90]),
                axis=alt.Axis(values=[0, 30, 60, 90], title=words("profile.chart.degrees")),
            ),
        )
        .properties(title=words("profile.chart.angles"), width=HALF[width], height=TALL[width])
    )
    return drawn


def component_map(
    components: Sequence[Component], words: Words, *, width: Width = "wide"
) -> Chart | None:
    """Draw what part of the gap each direction carries against how its pairs agree.

    The dashed lines are the rule: right of the upright one a direction is bias, else above the
    level one signal, else noise. None without known pairs.
    """
    rows = component_rows(components, words)
    band = next((each.band for each in components if each.band is not None), None)
    if not rows or band is None:
        return None
    kinds = ("bias", "signal", "noise")
    names = [words(f"profile.component.{kind}") for kind in kinds]
    hues = [colour(hue) for hue in ("stop", "go", "before")]
    shade = alt.Color("kind:N", scale=alt.Scale(domain=names, range=hues))
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=names, range=["square", "circle", "diamond"])
    )
    axis = alt.Axis(
        format="%", values=[0, 0.01, 0.1, 0.25, 0.5, 1], title=words("profile.chart.gap_share")
    )
    scale = alt.Scale(type="sqrt", domain=[0, 1.05], nice=False)
    x = alt.X("share:Q", scale=scale, axis=axis)
    y = alt.Y(
        "correlation:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(tickCount=5, title=words("profile.chart.correlation")),
    )
    base = alt.Chart(_data(rows))
    limit = bias_share(len(components[0].direction))
    whole = alt.layer(
        alt.Chart(_data([{"share": limit}]))
        .mark_rule(color=colour("muted"), strokeDash=[5, 4])
        .encode(x),
        alt.Chart(_data([{"correlation": band}]))
        .mark_rule(color=colour("muted"), strokeDash=[5, 4])
        .encode(y),
        base.mark_point(filled=True, size=80, opacity=0.85).encode(x, y, shade, shape),
        base.transform_filter(alt.datum.told)
        .mark_text(align="right", baseline="middle", dx=-10)
        .encode(x, y, shade, text="name:N"),
    ).properties(
        width={"wide": 820, "narrow": 270}[width], height={"wide": 290, "narrow": 230}[width]
    )
    return themed(alt.concat(whole), words("profile.chart.component_description"))


def cluster_curve(
    clusters: Sequence[ClusterPoint], words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw how mixed clusters are at each k, between perfect mixing and perfect separation."""
    looks = {
        words("profile.chart.mixed"): ("go", [5, 4]),
        words("profile.chart.found"): ("ink", [1, 0]),
        words("profile.chart.separated"): ("stop", [2, 3]),
    }
    hues, dashes = zip(*looks.values(), strict=True)
    base = alt.Chart(_data(cluster_rows(clusters, words))).encode(
        alt.X("k:O", axis=alt.Axis(labelAngle=0, title=words("profile.chart.k"))),
        alt.Y(
            "mixing:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(tickCount=5, title=words("profile.chart.mixing")),
        ),
        alt.Color(
            "what:N",
            scale=alt.Scale(domain=list(looks), range=[*map(colour, hues)]),
            legend=alt.Legend(symbolType="stroke", columns=3 if width == "wide" else 1),
        ),
    )
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=list(looks), range=list(dashes)))
    found = words("profile.chart.found")
    points = base.transform_filter(alt.datum.what == found).mark_point(
        filled=True, size=60, opacity=1
    )
    whole = alt.layer(base.mark_line(strokeWidth=2.2).encode(dash), points).properties(
        width={"wide": 820, "narrow": 270}[width], height=TALL[width]
    )
    return themed(alt.concat(whole), words("profile.chart.cluster_description"))


def score_densities(
    scores: ScoreDistributions, words: Words, *, width: Width = "wide"
) -> Chart | None:
    """Draw how random pairs of each sort and true matches score; None where there are none."""
    rows = score_rows(scores, words)
    if not rows:
        return None
    looks = {
        "within_image": ("image", [1, 0]),
        "within_text": ("text", [1, 0]),
        "cross_random": ("before", [5, 4]),
        "cross_match": ("go", [1, 0]),
    }
    known = {
        words(f"profile.chart.{name}"): look
        for name, look in looks.items()
        if any(row["what"] == words(f"profile.chart.{name}") for row in rows)
    }
    hues, dashes = zip(*known.values(), strict=True)
    names = list(known)
    shade = alt.Color(
        "what:N",
        scale=alt.Scale(domain=names, range=[*map(colour, hues)]),
        legend=alt.Legend(columns=4 if width == "wide" else 1, symbolType="stroke"),
    )
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=names, range=list(dashes)))
    base = alt.Chart(_data(rows)).encode(
        alt.X(
            "score:Q",
            scale=alt.Scale(nice=False),
            axis=alt.Axis(tickCount=6, title=words("profile.chart.score")),
        ),
        alt.Y("density:Q", stack=None, axis=None),
        shade,
    )
    whole = alt.layer(
        base.mark_area(fillOpacity=0.12),
        base.mark_line(strokeWidth=2.2).encode(dash),
    ).properties(width={"wide": 840, "narrow": 290}[width], height=TALL[width])
    return themed(alt.concat(whole), words("profile.chart.score_description"))


def side_by_side(
    measures: Sequence[tuple[str, Sequence[float | None], Sequence[Estimate | None]]],
    letters: str,
    words: Words,
    *,
    width: Width = "wide",
) -> Chart:
    """Draw each measure as a small panel of its own scale, a line for each profile.

    Parameters
    ----------
    measures : name, value without a gap and figure of each profile
    letters : one for each profile
    """
    across = {"wide": 245, "narrow": 285}[width]
    panels = [
        _small(compared_rows(figures, references, letters), letters, words.measure(name), across)
        for name, references, figures in measures
    ]
    whole = alt.concat(*panels, columns=3 if width == "wide" else 1, spacing=24)
    return themed(whole, words("compare.chart_description"))


def _small(rows: Rows, letters: str, title: str, across: int) -> Panel:
    x_axis = alt.Axis(tickCount=4, title=None)
    scale = alt.Scale(zero=False, nice=True)
    x = alt.X("value:Q", scale=scale, axis=x_axis)
    beside = alt.Axis(title=None, ticks=False, domain=False, labelPadding=8, labelFontWeight="bold")
    y = alt.Y("who:N", scale=alt.Scale(domain=list(letters)), axis=beside)
    base, shade = alt.Chart(_data(rows)), colour("image")
    return alt.layer(
        base.mark_point(filled=True, size=85, shape=UPRIGHT, opacity=1, color=colour("ink")).encode(
            alt.X("reference:Q", scale=scale, axis=x_axis), y
        ),
        base.mark_rule(strokeWidth=2.2, color=shade).encode(
            alt.X("low:Q", scale=scale, axis=x_axis), y, alt.X2("high:Q")
        ),
        base.mark_point(filled=True, size=60, opacity=1, color=shade).encode(x, y),
    ).properties(title=title, width=across, height=alt.Step(20))


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=rows)
