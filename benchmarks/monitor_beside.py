"""The watch beside what others do with a batch a day: false alarms, and how soon, on one stream.

python benchmarks/monitor_beside.py CORPUS.npz [--methods NAME …] [--draw fresh|resampled]

Needs evidently, river and alibi-detect (whose licence allows running it, not depending on it) for
the rows of theirs; what is not installed is named and skipped. All but the watch look at the
pictures alone, where every change is planted: with the texts too they would alarm twice as often.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dohyo.monitor import Monitor
from dohyo.rows import F32
from monitor import AFTER, EVERY, spread
from monitor_streams import CALIBRATE, LEARN, QUIET, Change, World, changes, world

SIZE = 200
CHECKS = QUIET - LEARN - CALIBRATE
"""Quiet batches that are judged, by everybody the same ones."""
PERMUTATIONS = 1_000
SHOWN = (
    "0.2 sd along the gap",
    "0.5 sd along the gap",
    "pictures turned by 5°",
    "10 % of a kind unseen",
    "another encoder, turned",
)
Check = Callable[[F32], bool]
Method = Callable[[World, int], Check]


def first(here: World, seed: int) -> F32:
    """Return the first batch of pictures: a reference as large as what is compared to it."""
    return here.quiet(SIZE, seed, 0)[0]


def ten(here: World, seed: int) -> F32:
    """Return the pictures of the ten batches from which the watch learns."""
    return np.concatenate([here.quiet(SIZE, seed, step)[0] for step in range(LEARN)])


def evidently(reference: Callable[[World, int], F32], **chosen: Any) -> Method:
    """Evidently's embedding drift; with nothing chosen, as EmbeddingsDrift calls it by itself.

    `EmbeddingsDriftMetric.calculate` (0.7): `model(bootstrap=len(reference) < 1000)`, a logistic
    classifier whose ROC AUC must beat that of random guesses, or 0.55 with a large reference.
    The metric itself also draws a t-SNE, some 20 seconds a check, which changes no answer.
    """
    import pandas as pd
    from evidently.legacy.metrics.data_drift import embedding_drift_methods as methods

    name = chosen.pop("method", "model")

    def of(here: World, seed: int) -> Check:
        old = reference(here, seed)
        options = chosen or {"bootstrap": len(old) < 1000}
        method = getattr(methods, name)(**options)
        # It writes a column into what it is given.
        return lambda rows: bool(method(pd.DataFrame(rows), pd.DataFrame(old))[1])

    return of


def mmd(level: float) -> Method:
    """Return a permutation test of MMD² against the first batch, anew each day.

    Gretton et al. 2012; Gaussian kernel, median distance.
    """

    def of(here: World, seed: int) -> Check:
        old = first(here, seed)
        rng = np.random.default_rng(seed)

        def check(rows: F32) -> bool:
            both = np.concatenate([old, rows])
            apart = np.maximum(2 - 2 * both @ both.T, 0)
            kernel = np.exp(-apart / np.median(apart[np.triu_indices(len(both), 1)]))
            np.fill_diagonal(kernel, 0)
            sides = np.ones((PERMUTATIONS, len(both)), np.float32)
            sides[:, : len(old)] = -1
            sides[1:] = rng.permuted(sides[1:], axis=1)
            # With equal sizes MMD² is s'Ks for signs s, up to what no permutation changes.
            found = np.einsum("ij,ij->i", sides @ kernel.astype(np.float32), sides)
            return float((found >= found[0]).mean()) <= level

        return check

    return of


def river(name: str) -> Method:
    """Return a detector of river, as it comes, on each batch's mean along the gap."""
    from river import drift

    def of(here: World, seed: int) -> Check:
        gap = here.image.mean(0) - here.text.mean(0)
        old = [float((here.quiet(SIZE, seed, step)[0] @ gap).mean()) for step in range(QUIET)]
        mean, deviation = np.mean(old[:LEARN]), np.std(old[: LEARN + CALIBRATE])
        chosen = {"seed": seed} if name == "KSWIN" else {}
        detector = getattr(drift, name)(**chosen)
        for each in old[: LEARN + CALIBRATE]:
            detector.update((each - mean) / deviation)

        def check(rows: F32) -> bool:
            detector.update((float((rows @ gap).mean()) - mean) / deviation)
            return bool(detector.drift_detected)

        return check

    return of


def alibi() -> Method:
    """alibi-detect's KSDrift: Kolmogorov-Smirnov in every dimension, Bonferroni, at 5 %."""
    from alibi_detect.cd import KSDrift

    def of(here: World, seed: int) -> Check:
        detector = KSDrift(ten(here, seed), p_val=0.05)
        return lambda rows: bool(detector.predict(rows)["data"]["is_drift"])

    return of


METHODS: dict[str, Callable[[], Method]] = {
    "Evidently, default, reference of 200": lambda: evidently(first),
    "Evidently, default, reference of 2,000": lambda: evidently(ten),
    "Evidently, distance with bootstrap": lambda: evidently(
        first, method="distance", bootstrap=True
    ),
    "Evidently, mmd with bootstrap": lambda: evidently(first, method="mmd", bootstrap=True),
    "MMD permutation test each day, 5 %": lambda: mmd(0.05),
    f"MMD permutation test each day, 1 in {EVERY}": lambda: mmd(1 / EVERY),
    "river ADWIN, mean along the gap": lambda: river("ADWIN"),
    "river KSWIN, mean along the gap": lambda: river("KSWIN"),
    "river PageHinkley, mean along the gap": lambda: river("PageHinkley"),
    "alibi-detect KSDrift, reference of 2,000": alibi,
}
OURS = f"dohyo, one in {EVERY} promised"


def watched(here: World, seed: int) -> tuple[int, bytes]:
    """Return after how many quiet checks we alarm, 0 for never, and the monitor after them all."""
    watch = Monitor(every=EVERY, learn=LEARN, calibrate=CALIBRATE, seed=seed)
    alarms = [
        watch.update(*here.quiet(SIZE, seed, step)[:2]).alarm is not None for step in range(QUIET)
    ]
    return (alarms.index(True) + 1 - LEARN - CALIBRATE if any(alarms) else 0), watch.save()


def told(here: World, saved: bytes, seed: int, change: Change) -> float:
    """Return after how many changed batches we alarm."""
    watch = Monitor.load(saved)
    for step in range(QUIET, QUIET + AFTER):
        if watch.update(*here.batch(SIZE, seed, step, change)).alarm is not None:
            return step - QUIET + 1
    return np.inf


def checked(here: World, method: Method, seed: int, change: Change) -> float:
    """Return after how many changed batches a method first alarms."""
    check = method(here, seed)
    for step in range(QUIET, QUIET + AFTER):
        if check(here.batch(SIZE, seed, step, change)[0]):
            return step - QUIET + 1
    return np.inf


def quiet(here: World, method: Method, seed: int) -> int:
    """Return after how many quiet checks a method alarms, 0 for never."""
    check = method(here, seed)
    for number, step in enumerate(range(QUIET - CHECKS, QUIET), start=1):
        if check(here.quiet(SIZE, seed, step)[0]):
            return number
    return 0


def tell(name: str, alarms: list[int], delays: dict[str, list[float]], seconds: float) -> None:
    some = sum(each > 0 for each in alarms)
    checks = sum(each or CHECKS for each in alarms)  # up to the first alarm
    cells = [f"{some} of {len(alarms)}", f"{some / checks:.1%}"]
    cells += [spread(each) for each in delays.values()]
    print(f"| {name} | {' | '.join(cells)} | {seconds:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--delays", type=int, default=20, help="runs for each change, of those")
    parser.add_argument("--draw", choices=["resampled", "fresh"], default="fresh")
    parser.add_argument("--methods", nargs="+", default=[""], help="parts of their names")
    given = parser.parse_args()
    given.delays = min(given.delays, given.runs)
    warnings.simplefilter("ignore")
    here = world(given.corpus, given.draw)
    planted = {name: each for name, each in changes(here).items() if name in SHOWN}
    planted = planted if given.delays else {}
    print(f"\n{SIZE} pictures a batch, {given.draw}; {CHECKS} quiet batches in {given.runs} runs;")
    print(f"batches to the first alarm at or after a change, {given.delays} runs each.\n")
    print(f"| method | runs with a false alarm | a check | {' | '.join(planted)} | s |")
    print("|---" * (len(planted) + 4) + "|")
    if any(part in OURS for part in given.methods):
        began = time.process_time()
        ours = [watched(here, seed) for seed in range(given.runs)]
        delays = {
            name: [told(here, ours[seed][1], seed, each) for seed in range(given.delays)]
            for name, each in planted.items()
        }
        tell(OURS, [each for each, _ in ours], delays, time.process_time() - began)
    for name, make in METHODS.items():
        if not any(part in name for part in given.methods):
            continue
        try:
            method = make()
        except ImportError as error:
            print(f"| {name} | skipped: {error.name} is not installed |")
            continue
        began = time.process_time()
        alarms = [quiet(here, method, seed) for seed in range(given.runs)]
        delays = {
            change: [checked(here, method, seed, each) for seed in range(given.delays)]
            for change, each in planted.items()
        }
        tell(name, alarms, delays, time.process_time() - began)


if __name__ == "__main__":
    main()
