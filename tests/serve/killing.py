"""Kill a service at random moments under load, and see whether it told the truth."""

import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import dohyo
from dohyo.corpus import Corpus

LOST = (OSError, http.client.HTTPException)


class Process:
    """A service in a process of its own, begun and ready."""

    def __init__(self, options: list[str], cwd: Path) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port: int = held.getsockname()[1]
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dohyo", "serve", *options, "--port", str(self.port)],
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        while True:
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/v1/ready")[1].get("ready"):
                    break
            assert self.process.poll() is None, "the service did not begin"
            assert time.perf_counter() - begun < 60
            time.sleep(0.01)
        self.seconds = time.perf_counter() - begun
        self.processor_seconds = _processor_seconds(self.process.pid)

    def ask(self, method: str, path: str, body: object = None, head: object = None) -> tuple:
        """Return status and JSON of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
            line.request(method, path, sent, head or {"content-type": "application/json"})
            said = line.getresponse()
            return said.status, json.loads(said.read())
        finally:
            line.close()

    def kill(self) -> None:
        """Kill it with no warning."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _processor_seconds(pid: int) -> float:
    """Time of all cores that a process took: what others do on the machine is not in it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Told:
    """What was acknowledged, and what was asked for without an answer."""

    first: str | None = None
    state: tuple = ("off", None)
    changes: list[str] = field(default_factory=list)
    asked: str | None = None
    clicks: int = 0
    unsure: int = 0
    maps: set[str] = field(default_factory=set)
    answers: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)


def killed(
    options: list[str], cwd: Path, vector: list[float], uploads: Iterator[dict], turns: int
) -> Told:
    """Begin, load, change and kill a service `turns` times; each restart is held to what was told.

    Parameters
    ----------
    vector : a query of the store
    uploads : files of maps that the service has not got, by multipart field
    """
    told, rng = Told(), random.Random(0)
    for turn in range(turns + 1):
        service = Process(options, cwd)
        told.seconds.append(service.seconds)
        told.processor_seconds.append(service.processor_seconds)
        try:
            check(service, told)
            if turn < turns:
                moment = threading.Timer(rng.uniform(0.05, 0.5), service.kill)
                others = [
                    threading.Thread(target=work, args=(service, told, vector))
                    for work in (transforming, searching, judging)
                ]
                for each in (moment, *others):
                    each.start()
                changing(service, told, rng, uploads, turn)
                for each in (moment, *others):
                    each.join()
        finally:
            service.kill()
    return told


def check(service: Process, told: Told) -> None:
    """Hold a service that has come back to what was acknowledged before it was killed."""
    standing = service.ask("GET", "/v1/rollout")[1]
    log = service.ask("GET", "/v1/audit?most=1000")[1]["audit"]
    reasons = [each["why"] for each in log if each["why"].startswith("change ")]
    done = [why for why in reversed(reasons) if why in set(told.changes)]
    assert done == told.changes, "an acknowledged change is not in the log"
    extra = [why for why in reasons if why not in set(told.changes)]
    assert set(extra) <= {told.asked}, "the log holds what nobody asked for"
    now = standing["rollout"]
    told.first = told.first or now["map"]
    latest = next((each for each in log if "after" in each["detail"]), None)
    assert latest is None or latest["detail"]["after"] == now, "state and log differ"
    if not extra and told.changes:
        assert (now["stage"], now["map"]) == told.state, "an acknowledged state is gone"
    told.state, told.asked = (now["stage"], now["map"]), None
    told.changes += extra
    judged = sum(each["n"] for each in standing["benefit"]["judged"].values())
    assert told.clicks <= judged <= told.clicks + told.unsure, "feedback was lost or made up"
    told.clicks, told.unsure = judged, 0
    there = {each["map"] for each in service.ask("GET", "/v1/maps")[1]["maps"]}
    assert told.maps <= there, "an acknowledged map is gone"
    told.maps = there


def changing(
    service: Process, told: Told, rng: random.Random, uploads: Iterator[dict], turn: int
) -> None:
    """Change the roll-out until the service is gone."""
    number = 0
    with suppress(*LOST):
        files = next(uploads)
        status, said = service.ask("POST", "/v1/maps", *multipart(files))
        assert status == 201, said
        told.maps.add(said["map"])
        newest = said["map"]
        while True:
            number += 1
            why = f"change {turn}.{number}"
            kind, method, path, body = rng.choice(
                [
                    ("stage", "PUT", "/v1/rollout", {"stage": rng.choice(["shadow", "on"])}),
                    ("stage", "PUT", "/v1/rollout", {"stage": "canary", "percent": 50}),
                    ("activate", "POST", f"/v1/maps/{newest}/activate", {}),
                    ("activate", "POST", f"/v1/maps/{told.first}/activate", {}),
                    ("raw", "POST", "/v1/maps/rollback", {}),
                    ("previous", "POST", "/v1/maps/rollback", {"to": "previous"}),
                ]
            )
            told.asked = why
            status, said = service.ask(method, path, body | {"why": why})
            assert status in (200, 409), said  # 409: that map has no copy, or none came before
            told.asked = None
            if status == 200:
                told.changes.append(why)
                told.state = said["stage"], said["map"]
                told.kinds[kind] = told.kinds.get(kind, 0) + 1


def transforming(service: Process, told: Told, vector: list[float]) -> None:
    """Correct vectors until the service is gone."""
    with suppress(*LOST):
        while True:
            body = {"vectors": [vector], "modality": "text"}
            assert service.ask("POST", "/v1/transform", body)[0] == 200
            told.answers += 1


def searching(service: Process, told: Told, vector: list[float]) -> None:
    """Search until the service is gone."""
    with suppress(*LOST):
        while True:
            status, said = service.ask("POST", "/v1/search", {"vector": vector})
            assert status in (200, 429), said
            told.answers += 1


def judging(service: Process, told: Told, vector: list[float]) -> None:
    """Search and judge the first hit until the service is gone."""
    with suppress(*LOST):
        while True:
            said = service.ask("POST", "/v1/search", {"vector": vector, "list": "raw"})[1]
            told.unsure += 1
            judged = [{"rank": 1, "grade": 1}]
            body = {"search": said["search"], "judged": judged}
            assert service.ask("POST", "/v1/feedback", body) == (200, {"new": 1})
            told.unsure -= 1
            told.clicks += 1


def others(sides: tuple, folder: Path) -> Iterator[dict[str, bytes]]:
    """Yield the files of one map after another, each unlike all before."""
    corpus = Corpus.from_arrays(*sides)
    for number in itertools.count():
        made = folder / f"other-{number}"
        dohyo.align(corpus, "whiten", shrinkage=0.9 - number / 100).save(made)
        yield {
            "map": (made / "map.json").read_bytes(),
            "arrays": (made / "arrays.safetensors").read_bytes(),
        }


def multipart(files: dict[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """Return a body and its head."""
    parts = [
        f'--x\r\ncontent-disposition: form-data; name="{name}"; filename="f"\r\n\r\n'.encode()
        + content
        for name, content in files.items()
    ]
    body = b"\r\n".join([*parts, b"--x--\r\n"])
    return body, {"content-type": "multipart/form-data; boundary=x"}
