"""What a chapter of a page is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from dohyo.reports.charts.marks import Width
from dohyo.reports.page.tables import Table
from dohyo.reports.theme import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture with a heading, and a caption that says what to see.

    Attributes
    ----------
    name : of its anchor, unique on the page
    draw : draws it for a page or for a phone
    """

    name: str
    title: str
    text: str
    draw: Callable[[Width], Chart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph, a smaller one (`small`), a heading within the chapter, or a list."""

    text: str | tuple[str, ...]
    kind: str = "plain"  # plain, small, heading, list


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter: its name (heading `section.NAME` in the words) and its parts in order."""

    name: str
    parts: tuple[Figure | Table | Prose, ...]
