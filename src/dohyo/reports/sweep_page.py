"""One correction at every strength, as one page that needs nothing but a browser."""

from dataclasses import dataclass

from dohyo.corpus import Corpus
from dohyo.decision.sweep import Point, Sweep
from dohyo.estimate import Estimate
from dohyo.reports.charts.strength_path import strength_path
from dohyo.reports.page import digits
from dohyo.reports.page.paper import fill, pictures
from dohyo.reports.page.tables import Cell, Table
from dohyo.verification.protocols import PROTOCOLS
from dohyo.version import __version__
from dohyo.words import Words

SECTIONS = ("path", "table", "method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """When and by what a sweep was made."""

    created: str
    command: str | None = None


def render_sweep(sweep: Sweep, corpus: Corpus, words: Words, *, swept: Swept) -> str:
    """Return the sweep as one HTML document: no script, nothing fetched."""
    method = words.name(sweep.recipe.label)
    page = {
        "title": words("sweep.title", method=method),
        "name": words("sweep.name"),
        "subject": words(
            "page.corpus", images=len(corpus.image), texts=len(corpus.text), dim=corpus.dim
        ),
        "sections": [(key, words(f"sweep.section.{key}")) for key in SECTIONS],
        "headline": words("sweep.headline", method=method),
        "summary": summary(sweep, words),
        "reading": words("sweep.reading", margin=sweep.policy.recall_margin),
        "charts": pictures(lambda width: {"path": strength_path(sweep, words, width=width)}),
        "strengths": strengths_table(sweep, words),
        "provenance": _provenance(sweep, corpus, words, swept),
    }
    return fill("sweep.html.j2", words, page, styles=("page.css", "profile.css"))


def summary(sweep: Sweep, words: Words) -> str:
    """Return in a sentence or two which strengths pass, and which of them gains most."""
    passing = sweep.passing
    if not passing:
        return words("sweep.none_passes")
    best = max(passing, key=sweep.gain)
    listed = words("figure.and").join(f"{point.strength:g}" for point in passing)
    return words("sweep.passing", listed=listed, best=f"{best.strength:g}", gain=sweep.gain(best))


def strengths_table(sweep: Sweep, words: Words) -> Table:
    """Lay out every strength: what it gains, what it costs, and whether it passes."""
    columns = ["strength", "standing"]
    figures = ("gain", "harm", "share")
    columns += [f"{figure}_{protocol}" for figure in figures for protocol in PROTOCOLS]
    return Table(
        caption=words("sweep.caption"),
        head=tuple(words(f"sweep.column.{column}") for column in (*columns, "why")),
        rows=tuple(_row(point, words) for point in sweep.points),
    )


def _row(point: Point, words: Words) -> tuple[Cell, ...]:
    standing, tone = ("fails", "stop") if point.why else ("passes", "go")
    return (
        Cell(f"{point.strength:g}"),
        Cell(words(f"standing.{standing}"), tone=tone),
        *(
            _cell(getattr(point.scores[protocol], figure).estimate(), figure != "share", words)
            for figure in ("gain", "harm", "share")
            for protocol in PROTOCOLS
        ),
        Cell(words("figure.between").join(reason.say(words) for reason in point.why) or "–"),
    )


def _cell(estimate: Estimate, signed: bool, words: Words) -> Cell:
    return Cell(
        digits.figure(estimate, signed=signed), digits.interval(estimate, words, signed=signed)
    )


def _provenance(sweep: Sweep, corpus: Corpus, words: Words, swept: Swept) -> Table:
    listed = words("figure.and").join(f"{k} = {v:g}" for k, v in sweep.recipe.parameters.items())
    unknown = words("method.unknown")
    rows = {
        "created": swept.created,
        "version": __version__,
        "command": swept.command or unknown,
        "seed": str(sweep.seed),
        "recipe": words.name(sweep.recipe.label) + (f" ({listed})" if listed else ""),
        "fingerprint": corpus.fingerprint(),
    }
    return Table(
        caption=words("caption.reproduce"),
        head=(words("column.property"), words("column.value")),
        rows=tuple((Cell(words(f"method.row.{key}")), Cell(value)) for key, value in rows.items()),
    )
