"""One palette and one look for every picture, by day and by night."""

import re
from html import escape
from typing import TypeAlias

import altair as alt
import vl_convert

Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.ConcatChart

# Okabe & Ito's hues, darkened or lightened until each reads at 4.5 to 1 on its page.
LIGHT = {
    "page": "#ffffff",
    "panel": "#f5f7f9",
    "ink": "#1b1f24",
    "muted": "#57606a",
    "line": "#d5dbe1",
    "image": "#0068a3",
    "text": "#b54a00",
    "before": "#656e78",
    "after": "#00735a",
    "go": "#00735a",
    "wait": "#855c00",
    "stop": "#b3261e",
}
DARK = {
    "page": "#14181d",
    "panel": "#1d232a",
    "ink": "#e8ecf0",
    "muted": "#a5b0bb",
    "line": "#3a444e",
    "image": "#62b9ee",
    "text": "#f2a05c",
    "before": "#98a3ae",
    "after": "#45d0a3",
    "go": "#45d0a3",
    "wait": "#e6b84a",
    "stop": "#ff8a80",
}
READABLE = ("ink", "muted", "image", "text", "before", "after", "go", "wait", "stop")
"""Colours that carry text or a mark on the page and its panels."""

PART_ROLES = re.compile(r' (?:role="graphics-[^"]*"|aria-roledescription="[^"]*")')

FONT = "system-ui, sans-serif"


def colour(name: str) -> str:
    """Return a colour that follows the page's variable, and is the daylight one without it.

    Vega hands colour strings on to the SVG untouched, so the style sheet decides.
    """
    return f"var(--{name}, {LIGHT[name]})"


def variables(palette: dict[str, str]) -> str:
    """Return a palette as CSS declarations."""
    return " ".join(f"--{name}: {value};" for name, value in palette.items())


def themed(chart: Chart, description: str) -> Chart:
    """Give a chart the common look and the words that stand for it when it cannot be seen."""
    ink, line = colour("ink"), colour("line")
    axis = {
        "labelColor": ink,
        "titleColor": ink,
        "domainColor": line,
        "tickColor": line,
        "gridColor": line,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 0,
        "gridOpacity": 0.6,
        "labelSeparation": 5,  # or else two numbers that just do not touch read as one
    }
    legend = {
        "labelColor": ink,
        "titleColor": ink,
        "labelFontSize": 12,
        "labelLimit": 0,
        "orient": "top",
        "title": None,
        "symbolStrokeWidth": 1.8,
        "symbolSize": 90,
        "columnPadding": 14,
    }
    framed = chart.properties(background="transparent", description=description, padding=2)
    whole: Chart = framed.configure(
        aria=False,  # the picture speaks as one; 600 points read out are noise
        font=FONT,
        axis=axis,
        axisQuantitative={"labelOverlap": "greedy"},  # leaves out the number too near, no more
        legend=legend,
        view={"stroke": None},
        text={"color": ink, "fontSize": 12},
        header={"labelColor": ink, "title": None},
        title={"color": ink, "fontSize": 13, "fontWeight": "bold", "anchor": "start"},
    )
    return whole


def svg(chart: Chart) -> str:
    """Return a themed chart as an SVG element that fits its container and can be read aloud."""
    spec = chart.to_dict()
    drawn: str = vl_convert.vegalite_to_svg(spec)
    head, rest = drawn[: drawn.index(">")], drawn[drawn.index(">") :]
    # The picture speaks as one; parts that announce themselves without a name are noise.
    rest = PART_ROLES.sub("", rest)
    view_box = head.split('viewBox="', 1)[1].split('"', 1)[0]
    width = view_box.split()[2]
    label = escape(str(spec.get("description", "")), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" role="img" '
        f'aria-label="{label}" style="max-width: {width}px"{rest}'
    )
