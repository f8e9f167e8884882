"""A simulated year with planted events: what a watch says, what it prepares, what people decide.

python benchmarks/year.py OUT [--pictures 60] [--seed 0]

Draws 365 days of shapes world, shows them to a watch by a clock of their own, and follows up
every alarm as `dohyo monitor watch` does; a simulated approver says yes two days later. Writes
OUT/year.svg, OUT/year.json and OUT/year.md.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import dohyo
from dohyo.corpus import Corpus
from dohyo.corrections.maps.library import Library
from dohyo.demo.traffic import Traffic, day, name_of, time_of
from dohyo.encoders.builtin import load
from dohyo.io.npz import read_npz, write_npz
from dohyo.monitor.batch import Batch
from dohyo.monitor.following import usual_following
from dohyo.monitor.settings import WatchSettings
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import Proposals
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted

DAYS, LEARN, CALIBRATE, EVERY = 365, 14, 28, 365.0
APPROVER = Caller("simulated approver", "approver")
THINKING = 2
"""Days until the approver has read a proposal."""
FULL = 5
"""Further days of a canary before the new map answers everybody."""
GOODS = "goods"


@dataclass(frozen=True, slots=True)
class Event:
    """Something planted, on days [begin, end)."""

    what: str
    begin: int
    end: int
    expects: str
    """Kind of the alarm that it should raise; empty where there should be none."""


EVENTS = (
    Event("blurred thumbnails", 100, 170, "drift"),
    Event("the thumbnails are mended", 170, 171, "drift"),
    Event("broken files", 215, 217, ""),
    Event("the pipeline stands still", 240, 245, "silence"),
    Event("overexposed pictures, a hundredth more each day", 260, 310, "drift"),
    Event("the camera is mended", 310, 311, "drift"),
    Event("another encoder", 340, 342, "encoder"),
)


def corpus_of(encoder: Any, traffic: Traffic, number: int) -> Corpus:
    """Return a day: at weekends fewer of some classes, and what is planted for it."""
    drift = "blurred" if 100 <= number < 170 else "none"
    found = day(encoder, replace(traffic, drift=drift, after=0), number)
    if 260 <= number < 310:
        bright = day(encoder, replace(traffic, drift="bright", after=0), number)
        few = round(traffic.pictures * min(1.0, (number - 259) / 100))
        found = mixed(found, bright, few)
    if (number % 7) >= 5 and found.label is not None:
        kept = np.flatnonzero((found.label % 3 != 0) | (np.arange(len(found.label)) % 2 == 0))
        found = found.subset(kept)
    return found


def mixed(old: Corpus, new: Corpus, few: int) -> Corpus:
    """Return a day of which the first few pictures arrive in the new way."""
    image, picture = old.image.copy(), old.picture.copy() if old.picture is not None else None
    image[:few] = new.image[:few]
    if picture is not None and new.picture is not None:
        picture[:few] = new.picture[:few]
    return replace(old, image=image, picture=picture)


def drawn(folder: Path, traffic: Traffic) -> None:
    """Draw every day once; they are kept for the next run."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = load("shapes-world")
    for number in range(DAYS):
        there = folder / name_of(traffic, number)
        if not there.exists():
            write_npz(corpus_of(encoder, traffic, number), there)


@dataclass
class Clock:
    """The year's own time."""

    now: datetime

    def ticks(self) -> float:
        return self.now.timestamp()


def batches(folder: Path, traffic: Traffic, number: int) -> Iterator[Batch]:
    """Return what arrives on a day: its corpus, and what is planted."""
    name, at = name_of(traffic, number), time_of(traffic, number)
    if 240 <= number < 245:
        return
    corpus = read_npz(folder / name)
    if 215 <= number < 217:
        image = np.array(corpus.image, np.float32)
        image[3, :] = np.nan
        broken = Batch.of(corpus, id=f"broken-{name}", at=at)
        assert broken.image is not None
        yield replace(broken, image=replace(broken.image, rows=image))
        yield Batch(id=f"empty-{name}", at=at, why="the file is empty")
    if 340 <= number < 342:
        turned = np.linalg.qr(np.random.default_rng(5).normal(size=(corpus.dim, corpus.dim)))[0]
        corpus = replace(
            corpus,
            image=(corpus.image @ turned).astype(np.float32),
            text=(corpus.text @ turned).astype(np.float32),
            encoder="another",
        )
    batch = Batch.of(corpus, id=name, at=at)
    yield batch
    if number % 50 == 49:
        yield batch  # a file that is delivered twice


def begun(ledger: Ledger, folder: Path, traffic: Traffic) -> None:
    """Roll out a map that was fitted on the first two weeks."""
    parts = [read_npz(folder / name_of(traffic, number)) for number in range(LEARN)]
    owner, start = [], 0
    for part in parts:
        assert part.text_to_image is not None
        owner.append(part.text_to_image + start)
        start += len(part.image)
    corpus = Corpus.from_arrays(
        np.concatenate([p.image for p in parts]),
        np.concatenate([p.text for p in parts]),
        np.concatenate(owner),
        encoder=parts[0].encoder,
    )
    fitted = dohyo.align(corpus, "gaussian_ot", calibrate=1.0)
    which = Library(ledger.path.parent / "maps").add(fitted)
    Rollouts(ledger).change(GOODS, Wanted(map=which, stage="on"), APPROVER, "the first map")


@dataclass(eq=False)
class Year:
    """The watch, those who decide, and what has happened so far."""

    ledger: Ledger
    folder: Path
    traffic: Traffic

    def __post_init__(self) -> None:
        self.clock = Clock(time_of(self.traffic, 0))
        settings = WatchSettings(
            every=EVERY, learn=LEARN, calibrate=CALIBRATE, season="weekday", reservoir=200
        )
        now, ticks = (lambda: self.clock.now), self.clock.ticks
        self.watch = Watch(self.ledger, "goods", settings, clock=now, ticks=ticks)
        self.follow = usual_following(settings, self.again, language="en")
        self.rollouts = Rollouts(self.ledger)
        self.proposals = Proposals(self.ledger, self.rollouts)
        self.days: list[dict[str, Any]] = []
        self.alarms: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self._proposed: dict[int, int] = {}
        self._full: list[int] = []
        self._numbers = {name_of(self.traffic, n): n for n in range(DAYS)}

    def again(self, id: str) -> Batch | None:
        """Read a batch again, as a folder would."""
        number = self._numbers.get(id)
        return None if number is None else next(batches(self.folder, self.traffic, number), None)

    def live(self, number: int) -> None:
        """Live through one day."""
        self.clock.now = time_of(self.traffic, number) + timedelta(hours=6)
        heard, evidence = self.watch.beat(), None
        alarms = [] if heard is None else [heard]
        for batch in batches(self.folder, self.traffic, number):
            taken = self.watch.take(batch)
            if taken.outcome == "watching" and taken.seen is not None:
                evidence = taken.seen.evidence
            if taken.alarm is not None:
                alarms.append(taken.alarm)
        self.watch.follow_up(self.again, follow=self.follow)
        self.days.append({"day": number, "evidence": evidence})
        for row in self.watch.alarms():
            if row["number"] in alarms:
                told = {"day": number, "number": row["number"], "kind": row["kind"]}
                self.alarms.append(told | row["detail"])
        self._decide(number)

    def _decide(self, number: int) -> None:
        """Let the approver read what waits."""
        for row in self.proposals.listed():
            alarm = row["alarm"]
            if row["number"] not in self._proposed:
                self._proposed[row["number"]] = number
                told = {"day": number, "what": "proposed", "alarm": alarm}
                self.decisions.append(told | {"wanted": row["wanted"], "why": row["why"]})
            waited = number - self._proposed[row["number"]]
            if row["state"] == "open" and waited >= THINKING:
                done = self.proposals.decide(row["number"], APPROVER, "read", approve=True)
                self.decisions.append({"day": number, "what": "approved", "alarm": alarm})
                if done["wanted"].get("stage") == "canary":
                    self._full.append(number + FULL)
        if number in self._full:
            self.rollouts.change(GOODS, Wanted(stage="on"), APPROVER, "the canary went well")
            self.decisions.append({"day": number, "what": "on", "alarm": None})


def lived(out: Path, folder: Path, traffic: Traffic) -> dict[str, Any]:
    """Live through the year; return what happened."""
    ledger = Ledger(out / "state" / "service.sqlite")
    begun(ledger, folder, traffic)
    year = Year(ledger, folder, traffic)
    for number in range(DAYS):
        year.live(number)
    told = {
        "days": year.days,
        "alarms": year.alarms,
        "decisions": year.decisions,
        "counts": {r["what"]: r["n"] for r in ledger.rows("SELECT what, n FROM counts")},
        "adjusted": {r["number"]: r["adjusted"] for r in year.watch.alarms()},
    }
    ledger.close()
    return told


def right(told: dict[str, Any], traffic: Traffic) -> list[dict[str, Any]]:
    """Return for each event which alarm told it, and for each other alarm that it was false."""
    left, found = list(told["alarms"]), []
    for event in EVENTS:
        mine = [
            each
            for each in left
            if each["kind"] == event.expects and event.begin <= each["day"] < event.end + 40
        ]
        first = mine[0] if event.expects and mine else None
        if first is not None:
            left.remove(first)
        found.append({"event": event, "alarm": first})
    return [*found, *({"event": None, "alarm": each} for each in left)]


def written(out: Path, told: dict[str, Any], traffic: Traffic, seconds: float) -> None:
    """Write the table, the picture and everything that happened."""
    rows = right(told, traffic)
    lines = ["| planted | days | told | delay | dated to | right |", "|---|---|---|---|---|---|"]
    for row in rows:
        event, alarm = row["event"], row["alarm"]
        what = "nothing" if event is None else event.what
        span = "" if event is None else f"{event.begin} to {event.end - 1}"
        said = "–" if alarm is None else f"{alarm['kind']}, day {alarm['day']}"
        delay, dated = "–", "–"
        if event is not None and alarm is not None:
            delay = f"{alarm['day'] - event.begin} days"
        if alarm is not None and alarm["kind"] == "drift":
            dated = f"{day_of(alarm, 'earliest', traffic)} to {day_of(alarm, 'latest', traffic)}"
        fine = event is not None and (alarm is None) == (event.expects == "")
        lines.append(
            f"| {what} | {span} | {said} | {delay} | {dated} | {'yes' if fine else 'no'} |"
        )
    lines += ["", f"{seconds:.0f} s for the year; counted: {told['counts']}."]
    (out / "year.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "year.json").write_text(json.dumps(told, indent=1, default=str), encoding="utf-8")
    (out / "year.svg").write_text(picture(told, traffic) + "\n", encoding="utf-8")
    print("\n".join(lines))


def day_of(alarm: dict[str, Any], which: str, traffic: Traffic) -> int:
    """Return the day of the year that an alarm names."""
    return (date.fromisoformat(str(alarm[f"{which}_at"])[:10]) - traffic.first).days


def picture(told: dict[str, Any], traffic: Traffic) -> str:
    """Return the year as SVG."""
    from dohyo.reports.charts.timeline import Event as Happened
    from dohyo.reports.charts.timeline import Moment, timeline
    from dohyo.reports.theme import svg
    from dohyo.words import Words

    moments = [
        Moment(
            place=each["day"],
            day=str(traffic.first + timedelta(days=each["day"])),
            evidence=each["evidence"],
        )
        for each in told["days"]
    ]
    happened = [Happened(place=each["day"], what="alarm") for each in told["alarms"]]
    happened += [
        Happened(place=each["day"], what=each["what"])
        for each in told["decisions"]
        if each["what"] in ("proposed", "approved")
    ]
    return svg(timeline(moments, happened, EVERY, Words("en")))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("out", type=Path)
    asked.add_argument("--pictures", type=int, default=60)
    asked.add_argument("--seed", type=int, default=0)
    options = asked.parse_args()
    traffic = Traffic(pictures=options.pictures, seed=options.seed, first=date(2025, 1, 6))
    folder = options.out / "days"
    begin = time.perf_counter()
    drawn(folder, traffic)
    print(f"drawn in {time.perf_counter() - begin:.0f} s")
    begin = time.perf_counter()
    told = lived(options.out, folder, traffic)
    written(options.out, told, traffic, time.perf_counter() - begin)


if __name__ == "__main__":
    main()
