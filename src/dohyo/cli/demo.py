"""dohyo demo"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import Session, session
from dohyo.demo.flow import FILES, run_demo
from dohyo.io.atomic import check_folder


def demo(
    *,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("dohyo-demo"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier demo.")
    ] = False,
    traffic: Annotated[
        Path | None,
        typer.Option(help="Write days of new pictures into this folder instead, for a watch."),
    ] = None,
    batches: Annotated[int, typer.Option(min=1, help="With --traffic: number of days.")] = 60,
    pictures: Annotated[int, typer.Option(min=10, help="With --traffic: pictures a day.")] = 60,
    drift: Annotated[
        str, typer.Option(help="With --traffic: none, or pictures become blurred, framed, bright.")
    ] = "blurred",
    drift_after: Annotated[
        int, typer.Option(min=0, help="With --traffic: days before the change.")
    ] = 40,
    pause: Annotated[
        float, typer.Option(min=0, help="With --traffic: seconds between two days.")
    ] = 0.0,
    ask: Annotated[
        str | None,
        typer.Option(help="With --traffic: also search the service at this address, day by day."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(help="With --traffic: also put the items into what serve --demo made there."),
    ] = None,
    common: Common,
) -> None:
    """Draw pictures, embed them with the built-in encoder, and run everything on them.

    Writes two reports: one on the trained encoder, and one on the same encoder before training,
    where the gap is large and nothing should be corrected. Opens nothing, asks no network.

    With --traffic it writes one file a day of new pictures and captions, which change after some
    days: something to see for dohyo monitor, or for dohyo serve --watch-folder.

    Example: dohyo demo --out demo
    """
    with session(common) as s:
        if traffic is not None:
            _days(s, traffic, batches, (pictures, drift, drift_after), pause, (ask, into))
            return
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


def _days(
    s: Session,
    folder: Path,
    batches: int,
    how: tuple[int, str, int],
    pause: float,
    where: tuple[str | None, Path | None],
) -> None:
    """Write the days, the last of them dated today, and search between them."""
    from dohyo.demo.supply import goods_arrive
    from dohyo.demo.traffic import Traffic, drift_of, write_days
    from dohyo.demo.visitors import visit
    from dohyo.encoders.builtin import load

    words, (pictures, drift, after), (ask, into) = s.common.words, how, where
    plan = Traffic(
        pictures=pictures,
        drift=drift_of(drift),
        after=after,
        first=datetime.now(UTC).date() - timedelta(days=batches - 1),
        seed=s.common.seed,
    )
    written = []
    for number, (there, corpus) in enumerate(
        write_days(load("shapes-world"), folder, plan, batches)
    ):
        s.progress(number + 1, batches, "draw")
        written.append(there.name)
        if into is not None:
            goods_arrive(into, corpus, there.stem)
        if ask is not None:
            seen = visit(ask.rstrip("/"), corpus, searches=40, seed=plan.seed + number)
            s.tell(words("cli.demo_visit", file=there.name, cross=100 * seen.cross))
        if pause:
            time.sleep(pause)
    s.tell(words("cli.demo_traffic", batches=len(written), folder=folder))
    changed = written[after] if drift != "none" and after < len(written) else None
    s.answer({"folder": str(folder), "files": written, "changed_from": changed})
