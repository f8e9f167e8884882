"""How much the service carries: a server in one process, a generator in another, on loopback.

python benchmarks/service.py [--seconds 5] [--soak 0] [--rows 100000]
"""

import argparse
import asyncio
import contextlib
import io
import json
import multiprocessing
import os
import socket
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

DIM = 512


def made_map():
    """A displacement map of 500 pairs, 512 dimensions: what `auto` chooses on COCO."""
    import dohyo
    from dohyo.corpus import Corpus

    rng = np.random.default_rng(0)
    meaning, shift = rng.normal(size=(500, DIM)), rng.normal(size=DIM)
    sides = [meaning + s * shift + rng.normal(size=(500, DIM)) for s in (1, -1)]
    corpus = Corpus.from_arrays(*(side.astype(np.float32) for side in sides))
    return dohyo.align(corpus, METHOD, calibrate=1.0)


METHOD = os.environ.get("DOHYO_BENCH_METHOD", "gaussian_ot")


def made_store(folder: Path, fitted, rows: int, indexed: bool = False) -> str:
    import lancedb
    import pyarrow as pa

    from dohyo.migration.migrate import migrate
    from dohyo.migration.prepare import prepare
    from dohyo.stores.registry import open_store

    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(rows, DIM)).astype(np.float32)
    table = pa.table(
        {
            "id": np.arange(rows),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIM),
            "modality": ["image", "text"] * (rows // 2),
        }
    )
    lancedb.connect(folder / "db").create_table("goods", table)
    url = f"lancedb://{folder / 'db'}"
    with open_store(url) as store:
        migrate(prepare(store, "goods", fitted, force=True), switch=False)
        copy = next(name for name in store.collections() if "__dohyo_" in name)
    if indexed:
        table = lancedb.connect(folder / "db").open_table(copy)
        table.create_index(metric="dot", index_type="IVF_FLAT", num_partitions=256)
    return url


def serve(port: int, folder: str, url: str | None, fitted) -> None:
    from starlette.requests import Request
    from starlette.responses import Response

    from dohyo.serve.app import application
    from dohyo.serve.run import listen
    from dohyo.serve.service import Indexed, Service
    from dohyo.serve.settings import Settings
    from dohyo.stores.registry import open_store

    settings = Settings(state=Path(folder) / "state", port=port)
    service = Service(
        settings=settings,
        indexed=None if url is None else Indexed(collection="goods"),
        opening=None if url is None else open_store(url),
    )
    service.start_with(fitted)

    def echo(app, _) -> None:
        async def back(request: Request) -> Response:
            return Response(await request.body(), media_type="application/json")

        app.add_api_route("/echo", back, methods=["POST"], response_class=Response)

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    listen(application(service, echo), settings)


async def connection(
    port: int, requests: list[bytes], until: float, pace: float, took, bad
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    n, due = 0, time.perf_counter()
    while time.perf_counter() < until:
        if pace:
            due += pace
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        begun = time.perf_counter()
        writer.write(requests[n % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        if not head.startswith(b"HTTP/1.1 200"):
            bad.append(head[:40])
        n += 1
    writer.close()


def load(port, requests, seconds, connections, rate=0.0):
    took, bad = [], []

    async def all_() -> None:
        until = time.perf_counter() + seconds
        pace = connections / rate if rate else 0.0
        await asyncio.gather(
            *(connection(port, requests, until, pace, took, bad) for _ in range(connections))
        )

    begun = time.perf_counter()
    asyncio.run(all_())
    spent = time.perf_counter() - begun
    ms = np.array(took) * 1e3
    return {
        "per_second": round(len(ms) / spent),
        "p50_ms": round(float(np.percentile(ms, 50)), 2),
        "p99_ms": round(float(np.percentile(ms, 99)), 2),
        "errors": len(bad),
        "n": len(ms),
        "took": round(spent, 3),
    }


def request(path: str, body: bytes, kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def processor_seconds(pid: int) -> float:
    """Time of all cores that a process took: what others do on the machine is not in it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=5)
    asked.add_argument("--soak", type=float, default=0, help="seconds at 70 %% of the peak")
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--slow", type=int, default=1_000)
    asked.add_argument("--index", action="store_true", help="give the copy an IVF index")
    options = asked.parse_args()
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        fitted = made_map()
        url = (
            made_store(Path(folder), fitted, options.rows, options.index) if options.rows else None
        )
        server = multiprocessing.get_context("spawn").Process(
            target=serve, args=(port, folder, url, fitted), daemon=True
        )
        server.start()
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        try:
            measure(port, server.pid, options, url)
        finally:
            server.terminate()
            server.join(20)


def measure(port, pid, options, url) -> None:
    rng = np.random.default_rng(2)
    singles = [
        json.dumps(
            {"vectors": rng.normal(size=DIM).round(6).tolist(), "modality": "text", "role": "query"}
        ).encode()
        for _ in range(64)
    ]
    load(port, [request("/echo", b) for b in singles], 1, 32)
    for turn in range(3):
        # Short slices in turn: whatever else the machine does falls on both alike.
        slices, spent = [], [0.0, 0.0]
        for _ in range(6):
            pair = []
            for side, path in enumerate(("/echo", "/v1/transform")):
                before = processor_seconds(pid)
                held = [request(path, b) for b in singles]
                pair.append(load(port, held, options.seconds / 6, 32))
                spent[side] += processor_seconds(pid) - before
            slices.append(pair)
        counts = [sum(each["n"] for each in side) for side in zip(*slices, strict=True)]
        took = [sum(each["took"] for each in side) for side in zip(*slices, strict=True)]
        bare, full = (round(n / seconds) for n, seconds in zip(counts, took, strict=True))
        cost = [1e6 * seconds / n for n, seconds in zip(counts, spent, strict=True)]
        pairs = sorted(b["per_second"] / a["per_second"] for a, b in slices)
        p99 = np.median([b["p99_ms"] for _, b in slices])
        bad = sum(each["errors"] for pair in slices for each in pair)
        print(
            f"turn {turn}: echo {bare:,}/s, transform {full:,}/s, share {full / bare:.2f} "
            f"(slices {pairs[0]:.2f} to {pairs[-1]:.2f}); processor {cost[0]:.0f} and "
            f"{cost[1]:.0f} µs each, share {cost[0] / cost[1]:.2f}; p99 {p99:.1f} ms, errors {bad}"
        )
    peak = full
    for rows in (256,):
        held = io.BytesIO()
        np.save(held, rng.normal(size=(rows, DIM)).astype(np.float32))
        body = request("/v1/transform?modality=image", held.getvalue(), "application/x-npy")
        told = load(port, [body], options.seconds, 8)
        print("binary", rows, told, f"{told['per_second'] * rows:,} vectors/s")
    if url is not None:
        queries = [
            request(
                "/v1/search",
                json.dumps({"vector": rng.normal(size=DIM).tolist(), "list": "corrected"}).encode(),
            )
            for _ in range(64)
        ]
        print("search alone", load(port, queries, options.seconds, 1))
        print("search, 4 at once", load(port, queries, options.seconds, 4))
    if options.slow:
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(options.slow)]
        for each in slow:
            each.sendall(b"POST /v1/transform HTTP/1.1\r\nHost: 127")
        print(
            "beside",
            options.slow,
            "slow connections",
            load(port, [request("/v1/transform", b) for b in singles], options.seconds, 32),
        )
        time.sleep(11)
        gone = 0
        for each in slow:
            each.settimeout(0.01)
            with contextlib.suppress(OSError):
                gone += each.recv(1) == b""
            each.close()
        print("dropped after 11 s more:", gone, "of", options.slow)
    if options.soak:
        print("memory before", round(memory(pid)), "MiB")
        told = load(
            port, [request("/v1/transform", b) for b in singles], options.soak, 32, 0.7 * peak
        )
        print("soak", told, "memory after", round(memory(pid)), "MiB")


if __name__ == "__main__":
    main()
