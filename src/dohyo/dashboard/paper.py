"""From a view's values to a page: templates, words, palettes."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from dohyo.reports.theme import DARK, LIGHT, variables
from dohyo.words import LANGUAGES, Words

STATIC = {
    "dashboard.css": ("dohyo.dashboard.static", "text/css"),
    "dashboard.js": ("dohyo.dashboard.static", "text/javascript"),
    "map.js": ("dohyo.dashboard.static", "text/javascript"),
    "page.css": ("dohyo.reports.page", "text/css"),
}
"""The files that pages ask for, by name: a request never becomes a path."""
VIEWS = ("overview", "gap", "correct", "compare", "value", "rollout", "monitor", "health")


def page(name: str, words: Words, values: Mapping[str, Any], status: int = 200) -> Response:
    """Return a page."""
    return HTMLResponse(fragment(f"{name}.html.j2", words, {"view": name, **values}), status)


def fragment(template: str, words: Words, values: Mapping[str, Any]) -> str:
    """Return a template filled in."""
    common: dict[str, Any] = {
        "t": words,
        "language": words.language,
        "other": next(each for each in LANGUAGES if each != words.language),
        "views": VIEWS,
        "day": Markup(variables(LIGHT)),
        "night": Markup(variables(DARK)),
        "charts": {},
        "query": "",
        "said": "",
    }
    return _environment().get_template(template).render(common | dict(values))


def static(name: str) -> tuple[bytes, str] | None:
    """Return a file that pages ask for and its kind; None if there is none of that name."""
    if name not in STATIC:
        return None
    package, kind = STATIC[name]
    return _bytes(package, name), kind


@lru_cache
def _bytes(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("dohyo.dashboard", "templates"),
                PackageLoader("dohyo.reports", "page"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
