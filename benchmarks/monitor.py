"""How soon the watch tells a planted change, and how often it errs before.

python benchmarks/monitor.py CORPUS.npz
"""

import sys
from collections.abc import Callable

import numpy as np

from dohyo.monitor import Monitor
from dohyo.rows import F32, unit_rows

RUNS, ROWS, QUIET, AFTER = 40, 200, 80, 60
Change = Callable[[F32], F32]


def changes(image: F32, text: F32) -> dict[str, Change]:
    gap = image.mean(0) - text.mean(0)
    gap /= np.linalg.norm(gap)
    spread = float((image @ gap).std())
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.normal(size=(image.shape[1], image.shape[1])))[0].astype(np.float32)
    turned = np.eye(image.shape[1], dtype=np.float32)
    c, s = np.cos(np.pi / 36), np.sin(np.pi / 36)
    for place in range(0, image.shape[1] - 1, 2):  # 5 degrees in every plane of a random basis
        turned[place : place + 2, place : place + 2] = [[c, -s], [s, c]]
    rotation = plane @ turned @ plane.T
    other = np.linalg.qr(rng.normal(size=(image.shape[1], image.shape[1])))[0].astype(np.float32)

    def shifted(size: float) -> Change:
        return lambda rows: unit_rows(rows + np.float32(size * spread) * gap)

    def new_domain(rows: F32) -> F32:
        rows = rows.copy()
        rows[: len(rows) // 10] = unit_rows(rng.normal(size=rows[: len(rows) // 10].shape))
        return rows

    return {
        "0.05 sd along the gap": shifted(0.05),
        "0.1 sd": shifted(0.1),
        "0.2 sd": shifted(0.2),
        "0.5 sd": shifted(0.5),
        "pictures turned by 5 degrees": lambda rows: rows @ rotation,
        "10 % random vectors": new_domain,
        "another encoder of the same dimension": lambda rows: rows @ other,
    }


def run(image: F32, text: F32, change: Change, seed: int) -> tuple[bool, int | None]:
    """Return whether it alarmed before the change, and after how many batches it told it."""
    rng = np.random.default_rng((5, seed))
    watch = Monitor(every=180, learn=10, calibrate=30, seed=seed)
    early = False
    for step in range(QUIET + AFTER):
        left = unit_rows(image[rng.integers(0, len(image), ROWS)])
        right = text[rng.integers(0, len(text), ROWS)]
        seen = watch.update(unit_rows(change(left)) if step >= QUIET else left, right)
        if seen.alarm is not None and step < QUIET:
            return True, None
        if seen.alarm is not None:
            return early, step - QUIET + 1
    return early, None


def main() -> None:
    with np.load(sys.argv[1], allow_pickle=False) as held:
        image, text = (unit_rows(held[side].astype(np.float32)) for side in ("image", "text"))
    print("| change | false before | told | median delay, batches (5 % to 95 %) |")
    print("|---|---|---|---|")
    for name, change in changes(image, text).items():
        found = [run(image, text, change, seed) for seed in range(RUNS)]
        early = sum(each for each, _ in found)
        delays = [delay for _, delay in found if delay is not None]
        spread = "–"
        if delays:
            low, middle, high = np.quantile(delays, [0.05, 0.5, 0.95])
            spread = f"{middle:.0f} ({low:.0f} to {high:.0f})"
        print(f"| {name} | {early} of {RUNS} | {len(delays)} of {RUNS - early} | {spread} |")


if __name__ == "__main__":
    main()
