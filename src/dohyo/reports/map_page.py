"""One map as one page that needs nothing but a browser."""

from typing import Any

from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.inspection import Inspection
from dohyo.reports import map_charts as charts
from dohyo.reports.map_answer import Written, headline, say
from dohyo.reports.page.paper import Width, fill, pictures
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.theme import Chart
from dohyo.words import Words


def render_map(fitted: AlignmentMap, inspected: Inspection, written: Written, words: Words) -> str:
    """Return what a map is as one HTML document: no script, nothing fetched."""
    drawn = _charts(fitted, inspected, words)
    page: dict[str, Any] = {
        "title": words("inspect.title", name=written.name),
        "name": words("inspect.name"),
        "subject": written.name,
        "sections": [
            (key, words(f"inspect.section.{key}"))
            for key in ("words", "pictures", "facts")
            if key != "pictures" or drawn
        ],
        "headline": headline(fitted, words),
        "reasons": fitted.reasons,
        "said": say(fitted, inspected, written, words),
        "origin": words(f"inspect.origin.{inspected.origin}", rows=len(inspected.degrees["image"])),
        "offset_text": words("inspect.offset_text", image=fitted.offset[0], text=fitted.offset[1]),
        "charts": drawn,
        "parameters": parameters_table(fitted, words),
        "arrays": arrays_table(fitted, words),
    }
    return fill("map.html.j2", words, page, styles=("page.css", "profile.css"))


def parameters_table(fitted: AlignmentMap, words: Words) -> Table:
    """Lay out parameters, figures of the fit and fingerprints."""
    unknown = words("method.unknown")
    rows: dict[str, str] = {
        words("map.method"): fitted.method,
        **{name: f"{value:g}" for name, value in fitted.parameters.items()},
        **{name: f"{value:.6g}" for name, value in fitted.figures.items()},
        words("map.encoder"): fitted.encoder or unknown,
        words("map.corpus"): fitted.corpus or unknown,
    }
    return Table(
        caption=words("inspect.facts_caption"),
        head=(words("column.property"), words("column.value")),
        rows=tuple((Cell(name), Cell(value, tone="wraps")) for name, value in rows.items()),
    )


def arrays_table(fitted: AlignmentMap, words: Words) -> Table:
    """Lay out the arrays of the map."""
    return Table(
        caption=words("inspect.arrays_caption"),
        head=(words("inspect.array"), words("inspect.array_shape"), words("inspect.array_type")),
        rows=tuple(
            (Cell(name), Cell(" × ".join(map(str, array.shape))), Cell(array.dtype.name))
            for name, array in sorted(fitted.arrays.items())
        ),
    )


def _charts(fitted: AlignmentMap, inspected: Inspection, words: Words) -> dict[str, Any]:
    def every(width: Width) -> dict[str, Chart]:
        drawn: dict[str, Chart] = {}
        if inspected.moves:
            drawn["moves"] = charts.move_histogram(inspected.degrees, words, width=width)
        if all(len(each) for each in inspected.scaling.values()):
            drawn["scaling"] = charts.scaling_lines(inspected.scaling, words, width=width)
        if fitted.options.calibrate:
            drawn["offsets"] = charts.offset_bars(fitted.offset, words, width=width)
        return drawn

    return pictures(every)
