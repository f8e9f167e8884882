"""The service as a process: it starts, finishes what it accepted, and drops who never asks."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from tests.serve.killing import killed, others


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@contextmanager
def running(*options, cwd, ready=True):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dohyo", "serve", *map(str, options), "--port", str(port)],
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    process.port = port
    try:
        for _ in range(600):
            with (
                suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=5),
            ):
                break
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.stderr.read()
        process.stderr.close()
        process.wait()


def ask(process, path, body=None, method=None, head=()):
    sent = urllib.request.Request(
        f"http://127.0.0.1:{process.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json", **dict(head)},
        method=method,
    )
    with urllib.request.urlopen(sent, timeout=20) as said:
        return json.load(said)


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps") / "map"
    fitted.save(folder)
    return folder


def test_it_serves_a_map_and_a_store_and_stops_when_told(saved, shop, sides, tmp_path):
    with running(saved, "--store", shop, "--no-pages", cwd=tmp_path) as process:
        assert ask(process, "/v1/ready")["ready"]
        found = ask(process, "/v1/search", {"vector": sides[1][0].tolist(), "list": "corrected"})
        assert {hit["modality"] for hit in found["hits"]} == {"image", "text"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_what_was_accepted_is_finished_after_sigterm(saved, tmp_path):
    with running(saved, "--no-pages", cwd=tmp_path) as process:
        body = json.dumps({"vectors": [[1.0] * 16], "modality": "image"}).encode()
        caller = socket.create_connection(("127.0.0.1", process.port))
        head = (
            "POST /v1/transform HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        )
        caller.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        caller.sendall(body[10:])
        caller.settimeout(10)
        assert caller.recv(100).startswith(b"HTTP/1.1 200")
        caller.close()
        assert process.wait(20) == 0


def test_killed_at_any_moment_it_has_told_the_truth_and_is_back_in_3_seconds(
    saved, shop, sides, tmp_path
):
    """Six kills; `benchmarks/service_kills.py` does twenty and prints what it met."""
    options = [str(saved), "--store", shop, "--no-pages"]
    told = killed(options, tmp_path, sides[1][0].tolist(), others(sides, tmp_path), 6)
    assert len(told.changes) > 6
    assert told.clicks > 6
    assert told.answers > 12
    if os.getloadavg()[0] < os.cpu_count():  # a crowded machine says nothing of restarts
        taken = zip(told.seconds, told.processor_seconds, strict=True)
        usual = statistics.median(min(pair) for pair in taken)
        assert usual < 3, (told.seconds, told.processor_seconds)


def test_a_hundred_who_never_ask_keep_nobody_out_and_are_dropped(saved, tmp_path):
    from dohyo.serve.connection import SECONDS

    assert SECONDS <= 10
    with running(saved, "--no-pages", cwd=tmp_path) as process:
        slow = [socket.create_connection(("127.0.0.1", process.port)) for _ in range(100)]
        for each in slow:
            each.sendall(b"POST /v1/transform HTTP/1.1\r\nHost: 127")
        assert ask(process, "/v1/health")["status"] == "ok"
        slow[0].settimeout(20)
        assert slow[0].recv(10) == b""  # closed by the service
        for each in slow:
            each.close()


def test_an_open_address_needs_a_token_first(saved, tmp_path):
    said = subprocess.run(
        [sys.executable, "-m", "dohyo", "serve", str(saved), "--host", "0.0.0.0", "--no-pages"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert "dohyo token new" in said.stderr
    assert "Traceback" not in said.stderr
