"""dohyo compare"""

import json
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from dohyo.cli.options import Common, TableColumns, meanings
from dohyo.cli.profile_files import Named, load_all
from dohyo.cli.session import Session, session
from dohyo.cli.tables import interval
from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder, new_folder
from dohyo.measures.difference import Difference, differences, number_of_tests
from dohyo.measures.profile import Profile
from dohyo.measures.profile import measure as take
from dohyo.reports.document import SCHEMA_VERSION
from dohyo.version import __version__
from dohyo.words import Words

FILES = frozenset({"compare.html", "compare.json"})
LEAST, MOST = 2, 12
LEVEL = 0.05
SHOWN = 12
"""Differences on the terminal; the page and the JSON hold all."""


def compare(
    *,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="A B [C…]",
            help="Profiles, folders that hold one, reports (report.json:after for after) "
            "or corpus files.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Also write compare.html and compare.json there.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier one.")] = False,
    columns: TableColumns = None,
    common: Common,
) -> None:
    """Put gap profiles side by side and test their differences, corrected for all of them.

    Example: dohyo compare before/profile.json after.npz --out comparison
    """
    with session(common) as s:
        if out is not None:
            check_folder(out, overwrite=overwrite, ours=FILES)
        if not LEAST <= len(sources) <= MOST:
            raise UsageError(
                f"A comparison of {len(sources)} cannot be made.",
                hint=f"Name {LEAST} to {MOST} profiles or corpus files.",
            )
        named = load_all(sources, lambda corpus: _taken(corpus, s), meanings(columns))
        found = differences([each.profile for each in named])
        document = _document(named, found)
        if out is not None:
            # The page brings the charts along, which would slow every other command down.
            from dohyo.reports.compare_page import render_comparison

            page = render_comparison([(n.name, n.profile) for n in named], found, common.words)
            with new_folder(out, overwrite=overwrite, ours=FILES) as draft:
                text = json.dumps(document, indent=2, ensure_ascii=False)
                (draft / "compare.json").write_text(text + "\n", encoding="utf-8")
                (draft / "compare.html").write_text(page, encoding="utf-8")
    s.tell(_side_by_side(named, common.words))
    real = [each for each in found if each.adjusted is not None and each.adjusted <= LEVEL]
    s.tell(common.words("compare.tested", tests=number_of_tests(found), real=len(real)))
    s.tell(common.words("compare.approximate"))
    if real:
        s.tell(_real(real, named, common.words))
    if len(real) > SHOWN:
        s.tell(common.words("compare.others", count=len(real) - SHOWN))
    s.answer(document)


def _taken(corpus: Corpus, s: Session) -> Profile:
    s.fits(corpus, "measure")
    return take(corpus, seed=s.common.seed, progress=s.progress)


def _document(named: tuple[Named, ...], found: tuple[Difference, ...]) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "dohyo_version": __version__,
        "profiles": [
            {"name": each.name, "measure": each.profile.to_json(), "absent": each.profile.absent}
            for each in named
        ],
        "tests": number_of_tests(found),
        "correction": "holm",
        "level": LEVEL,
        "differences": [each.to_json() for each in found],
    }


def _side_by_side(named: tuple[Named, ...], words: Words) -> Table:
    table = Table(
        words("table.measure"),
        *(each.name for each in named),
        title=words("compare.on_terminal"),
        title_justify="left",
    )
    names = dict.fromkeys(name for each in named for name in each.profile.estimates)
    for name in names:
        figures = [each.profile.estimates.get(name) for each in named]
        cells = [f"{e.value:.3f} ({interval(e)})" if e is not None else "–" for e in figures]
        table.add_row(words.measure(name), *cells)
    return table


def _real(real: list[Difference], named: tuple[Named, ...], words: Words) -> Table:
    """Return the surest differences, those of the smallest p first."""
    columns = ("measure", "pair", "change", "z", "adjusted")
    table = Table(
        *(words(f"compare.column.{column}") for column in columns),
        title=words("compare.caption"),
        title_justify="left",
    )
    surest = sorted(real, key=lambda each: -abs(each.z or 0.0))
    for each in islice(surest, SHOWN):
        table.add_row(
            words.measure(each.measure),
            f"{named[each.first].name} → {named[each.second].name}",
            f"{each.change:+.3f}",
            f"{each.z or 0.0:+.1f}",
            f"{each.adjusted:.2g}",
        )
    return table
