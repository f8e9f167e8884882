"""What watching its own traffic costs the service: with and without the tap, slice by slice.

python benchmarks/service_watch.py [--seconds 40] [--rows 20000]

Two servers of one map and one database; one of them watches, with windows of an hour. Short slices
of the same load go to both in turn, so that whatever else the machine does falls on both alike.
Told is the processor time of a request (which a busy neighbour hardly changes) and the throughput,
watched against plain, with a 95 % bootstrap interval over pairs of slices. A window's judgement
comes once an hour and is timed by itself.
"""

import argparse
import io
import json
import multiprocessing
import os
import socket
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from service import DIM, load, made_map, made_store, processor_seconds, request

SLICE = 1.0


def serve(port: int, folder: str, url: str | None, fitted: Any, watch: bool) -> None:
    from dohyo.serve.app import application
    from dohyo.serve.run import listen
    from dohyo.serve.service import Indexed, Service
    from dohyo.serve.settings import Settings
    from dohyo.serve.traffic import Pace
    from dohyo.serve.watching import Plan, Watching
    from dohyo.stores.registry import open_store

    settings = Settings(state=Path(folder), port=port)
    service = Service(
        settings=settings,
        indexed=None if url is None else Indexed(collection="goods"),
        opening=None if url is None else open_store(url),
    )
    service.start_with(fitted)
    watching = Watching(service, Plan(pace=Pace())) if watch else None
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    listen(application(service, None, watching), settings)


def bodies(searches: bool) -> dict[str, tuple[list[bytes], int]]:
    """Return requests by kind, and how many connections send them."""
    rng = np.random.default_rng(2)
    vectors = [rng.normal(size=DIM).round(6).tolist() for _ in range(64)]
    one = [
        json.dumps({"vectors": row, "modality": "text", "role": "query"}).encode()
        for row in vectors
    ]
    held = io.BytesIO()
    np.save(held, rng.normal(size=(256, DIM)).astype(np.float32))
    many = request("/v1/transform?modality=image", held.getvalue(), "application/x-npy")
    found = {
        "transform, one vector": ([request("/v1/transform", body) for body in one], 32),
        "transform, 256 vectors": ([many], 8),
    }
    if searches:
        asked = [json.dumps({"vector": row, "list": "corrected"}).encode() for row in vectors]
        found["search"] = ([request("/v1/search", body) for body in asked], 4)
    return found


def compared(
    ports: list[int], pids: list[int], requests: list[bytes], connections: int, slices: int
) -> None:
    """Tell processor time and throughput, watched against plain."""
    for port in ports:
        load(port, requests, 1.0, connections)
    rows = []
    for turn in range(slices):
        pair = {}
        for side in (0, 1) if turn % 2 else (1, 0):
            before = processor_seconds(pids[side])
            told = load(ports[side], requests, SLICE, connections)
            spent = processor_seconds(pids[side]) - before
            assert not told["errors"]
            pair[side] = spent / told["n"], told["n"] / told["took"]
        rows.append([*pair[0], *pair[1]])
    whole = np.log(np.array(rows))
    plain, watched = (1e6 * np.exp(np.median(whole[:, side])) for side in (0, 2))
    print(f"  processor time of a request: plain {plain:.0f} µs, watched {watched:.0f} µs")
    for name, ratio in (
        ("watched against plain, processor time", whole[:, 2] - whole[:, 0]),
        ("watched against plain, throughput", whole[:, 3] - whole[:, 1]),
    ):
        rng = np.random.default_rng(0)
        means = rng.choice(ratio, (2_000, len(ratio))).mean(1)
        low, high = np.quantile(means, (0.025, 0.975))
        shown = [100 * (np.exp(each) - 1) for each in (ratio.mean(), low, high)]
        print("  {}: {:+.1f} % (from {:+.1f} to {:+.1f})".format(name, *shown))


def tapping() -> None:
    """Time the tap by itself: noting a request, and summing a second of them up."""
    from dohyo.serve.traffic import Pace, Traffic

    rng = np.random.default_rng(4)
    rows = [rng.normal(size=(1, DIM)).astype(np.float32) for _ in range(64)]
    tap = Traffic(Pace(), datetime.now(UTC))
    spent = []
    for _ in range(60):
        begun = time.process_time()
        for number in range(3_000):
            tap.vectors("queries", "text", rows[number % 64])
        tap.digest()
        spent.append((time.process_time() - begun) / 3_000)
    print(f"the tap by itself takes {1e6 * np.median(spent[10:]):.2f} µs a request")


def judging() -> None:
    """Time what happens once an hour: a full window of both populations is judged."""
    from dohyo.monitor.batch import Batch, Side
    from dohyo.monitor.watch import Watch
    from dohyo.rollout.ledger import Ledger

    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "service.sqlite")
        watch = Watch(ledger, "queries", {"learn": 3, "calibrate": 5, "beat_seconds": None})
        spent = []
        for number in range(12):
            sides = {
                side: Side(rows=rng.normal(size=(2_000, DIM)).astype(np.float32))
                for side in ("image", "text")
            }
            at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=number)
            begun = time.process_time()
            watch.take(Batch(id=f"{number}", at=at, **sides))
            spent.append(time.process_time() - begun)
        ledger.close()
    print(f"a window of 2 × 2,000 vectors is judged in {np.median(spent[8:]):.2f} s of one core")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=40, help="of each kind of request")
    asked.add_argument("--rows", type=int, default=20_000, help="of the database; 0 for none")
    options = asked.parse_args()
    fitted, ports = made_map(), []
    for _ in range(2):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            ports.append(held.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        url = made_store(Path(folder), fitted, options.rows) if options.rows else None
        spawn = multiprocessing.get_context("spawn").Process
        servers = [
            spawn(
                target=serve,
                args=(port, f"{folder}/state{side}", url, fitted, bool(side)),
                daemon=True,
            )
            for side, port in enumerate(ports)
        ]
        for server in servers:
            server.start()
        for port in ports:
            for _ in range(800):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
        try:
            pids = [int(server.pid or 0) for server in servers]
            for name, (requests, connections) in bodies(url is not None).items():
                print(name)
                compared(ports, pids, requests, connections, max(4, round(options.seconds / 2)))
        finally:
            for server in servers:
                server.terminate()
                server.join(20)
    tapping()
    judging()


if __name__ == "__main__":
    main()
