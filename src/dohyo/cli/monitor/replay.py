"""dohyo monitor replay"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import Session, session
from dohyo.io.atomic import new_file
from dohyo.monitor.detector import batches_between
from dohyo.monitor.monitor import Monitor
from dohyo.monitor.replay import Replayed, days_of
from dohyo.monitor.replay import replay as run_through
from dohyo.monitor.seasons import Season


def replay(
    *,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Batches, one corpus a file, named in order.")
    ],
    false_alarm_every: Annotated[
        str, typer.Option(help="Time between false alarms on average, at least.")
    ] = "180d",
    batch_every: Annotated[str, typer.Option(help="Time between batches.")] = "1d",
    season: Annotated[
        Season, typer.Option(help="What may differ regularly and is no change.")
    ] = "none",
    learn: Annotated[int, typer.Option(min=1, help="Batches that make the reference.")] = 10,
    calibrate: Annotated[
        int, typer.Option(min=5, help="Further batches before the first is judged.")
    ] = 20,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the evidence there, as SVG.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the picture.")] = False,
    common: Common,
) -> None:
    """Say when the data changed, with a promise on false alarms: what a watch would have said.

    Example: dohyo monitor replay batches --false-alarm-every 180d --batch-every 1d
    """
    words = common.words
    with session(common) as s:
        every = batches_between(days_of(false_alarm_every), days_of(batch_every))
        watch = Monitor(
            every=every, learn=learn, calibrate=calibrate, season=season, seed=common.seed
        )
        found = run_through(folder, watch, season=season, progress=s.progress)
        if picture is not None:
            _draw(found, every, picture, s, overwrite=overwrite)
    for each in found:
        if each.seen.phase == "refused":
            s.tell(words("monitor.refused", file=each.name, why=each.seen.why))
        elif each.seen.alarm is not None:
            alarm = each.seen.alarm
            s.tell(
                words(
                    "monitor.alarm",
                    file=each.name,
                    stream=words(f"monitor.stream.{alarm.stream.rstrip('_1234')}"),
                    began=_name(found, each, alarm.began),
                    earliest=_name(found, each, alarm.earliest),
                    latest=_name(found, each, alarm.latest),
                )
            )
    phases = [each.seen.phase for each in found]
    s.tell(
        words(
            "monitor.done",
            batches=len(found),
            watched=phases.count("watching"),
            refused=phases.count("refused"),
            alarms=sum(each.seen.alarm is not None for each in found),
            every=false_alarm_every,
        )
    )
    s.answer(
        {
            "batches_between_false_alarms": every,
            "seed": common.seed,
            "batches": [each.to_json() for each in found],
        }
    )


def _name(found: tuple[Replayed, ...], at: Replayed, ago: int) -> str:
    """Return the file of the batch that was judged so many ago; 1 is the one at hand."""
    watched = [each for each in found if each.seen.phase == "watching"]
    return watched[max(0, watched.index(at) + 1 - ago)].name


def _draw(
    found: tuple[Replayed, ...], every: float, target: Path, s: Session, *, overwrite: bool
) -> None:
    # Charts take longer to import than all of the rest.
    from dohyo.reports.charts.evidence import evidence_line
    from dohyo.reports.theme import svg

    rows = [each.to_json() for each in found]
    drawn = svg(evidence_line(rows, every, s.common.words))
    with new_file(target, overwrite=overwrite) as draft:
        draft.write_text(drawn + "\n", encoding="utf-8")
