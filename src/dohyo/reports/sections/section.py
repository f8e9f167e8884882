"""What a chapter of a page is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from dohyo.reports.charts.marks import Width
from dohyo.reports.page.searches import Search
from dohyo.reports.page.tables import Table
from dohyo.reports.theme import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture with a heading, and a caption that says what to see.

    Attributes
    ----------
    name : of its anchor, unique on the page
    draw : draws it for a page or for a phone; None where there is nothing to draw, and then the
        page goes without it
    """

    piece: ClassVar[str] = "figure"
    name: str
    title: str
    text: str
    draw: Callable[[Width], Chart | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph, a smaller one, a heading within the chapter, or a list."""

    piece: ClassVar[str] = "prose"
    text: str | tuple[str, ...]
    kind: Literal["plain", "small", "heading", "list"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A box that stands out: its heading, its sentences, its tone (a verdict)."""

    piece: ClassVar[str] = "aside"
    title: str
    sentences: tuple[str, ...]
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Terms and what each means."""

    piece: ClassVar[str] = "definitions"
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Searches before and after, as cards; `no_match` stands under a list without a match."""

    piece: ClassVar[str] = "lists"
    searches: tuple[Search, ...]
    no_match: str


Part = Figure | Table | Prose | Aside | Definitions | Lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter: its name (heading `section.NAME` in the words) and its parts in order."""

    name: str
    parts: tuple[Part, ...]
