"""The report as one page that needs nothing but a browser."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings, headline
from dohyo.reports.page import answer
from dohyo.reports.page.paper import Width, fill, pictures
from dohyo.reports.page.tile import Tile
from dohyo.reports.page.value_words import value_sentence, value_tile
from dohyo.reports.sections.choice import choice
from dohyo.reports.sections.classes import classes
from dohyo.reports.sections.gap import gap
from dohyo.reports.sections.judged import judged
from dohyo.reports.sections.method import method
from dohyo.reports.sections.policy import policy
from dohyo.reports.sections.proof import proof
from dohyo.reports.sections.risks import risks
from dohyo.reports.sections.searches import searches
from dohyo.reports.sections.section import Figure, Section
from dohyo.reports.sections.segments import segments
from dohyo.reports.sections.stress import stress
from dohyo.reports.sections.uses import uses
from dohyo.reports.sections.value import value
from dohyo.reports.theme import Chart
from dohyo.words import Words

STORY: tuple[Callable[[Findings, Words], Section | None], ...] = (
    gap,
    judged,
    proof,
    searches,
    value,
    segments,
    uses,
    classes,
    stress,
    choice,
    risks,
    policy,
)
"""The chapters in the order in which they are told. To add one: write its file, add one line."""


def summary(findings: Findings, words: Words) -> str:
    """Return the answer in one sentence: the gap, what to do, the gain and the risk."""
    return answer.summary(findings, words)


def render(findings: Findings, words: Words, *, facts: Facts) -> str:
    """Return the report as one HTML document: nothing fetched, readable without its script.

    Parameters
    ----------
    findings : what `investigate` found
    words : in which language
    facts : when, how long and with what it was made

    Returns
    -------
    str, the same for the same input. Every picture is in it twice, once for a phone; the style
    sheet shows one of them. The script lets a table be copied and does nothing else.
    """
    told = [section(findings, words) for section in STORY]
    sections = tuple(s for s in (*told, method(findings, words, facts)) if s is not None)
    page: dict[str, Any] = {
        "title": words("page.title", verdict=answer.headline(findings, words)),
        "name": words("page.name"),
        "subject": _subject(findings, words),
        "sections": tuple((each.name, words(f"section.{each.name}")) for each in sections),
        "chapters": sections,
        "charts": _charts(sections),
        "decision": findings.decision,
        "headline": answer.headline(findings, words),
        "summary": answer.summary(findings, words),
        "worth": "" if findings.value is None else value_sentence(findings.value, words),
        "tiles": _tiles(findings, words),
        "reasons": [reason.say(words) for reason in findings.decision.reasons],
    }
    return fill("page.html.j2", words, page, styles=("page.css",))


def _tiles(findings: Findings, words: Words) -> tuple[Tile, ...]:
    """Return the key figures, what the correction is worth first."""
    money = () if findings.value is None else (value_tile(findings.value, words),)
    return (*money, *answer.tiles(headline(findings), words))


def _subject(findings: Findings, words: Words) -> str:
    corpus = findings.corpus
    sizes = words(
        "page.corpus",
        images=f"{len(corpus.image):,}",
        texts=f"{len(corpus.text):,}",
        dim=corpus.dim,
    )
    if corpus.encoder is None:
        return sizes
    return f"{sizes} · {words('page.encoder', encoder=corpus.encoder[:12])}"


def _charts(sections: tuple[Section, ...]) -> dict[str, dict[str, Markup]]:
    """Draw every picture of the chapters, in both widths."""
    figures = [part for each in sections for part in each.parts if isinstance(part, Figure)]

    def every(width: Width) -> dict[str, Chart]:
        drawn = {figure.name: figure.draw(width) for figure in figures}
        return {name: chart for name, chart in drawn.items() if chart is not None}

    return pictures(every)
