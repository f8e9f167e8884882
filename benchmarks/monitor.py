"""How soon the watch tells a planted change, how often it errs, and what it costs.

python benchmarks/monitor.py CORPUS.npz [--other FILE.npz] [--encoder FILE.npz] [--long]
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import binom

from dohyo.monitor import Monitor
from dohyo.monitor.detector import REMEMBERED, Detector
from dohyo.monitor.ranks import HELD, Ranks
from monitor_streams import CALIBRATE, LEARN, QUIET, Change, World, both, changes, world

EVERY, AFTER, DRIFTING = 180, 60, 250


def quiet_run(here: World, size: int, seed: int) -> bytes | None:
    """Return the monitor as it is before the change; None where it had alarmed."""
    watch = Monitor(every=EVERY, learn=LEARN, calibrate=CALIBRATE, seed=seed)
    for step in range(QUIET):
        if watch.update(*here.quiet(size, seed, step)[:2]).alarm is not None:
            return None
    return watch.save()


def delay(
    here: World, size: int, seed: int, saved: bytes, change: Change, most: int
) -> tuple[float, bool, str]:
    """Return batches until it was told, whether the begin's interval holds it, and the stream."""
    watch = Monitor.load(saved)
    for step in range(QUIET, QUIET + most):
        alarm = watch.update(*here.batch(size, seed, step, change)).alarm
        if alarm is not None:
            since = step - QUIET + 1
            return since, alarm.latest <= since <= alarm.earliest, alarm.stream
    return np.inf, False, ""


def spread(delays: list[float]) -> str:
    """Return the median and the middle 90 %; a delay that was not reached is after the last."""
    low, middle, high = np.quantile(delays, [0.05, 0.5, 0.95], method="inverted_cdf")

    def shown(x: float) -> str:
        return f"{x:.0f}" if np.isfinite(x) else "not"

    return f"{shown(middle)} ({shown(low)} to {shown(high)})"


def delays(here: World, sizes: list[int], runs: int, planted: dict[str, Change]) -> None:
    print("\n## How soon, by batch size\n")
    print(f"{runs} runs each; batches from the change to the alarm: median (5 % to 95 %), told of")
    print("those that had not alarmed before; the share of runs whose interval holds the begin;")
    print("the stream most often blamed first.\n")
    print("| change | batch | delay | told | begin in interval | shown by |")
    print("|---|---|---|---|---|---|")
    early = {}
    for size in sizes:
        saved = [quiet_run(here, size, seed) for seed in range(runs)]
        early[size] = sum(each is None for each in saved)
        for name, change in planted.items():
            most = DRIFTING if name.startswith("drift") else AFTER
            found = [
                delay(here, size, seed, each, change, most)
                for seed, each in enumerate(saved)
                if each is not None
            ]
            told = [each for each in found if np.isfinite(each[0])]
            streams = [each[2] for each in told]
            first = max(set(streams), key=streams.count) if streams else "–"
            inside = f"{np.mean([each[1] for each in told]):.2f}" if told else "–"
            print(
                f"| {name} | {size} | {spread([each[0] for each in found])} "
                f"| {len(told)} of {len(found)} | {inside} | {first} |",
                flush=True,
            )
    judged = QUIET - LEARN - CALIBRATE
    print(f"\nAlarms in the {judged} quiet judged batches before, with {EVERY} promised, which")
    print(f"allows {judged / EVERY:.0%} of the runs:", end=" ")
    print("; ".join(f"{early[size]} of {runs} at {size} a batch" for size in sizes) + ".")


def cost(d: int = 512) -> None:
    rng = np.random.default_rng(0)
    print("\n## What it costs\n")
    print(f"| vectors a batch | ms an update, d={d} | of one core at 10⁷ vectors a day |")
    print("|---|---|---|")
    for rows in (100, 400, 2_000, 20_000):
        watch = Monitor(every=1e300, learn=1, calibrate=5, season="weekhour")
        sides = rng.normal(size=(2, rows // 2, d)).astype(np.float32)
        watch.update(*sides, season="0")
        fill(watch)
        times = []
        for number in range(12):
            began = time.process_time()
            watch.update(*sides, season=str(number % 24))
            times.append(time.process_time() - began)
        each = float(np.median(times[2:]))
        print(f"| {rows} | {1000 * each:.1f} | {each * 1e7 / rows / 86_400:.2%} |")
    print(f"\nSaved with {HELD} values of every stream: {len(watch.save()) / 1e6:.1f} MB;", end=" ")
    young = Monitor(learn=2)
    young.update(*rng.normal(size=(2, 50, d)).astype(np.float32))
    print(f"while learning {len(young.save()) / 1e6:.1f} MB.")


def fill(watch: Monitor) -> None:
    """Make a monitor as old as one can be: history as long as it is kept."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(2, 30, 512)).astype(np.float32)
    watch.update(*rows, season="0")
    for ranks in watch._ranks.values():
        ranks.values = rng.normal(size=HELD)
        ranks.codes = rng.integers(0, 24, HELD)
    watch._detector._scores = np.zeros((REMEMBERED, len(watch.streams)))


WEEK = np.array([0.0, 1.0, 2.0, 3.0, 2.0, -4.0, -5.0])
NOISE: dict[str, Callable[[np.random.Generator, int], float]] = {
    "Gaussian": lambda rng, day: rng.normal(),
    "heavy-tailed (Cauchy)": lambda rng, day: rng.standard_cauchy(),
    "clustered": lambda rng, day: rng.choice([0.0, 0.0, 5.0]) + 0.01 * rng.normal(),
    "log-normal": lambda rng, day: rng.lognormal(0, 1.5),
    "five times wilder at weekends": lambda rng, day: rng.normal() * (1 + 4 * (day % 7 > 4)),
}


def promise(here: World, every: int = 50, runs: int = 400) -> None:
    most = int(binom.ppf(0.99, runs, 0.2))
    print(f"\n## The promise, {runs} streams each, one alarm in {every} batches promised\n")
    print(f"At most {most} of {runs} may alarm in {every // 5} batches (99 % of chance at 20 %).\n")
    print("| streams | alarmed early | mean batches to the first false alarm |")
    print("|---|---|---|")
    for weekly in (False, True):
        for name, noise in NOISE.items():
            times = np.array([first_alarm(noise, weekly, every, n) for n in range(runs)])
            named = f"{name}{', weekdays learned' if weekly else ''}"
            row(named, times, every)
    times = []
    for seed in range(runs):
        watch = Monitor(every=every, learn=5, calibrate=20, seed=seed)
        alarms = [
            watch.update(*here.quiet(100, 1000 + seed, step)[:2]).alarm is not None
            for step in range(25 + every // 5)
        ]
        times.append(float(np.argmax(alarms)) - 24 if any(alarms) else np.inf)
    row("real embeddings, resampled, 24 streams", np.array(times), every)


def row(name: str, times: np.ndarray, every: int) -> None:
    early = int((times <= every // 5).sum())
    error = 1.96 * times.std() / np.sqrt(len(times)) if np.isfinite(times).all() else 0
    mean = f"{times.mean():.0f} ± {error:.0f}" if error else "–"
    print(f"| {name} | {early} of {len(times)} | {mean} |", flush=True)


def first_alarm(
    noise: Callable[[np.random.Generator, int], float], weekly: bool, every: int, number: int
) -> int:
    """Return after how many judged days two streams alarm, nothing having changed."""
    rng = np.random.default_rng((31, number))
    detector, ranks = Detector(every, ("a", "b")), (Ranks(21), Ranks(21))
    judged = day = 0
    while judged < 1000:
        season = day % 7 if weekly else 0
        usual = WEEK[season]
        places = [each.place(noise(rng, day) + usual, rng, season) for each in ranks]
        day += 1
        if places[0] is not None and places[1] is not None:
            judged += 1
            if detector.update({"a": places[0], "b": places[1]}):
                break
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--other", type=Path, help="another corpus, for a new domain")
    parser.add_argument("--encoder", type=Path, help="another encoder of the same dimension")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 800])
    parser.add_argument("--long", action="store_true", help="also the promise, 400 streams each")
    given = parser.parse_args()
    here = world(given.corpus)
    planted = changes(
        here,
        None if given.other is None else both(given.other)[0],
        None if given.encoder is None else both(given.encoder),
    )
    delays(here, given.sizes, given.runs, planted)
    cost()
    if given.long:
        promise(here)


if __name__ == "__main__":
    main()
