"""The profile as one page that needs nothing but a browser."""

from dataclasses import dataclass
from typing import Any

from dohyo.corpus import Corpus
from dohyo.measures.components import bias_share
from dohyo.measures.portrait import Portrait
from dohyo.reports import profile_charts as charts
from dohyo.reports.page import digits
from dohyo.reports.page.component_ends import component_ends
from dohyo.reports.page.paper import Width, fill, pictures
from dohyo.reports.page.profile_answer import answer
from dohyo.reports.page.profile_tables import absent_table, components_table, kind_tables
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.theme import Chart
from dohyo.version import __version__
from dohyo.words import Words

ROWS = 13
"""Components in the table: the gap's direction and a dozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How a profile was taken.

    Attributes
    ----------
    created : time in UTC, ISO 8601
    seed, effort : as given to `portray`
    command : what was typed, None from Python
    """

    created: str
    seed: int
    effort: str
    command: str | None = None


def render_profile(portrait: Portrait, corpus: Corpus, words: Words, *, taken: Taken) -> str:
    """Return the profile as one HTML document: no script, nothing fetched.

    Returns
    -------
    str, the same for the same input.
    """
    profile = portrait.profile
    told = answer(profile, words)
    drawn = _charts(portrait, words)
    page: dict[str, Any] = {
        "title": words("profile.title", answer=told.headline),
        "name": words("profile.name"),
        "subject": _subject(corpus, words),
        "sections": [(key, words(f"profile.section.{key}")) for key in _sections(portrait, drawn)],
        "answer": told,
        "portrait": portrait,
        "charts": drawn,
        "kinds": kind_tables(profile, words),
        "absent": absent_table(profile.absent | portrait.absent, words),
        "sampled": profile.sampled,
        "biased": any(map(digits.biased, profile.estimates.values())),
        "provenance": _provenance(corpus, taken, words),
    }
    if portrait.components:
        band = portrait.components[0].band
        page |= {
            "rule": words(
                "profile.rule_alone" if band is None else "profile.rule",
                share=digits.level(bias_share(corpus.dim), words),
                band="" if band is None else f"{band:.2f}",
            ),
            "components": components_table(portrait.components, ROWS, words),
            "ends": component_ends(portrait, corpus, words),
        }
    return fill("profile.html.j2", words, page, styles=("page.css", "profile.css"))


def _sections(portrait: Portrait, drawn: dict[str, Any]) -> list[str]:
    there = {
        "measures": True,
        "components": bool(portrait.components),
        "spectrum": "spectrum" in drawn,
        "clusters": "clusters" in drawn,
        "scores": "scores" in drawn,
        "method": True,
    }
    return [key for key, present in there.items() if present]


def _charts(portrait: Portrait, words: Words) -> dict[str, Any]:
    def every(width: Width) -> dict[str, Chart]:
        drawn: dict[str, Chart | None] = {
            "scale": charts.common_scale(portrait.profile, words, width=width)
        }
        if portrait.components:
            drawn["components"] = charts.component_map(portrait.components, words, width=width)
        if portrait.spectrum:
            drawn["spectrum"] = charts.spectra(portrait.spectrum, words, width=width)
        if portrait.clusters:
            drawn["clusters"] = charts.cluster_curve(portrait.clusters, words, width=width)
        if portrait.scores:
            drawn["scores"] = charts.score_densities(portrait.scores, words, width=width)
        return {name: chart for name, chart in drawn.items() if chart is not None}

    return pictures(every)


def _subject(corpus: Corpus, words: Words) -> str:
    return words(
        "page.corpus",
        images=f"{len(corpus.image):,}",
        texts=f"{len(corpus.text):,}",
        dim=corpus.dim,
    )


def _provenance(corpus: Corpus, taken: Taken, words: Words) -> Table:
    unknown = words("method.unknown")
    rows = {
        "created": taken.created,
        "version": __version__,
        "command": taken.command or unknown,
        "seed": str(taken.seed),
        "effort": taken.effort,
        "counts": _subject(corpus, words),
        "encoder": corpus.encoder or unknown,
        "fingerprint": corpus.fingerprint(),
    }
    return Table(
        caption=words("caption.reproduce"),
        head=(words("column.property"), words("column.value")),
        rows=tuple(
            (
                Cell(words("profile.effort" if key == "effort" else f"method.row.{key}")),
                Cell(value),
            )
            for key, value in rows.items()
        ),
    )
