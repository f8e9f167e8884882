"""Run history through a monitor: what it would have said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dohyo.errors import CorpusError, UsageError
from dohyo.io.read import read
from dohyo.monitor.monitor import Monitor, Seen
from dohyo.monitor.seasons import Season, season_of
from dohyo.progress import Progress, silent

DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T_ -]?(\d{2})(?:[-h_]?(\d{2}))?(?!\d))?")
SUFFIXES = frozenset({".npz", ".parquet", ".arrow", ".feather", ".jsonl", ".csv"})
LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
DAYS = {"s": 1 / 86_400, "m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One batch of a replay.

    Attributes
    ----------
    name : of its file
    seen : what the monitor said
    """

    name: str
    seen: Seen

    def to_json(self) -> dict[str, Any]:
        """Return the file's name and what the monitor said."""
        return {"file": self.name} | self.seen.to_json()


def replay(
    folder: Path, monitor: Monitor, *, season: Season = "none", progress: Progress = silent
) -> tuple[Replayed, ...]:
    """Show every batch of a folder to a monitor, by the order of their names.

    A file that cannot be read is refused like a bad batch: it is counted and changes nothing.

    Parameters
    ----------
    season : by the date in a file's name, such as 2026-11-24, and its hour, such as
        2026-11-24T09; Mondays are then compared with what is usual on a Monday

    Raises
    ------
    UsageError
        If the folder has no batches, or a name has no date or hour and `season` needs one.
    """
    files = _files(folder)
    dated = [_season(file, season) for file in files]
    return tuple(_shown(files, dated, monitor, progress))


def _shown(
    files: list[Path], seasons: list[str], monitor: Monitor, progress: Progress
) -> Iterator[Replayed]:
    for place, (file, season) in enumerate(zip(files, seasons, strict=True)):
        progress(place, len(files), "replay")
        try:
            corpus = read(file, unpaired=True)
        except CorpusError as error:
            yield Replayed(name=file.name, seen=monitor.refuse(str(error)))
        else:
            seen = monitor.update(corpus.image, corpus.text, season=season)
            yield Replayed(name=file.name, seen=seen)
    progress(len(files), len(files), "replay")


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", hint="Name the folder with the batches.")
    found = sorted(file for file in folder.iterdir() if file.suffix in SUFFIXES)
    if not found:
        raise UsageError(
            f"{folder} has no batches.", hint=f"They end in {', '.join(sorted(SUFFIXES))}."
        )
    return found


def _season(file: Path, season: Season) -> str:
    if season == "none":
        return ""
    hours = season != "weekday"
    match = DATE.search(file.stem)
    if match is not None and (match[4] is not None or not hours):
        year, month, day, hour, minute = (int(each or 0) for each in match.groups())
        try:
            return season_of(datetime(year, month, day, hour, minute), season)
        except ValueError:
            pass
    raise UsageError(
        f"{file.name} has no {'date and hour' if hours else 'date'} in its name.",
        hint=f"Name batches like 2026-11-24{'T09' if hours else ''}.npz.",
    )


def days_of(text: str) -> float:
    """Return a length of time such as 180d, 12h or 30m in days.

    Raises
    ------
    UsageError
        If it is none.
    """
    match = LENGTH.fullmatch(text.strip().lower())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is no length of time.", hint="Write 180d, 12h or 30m.")
    return float(match[1]) * DAYS[match[2]]
