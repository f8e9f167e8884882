"""dohyo plan"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dohyo.cli.options import Choosing, Common, CostFile, Source
from dohyo.cli.session import Session, session
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder, new_folder
from dohyo.value.costs import Costs
from dohyo.value.costs_file import read_costs
from dohyo.version import __version__
from dohyo.words import LANGUAGES, Words

REPORT, FIGURES = "report.json", "plan.json"
PAGES = {language: f"plan.{language}.html" for language in LANGUAGES}
FILES = frozenset({FIGURES, *PAGES.values()})


def plan(
    source: Source,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write the plan to.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier plan.")
    ] = False,
    costs: CostFile = None,
    choosing: Choosing,
    common: Common,
) -> None:
    """Write the plan from a pilot to monitoring, its gates as figures of this corpus.

    SOURCE is a folder that dohyo run wrote, or a corpus, which is then judged first. Both
    languages are written, two pages each.

    Example: dohyo plan out --out plan
    """
    # The pages bring the charts along, which would slow every other command down.
    from dohyo.reports.plan.page import render_plan
    from dohyo.reports.plan.plan import plan_of

    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        assumed = None if costs is None else read_costs(costs)
        report, run = _report(source, choosing, assumed, s)
        made = plan_of(report, costs=assumed, run=run)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        document = {"dohyo_version": __version__, "created": created, **made.to_json(common.words)}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        with new_folder(out, overwrite=overwrite, ours=FILES) as draft:
            (draft / FIGURES).write_text(text + "\n", encoding="utf-8")
            for language, page in PAGES.items():
                drawn = render_plan(made, Words(language), created=created)
                (draft / page).write_text(drawn, encoding="utf-8")
    s.tell(common.words("plan.written", page=out / PAGES[common.lang]))
    s.answer(document)


def _report(
    source: Source, choosing: Choosing, costs: Costs | None, s: Session
) -> tuple[dict[str, Any], str]:
    """Return a report as it is written down, and the folder to name in commands."""
    place = source.source
    if place is not None and (place / REPORT).is_file():
        return _read(place / REPORT), place.as_posix()
    if place is not None and place.name == REPORT and place.is_file():
        return _read(place), place.parent.as_posix()
    return _judged(source, choosing, costs, s), "out"


def _read(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        known = {"verdict", "policy", "parameters"} <= report["decision"].keys()
        if known and isinstance(report["verify"], dict):
            return dict(report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise UsageError(f"{path} is not a report of dohyo run.", hint="Run dohyo run again.")


def _judged(source: Source, choosing: Choosing, costs: Costs | None, s: Session) -> dict[str, Any]:
    from dohyo.reports.document import document
    from dohyo.reports.facts import Facts
    from dohyo.reports.findings import investigate

    judgements, rules = choosing.judged(), choosing.rules()
    corpus = source.read(s.tell_columns)
    s.fits(corpus, "anchor")
    started = time.monotonic()
    findings = investigate(
        corpus,
        growing=choosing.share(),
        pairs_from=choosing.pairs(),
        judgements=judgements,
        policy=rules,
        keep_dimension=choosing.keep_dimension,
        stress=False,
        costs=costs,
        seed=s.common.seed,
        progress=s.progress,
    )
    facts = Facts(
        created="",
        seconds=round(time.monotonic() - started, 2),
        peak_memory_bytes=0,
        dohyo_version=__version__,
    )
    told: dict[str, Any] = json.loads(json.dumps(document(findings, s.common.words, facts)))
    return told
