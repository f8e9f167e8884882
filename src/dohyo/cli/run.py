"""dohyo run"""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Choosing, Common, CostFile, Source
from dohyo.cli.session import session
from dohyo.decision.verdict import Verdict
from dohyo.io.atomic import check_folder
from dohyo.reports.publish import FILES
from dohyo.reports.publish import run as publish
from dohyo.value.costs_file import read_costs


def run(
    source: Source,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write the report to.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier report.")
    ] = False,
    stress: Annotated[
        bool, typer.Option("--stress/--no-stress", help="Judge anew under faults of the data.")
    ] = True,
    costs: CostFile = None,
    require: Annotated[
        Verdict | None, typer.Option(help="Exit with 3 when the verdict is another.")
    ] = None,
    choosing: Choosing,
    common: Common,
) -> None:
    """Measure, choose a correction, verify it on held-out data, and write the report.

    Example: dohyo run corpus.npz --out out
    """
    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        judgements, rules = choosing.judged(), choosing.rules()
        assumed = None if costs is None else read_costs(costs)
        corpus = source.read(s.tell_columns)
        s.fits(corpus, "anchor")
        findings = publish(
            corpus,
            out,
            growing=choosing.share(),
            keep_dimension=choosing.keep_dimension,
            pairs_from=choosing.pairs(),
            judgements=judgements,
            policy=rules,
            stress=stress,
            costs=assumed,
            seed=common.seed,
            language=common.lang,
            overwrite=overwrite,
            command=shlex.join(["dohyo", *sys.argv[1:]]),
            progress=s.progress,
        )
    # The page brings the charts along, which would slow every other command down.
    from dohyo.reports.html import summary

    s.tell(summary(findings, common.words))
    s.tell(common.words("cli.report", path=out / "report.html"))
    s.answer(json.loads((out / "report.json").read_text(encoding="utf-8")))
    if require is not None and findings.decision.verdict != require:
        raise typer.Exit(3)
