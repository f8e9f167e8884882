"""What `dohyo align --sweep` writes and prints: gain and harm along the strength."""

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from dohyo.cli.options import Common
from dohyo.corpus import Corpus
from dohyo.decision.sweep import Sweep
from dohyo.estimate import Estimate
from dohyo.io.atomic import new_folder
from dohyo.reports.document import SCHEMA_VERSION, describe
from dohyo.verification.protocols import PROTOCOLS
from dohyo.version import __version__
from dohyo.words import Words

PAGE, FIGURES = "sweep.html", "sweep.json"
FILES = frozenset({PAGE, FIGURES})


def folder_beside(out: Path) -> Path:
    """Return where a sweep goes unless told otherwise: a map's own folder holds only the map."""
    return out.with_name(f"{out.name}-sweep")


def write_sweep(
    sweep: Sweep, corpus: Corpus, folder: Path, *, overwrite: bool, common: Common
) -> None:
    """Write `sweep.html` and `sweep.json` into a new folder, both or neither.

    Raises
    ------
    UsageError
        If the folder is in the way, or the disk refuses.
    """
    # The page brings the charts along, which would slow every other command down.
    from dohyo.reports.sweep_page import Swept, render_sweep

    swept = Swept(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=shlex.join(["dohyo", *sys.argv[1:]]),
    )
    page = render_sweep(sweep, corpus, common.words, swept=swept)
    document = {
        "schema_version": SCHEMA_VERSION,
        "dohyo_version": __version__,
        "created": swept.created,
        "corpus": describe(corpus),
        **sweep.to_json(common.words),
    }
    with new_folder(folder, overwrite=overwrite, ours=FILES) as draft:
        text = json.dumps(document, indent=2, ensure_ascii=False)
        (draft / FIGURES).write_text(text + "\n", encoding="utf-8")
        (draft / PAGE).write_text(page, encoding="utf-8")


def sweep_table(sweep: Sweep, words: Words) -> Table:
    """Return one row for each strength: gain, harm and share under both protocols.

    Each with half the width of its 95 % interval; the page and the JSON hold its ends.
    """
    figures = ("gain", "harm", "share")
    heads = [f"{figure}_{protocol}" for figure in figures for protocol in PROTOCOLS]
    table = Table(
        *(words(f"sweep.column.{name}") for name in ("strength", "standing", *heads)),
        title=words("sweep.on_terminal"),
        title_justify="left",
    )
    for point in sweep.points:
        cells = [
            _cell(getattr(point.scores[protocol], figure).estimate(), signed=figure != "share")
            for figure in figures
            for protocol in PROTOCOLS
        ]
        standing = words("standing.fails" if point.why else "standing.passes")
        table.add_row(f"{point.strength:g}", standing, *cells)
    return table


def _cell(estimate: Estimate, *, signed: bool) -> str:
    sign = "+" if signed else ""
    return f"{estimate.value:{sign}.2f} ±{(estimate.high - estimate.low) / 2:.2f}"
