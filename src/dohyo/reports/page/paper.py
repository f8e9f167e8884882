"""What every page is made of: the style sheet, the pictures in both widths, the template."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dohyo.reports.theme import DARK, LIGHT, Chart, svg, variables
from dohyo.words import Words

Width = Literal["wide", "narrow"]
WIDTHS: tuple[Width, Width] = ("wide", "narrow")
LONG_FRACTION = re.compile(r"(\.\d\d)\d+")


def fill(template: str, words: Words, page: Mapping[str, Any], *, styles: tuple[str, ...]) -> str:
    """Return a template filled in: with the page's own values, words, palettes and styles."""
    common = {
        "t": words,
        "language": words.language,
        "style": Markup("\n").join(map(_own, styles)),
        "script": _own("copy.js"),
        "day": Markup(variables(LIGHT)),
        "night": Markup(variables(DARK)),
    }
    return _environment().get_template(template).render(common | dict(page))


def pictures(every: Callable[[Width], Mapping[str, Chart]]) -> dict[str, dict[str, Markup]]:
    """Return every picture by its name and width; the style sheet shows one of the two."""
    found: dict[str, dict[str, Markup]] = {}
    for width in WIDTHS:
        for name, chart in every(width).items():
            # Made by the chart module, not by a user; hundredths of a pixel are fine enough.
            picture = Markup(LONG_FRACTION.sub(r"\1", svg(chart)))
            found.setdefault(name, {})[width] = picture
    return found


def _own(name: str) -> Markup:
    """Return a style sheet or script of ours, which needs no escaping."""
    return Markup(files("dohyo.reports.page").joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dohyo.reports", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
