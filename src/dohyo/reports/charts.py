"""Every picture that dohyo draws. The words around a picture are the page's business."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import altair as alt
import numpy as np

from dohyo.corrections.recipe import Recipe
from dohyo.decision.choose import Candidate
from dohyo.decision.policy import Policy
from dohyo.decision.sweep import Sweep
from dohyo.measures.profile import Profile
from dohyo.reports.labels import placed
from dohyo.reports.projection import GapMap
from dohyo.reports.series import (
    Rows,
    figure_rows,
    gap_rows,
    ladder_rows,
    pair_rows,
    profile_rows,
    rank_rows,
    strength_rows,
)
from dohyo.reports.theme import Chart, colour, themed
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.words import Words

Panel: TypeAlias = alt.LayerChart | alt.FacetChart
Width = Literal["wide", "narrow"]
UPRIGHT = "M-0.16,-1.2H0.16V1.2H-0.16Z"
"""A stroke, as Vega's paths are written."""

LEAST_X, LEAST_Y = (-0.05, 0.05), (-0.05, 0.4)
"""What the ladder spans at least: a tiny gain has to look tiny."""


def gap_map(before: GapMap, after: GapMap | None, words: Words, *, width: Width = "wide") -> Chart:
    """Draw both modalities in the plane, before and after a correction, on one scale.

    Parameters
    ----------
    before, after : the same items; `after` is None where nothing was tried
    width : for a page or for a phone
    """
    maps = [("before", before)] if after is None else [("before", before), ("after", after)]
    side = {"wide": 440, "narrow": 160}[width]
    points = np.concatenate([np.concatenate([m.image, m.text]) for _, m in maps])
    frame = _span(points[:, 0].tolist()), _span(points[:, 1].tolist())
    panels = [
        _gap_panel(each, frame, side, width, words).properties(
            title="" if after is None else words(f"chart.{name}")
        )
        for name, each in maps
    ]
    return themed(alt.concat(*panels, columns=2, spacing=12), words("chart.gap_map.description"))


def _gap_panel(
    each: GapMap, frame: tuple[list[float], list[float]], side: int, width: Width, words: Words
) -> Panel:
    kinds = [words.name("image"), words.name("text")]
    x, y = (
        channel(f"{name}:Q", scale=alt.Scale(domain=domain, nice=False), axis=None)
        for channel, name, domain in zip((alt.X, alt.Y), "xy", frame, strict=True)
    )
    shades = alt.Scale(domain=kinds, range=[colour("image"), colour("text")])
    shapes = alt.Scale(domain=kinds, range=["circle", "triangle-up"])
    points = (
        alt.Chart(_data(gap_rows(each, words)))
        .mark_point(filled=True, size={"wide": 34, "narrow": 15}[width], opacity=0.75)
        .encode(x, y, alt.Color("kind:N", scale=shades), alt.Shape("kind:N", scale=shapes))
    )
    lines = (
        alt.Chart(_data(pair_rows(each)))
        .mark_rule(color=colour("muted"), opacity=0.22, strokeWidth=0.7)
        .encode(x, y, alt.X2("x2:Q"), alt.Y2("y2:Q"))
    )
    (left, right), (bottom, top) = frame
    height = side * (top - bottom) / (right - left)
    return alt.layer(lines, points).properties(width=side, height=height)


def ladder(
    candidates: Sequence[Candidate],
    chosen: Recipe,
    policy: Policy,
    words: Words,
    *,
    width: Width = "wide",
) -> Chart:
    """Draw every candidate's gain against its harm, with the bounds that the guardrails test.

    The whiskers run from the one-sided lower to the one-sided upper bound at the policy's level:
    a candidate passes when its left end clears the margin and its lower end clears zero.
    """
    rows = ladder_rows(candidates, chosen, policy, words)
    across, up = {"wide": (395, 330), "narrow": (265, 250)}[width]
    x_domain = _span([row[k] for row in rows for k in ("low", "high")] + list(LEAST_X))
    y_domain = _span([row[k] for row in rows for k in ("bottom", "top")] + list(LEAST_Y))
    panels = []
    for place, protocol in enumerate(PROTOCOLS):
        here = [row for row in rows if row["protocol"] == protocol]
        here = placed(here, (x_domain, y_domain), (across, up))
        titled_y = place == 0 or width == "narrow"
        panel = _ladder_panel(here, policy, words, (x_domain, y_domain), titled_y=titled_y)
        panels.append(panel.properties(title=words(f"column.{protocol}"), width=across, height=up))
    columns = 2 if width == "wide" else 1
    return themed(alt.concat(*panels, columns=columns), words("chart.ladder.description"))


def _ladder_panel(
    rows: Rows,
    policy: Policy,
    words: Words,
    domains: tuple[list[float], list[float]],
    *,
    titled_y: bool,
) -> Panel:
    standings = [words(f"standing.{name}") for name in ("chosen", "passes", "fails")]
    shades = alt.Scale(domain=standings, range=[colour("after"), colour("ink"), colour("stop")])
    shapes = alt.Scale(domain=standings, range=["circle", "diamond", "cross"])
    x_scale, y_scale = (alt.Scale(domain=domain, nice=False) for domain in domains)
    x_axis = alt.Axis(tickCount=5, format="+.2f", title=words("chart.ladder.harm"))
    y_axis = alt.Axis(
        tickCount=5, format="+.1f", title=words("chart.ladder.gain") if titled_y else None
    )
    x = alt.X("harm:Q", scale=x_scale, axis=x_axis)
    y = alt.Y("gain:Q", scale=y_scale, axis=y_axis)
    shade = alt.Color("standing:N", scale=shades)
    base = alt.Chart(_data(rows))
    forbidden = (
        alt.Chart(_data([{"from": domains[0][0], "to": -policy.recall_margin}]))
        .mark_rect(color=colour("stop"), opacity=0.09)
        .encode(alt.X("from:Q", scale=x_scale, axis=x_axis), alt.X2("to:Q"))
    )
    return alt.layer(
        forbidden,
        _rule("x", -policy.recall_margin, colour("stop")),
        _rule("y", 0.0, colour("muted")),
        base.mark_rule(strokeWidth=1.4).encode(
            alt.X("low:Q", scale=x_scale, axis=x_axis), y, alt.X2("high:Q"), color=shade
        ),
        base.mark_rule(strokeWidth=1.4).encode(
            x, alt.Y("bottom:Q", scale=y_scale, axis=y_axis), alt.Y2("top:Q"), color=shade
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(
            x, y, color=shade, shape=alt.Shape("standing:N", scale=shapes)
        ),
        base.transform_filter(alt.datum.far)
        .mark_rule(opacity=0.5, strokeWidth=0.8)
        .encode(x, y, alt.X2("label_x:Q"), alt.Y2("label_y:Q"), color=shade),
        base.mark_text(baseline="middle").encode(
            alt.X("label_x:Q", scale=x_scale, axis=x_axis),
            alt.Y("label_y:Q", scale=y_scale, axis=y_axis),
            text="method:N",
            color=shade,
        ),
    )


def who_finds_whom(
    comparison: Comparison, words: Words, *, touched: bool = True, width: Width = "wide"
) -> Chart:
    """Draw the share of the other kind at each rank, by the query's kind.

    Parameters
    ----------
    touched : whether a correction was applied; otherwise there is only a before
    """
    across, up = {"wide": (385, 210), "narrow": (270, 150)}[width]
    rows = rank_rows(comparison, words, touched=touched)
    looks = {
        words("chart.before"): ("before", "square", [1, 0]),
        words("chart.after"): ("after", "circle", [1, 0]),
        words("chart.who.base_rate"): ("ink", "stroke", [5, 4]),
    }
    if not touched:
        del looks[words("chart.after")]
    hues, forms, dashes = zip(*looks.values(), strict=True)
    scales = {
        "color": alt.Scale(domain=list(looks), range=[colour(hue) for hue in hues]),
        "shape": alt.Scale(domain=list(looks), range=list(forms)),
        "dash": alt.Scale(domain=list(looks), range=list(dashes)),
    }
    shade = alt.Color("when:N", scale=scales["color"])
    shape = alt.Shape("when:N", scale=scales["shape"])
    dash = alt.StrokeDash("when:N", scale=scales["dash"], legend=None)
    x = alt.X("rank:O", axis=alt.Axis(labelAngle=0, title=words("chart.who.rank")))
    panels = []
    for place, kind in enumerate(comparison.base_rate):
        title = words("chart.who.share") if place == 0 or width == "narrow" else None
        y = alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5, title=title),
        )
        base = alt.Chart(_data([row for row in rows if row["kind"] == kind]))
        panels.append(
            alt.layer(
                base.mark_line(strokeWidth=2).encode(x, y, shade, dash),
                base.transform_filter(alt.datum.measured)
                .mark_point(filled=True, size=55, opacity=1)
                .encode(x, y, shade, shape),
            ).properties(title=words(f"chart.who.{kind}"), width=across, height=up)
        )
    columns = 2 if width == "wide" else 1
    return themed(alt.concat(*panels, columns=columns), words("chart.who.description"))


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
            _dot_rows(rows, [0, 1], words, width).properties(title=words(f"column.{protocol}"))
        )
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*panels, columns=columns, spacing=24)
    return themed(whole, words("chart.before_after.description"))


def gap_profile(
    before: Profile, after: Profile | None, words: Words, *, width: Width = "wide"
) -> Chart:
    """Draw each measure before and after, against what it would be without a gap."""
    rows = profile_rows(before, after, words)
    top = max([1.0, *(row["high"] for row in rows)])
    panel = _dot_rows(rows, [0, top], words, width, alone=True)
    return themed(alt.concat(panel), words("chart.gap_profile.description"))


def strength_path(sweep: Sweep, words: Words, *, width: Width = "wide") -> Chart:
    """Draw gain, harm and cross share along the strength, with 95 % intervals."""
    across, up = {"wide": (385, 180), "narrow": (262, 175)}[width]
    rows = strength_rows(sweep, words)
    rules = {"harm": (-sweep.policy.recall_margin, colour("stop")), "gain": (0.0, colour("muted"))}
    panels = {}
    for figure in ("gain", "harm", "share"):
        here = [row for row in rows if row["figure"] == figure]
        marks = [*sweep.base_rate.values()] if figure == "share" else [rules[figure][0], 0.0]
        y_domain = _span([row[k] for row in here for k in ("low", "high")] + marks)
        for protocol in PROTOCOLS:
            at, shade = rules.get(figure, (sweep.base_rate[protocol], colour("ink")))
            titled = protocol == PROTOCOLS[0] or width == "narrow"
            panel = _path_panel(
                [row for row in here if row["protocol"] == protocol],
                y_domain,
                words(f"chart.strength.{figure}") if titled else None,
                ".2f" if figure == "share" else "+.2f",
                words,
            )
            name = words(f"column.{protocol}")
            panels[figure, protocol] = alt.layer(_rule("y", at, shade), panel).properties(
                title=name if figure == "gain" or width == "narrow" else "",
                width=across,
                height=up,
            )
    order = [(figure, protocol) for figure in ("gain", "harm", "share") for protocol in PROTOCOLS]
    if width == "narrow":
        order.sort(key=lambda each: PROTOCOLS.index(each[1]))
    columns = 2 if width == "wide" else 1
    whole = alt.concat(*(panels[each] for each in order), columns=columns)
    return themed(whole, words("chart.strength.description"))


def _path_panel(
    rows: Rows, domain: list[float], title: str | None, digits: str, words: Words
) -> Panel:
    standings = [words(f"standing.{name}") for name in ("passes", "fails")]
    shades = alt.Scale(domain=standings, range=[colour("after"), colour("stop")])
    shapes = alt.Scale(domain=standings, range=["circle", "cross"])
    axis = alt.Axis(
        values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f", title=words("chart.strength.strength")
    )
    x = alt.X("strength:Q", scale=alt.Scale(domain=[-0.02, 1.02], nice=False), axis=axis)
    y_axis = alt.Axis(tickCount=4, format=digits, title=title)
    y = alt.Y("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=y_axis)
    low = alt.Y("low:Q", scale=alt.Scale(domain=domain, nice=False), axis=y_axis)
    base = alt.Chart(_data(rows))
    shade = alt.Color("standing:N", scale=shades)
    return alt.layer(
        base.mark_area(color=colour("after"), opacity=0.16).encode(x, low, alt.Y2("high:Q")),
        base.mark_line(color=colour("after"), strokeWidth=1.6).encode(x, y),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x, y, shade, alt.Shape("standing:N", scale=shapes)
        ),
    )


def _dot_rows(
    rows: Rows, domain: list[float], words: Words, width: Width, *, alone: bool = False
) -> Panel:
    """Lay dots with whiskers on one line for each label, the label above its line."""
    across = {"wide": 880 if alone else 425, "narrow": 315}[width]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    known = {words(f"chart.{name}"): name for name in ("before", "after", "reference")}
    times = [time for time in known if any(row["when"] == time for row in rows)]
    hues = {"before": colour("before"), "after": colour("after"), "reference": colour("ink")}
    forms = {"before": "square", "after": "circle", "reference": UPRIGHT}
    shades = alt.Scale(domain=times, range=[hues[known[time]] for time in times])
    shapes = alt.Scale(domain=times, range=[forms[known[time]] for time in times])
    x = alt.X("value:Q", scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=5, title=None))
    y = alt.Y("label:N", sort=labels, axis=None)
    shade = alt.Color("when:N", scale=shades)
    base = alt.Chart(_data(rows))
    return alt.layer(
        alt.Chart(_data([{"label": label} for label in labels]))
        .mark_text(align="left", dy=-15, x=0)
        .encode(y, text="label:N"),
        base.mark_rule(strokeWidth=2.2).encode(
            alt.X("low:Q", scale=alt.Scale(domain=domain)), y, alt.X2("high:Q"), color=shade
        ),
        base.mark_point(filled=True, size=85, opacity=1, angle=0).encode(
            x, y, shade, alt.Shape("when:N", scale=shapes)
        ),
    ).properties(width=across, height=alt.Step(46))


def _rule(axis: Literal["x", "y"], at: float, shade: str) -> alt.Chart:
    rule = alt.Chart(_data([{"at": at}])).mark_rule(color=shade, strokeDash=[5, 4])
    drawn: alt.Chart = rule.encode(x="at:Q") if axis == "x" else rule.encode(y="at:Q")
    return drawn


def _span(values: Sequence[float]) -> list[float]:
    """Return a domain that holds the values with some air."""
    low, high = min(values), max(values)
    air = 0.06 * max(high - low, 0.02)
    return [low - air, high + air]


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=rows)
