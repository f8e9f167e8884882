"""dohyo demo"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.demo.flow import FILES, run_demo
from dohyo.io.atomic import check_folder


def demo(
    *,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("dohyo-demo"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier demo.")
    ] = False,
    common: Common,
) -> None:
    """Draw pictures, embed them with the built-in encoder, and run everything on them.

    Writes two reports: one on the trained encoder, and one on the same encoder before training,
    where the gap is large and nothing should be corrected. Opens nothing, asks no network.

    Example: dohyo demo --out demo
    """
    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        trained, untrained = run_demo(
            out,
            seed=common.seed,
            language=common.lang,
            overwrite=overwrite,
            progress=s.progress,
        )
    # The page brings the charts along, which would slow every other command down.
    from dohyo.reports.html import summary

    words = common.words
    s.tell(words("cli.demo_trained"), summary(trained, words))
    s.tell(words("cli.report", path=out / "report.html"))
    s.tell(words("cli.demo_untrained"), summary(untrained, words))
    s.tell(words("cli.report", path=out / "untrained" / "report.html"))
    s.answer(
        {
            "report": str(out / "report.html"),
            "untrained_report": str(out / "untrained" / "report.html"),
            "verdict": trained.decision.verdict,
            "untrained_verdict": untrained.decision.verdict,
        }
    )
