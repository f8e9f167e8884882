"""The watches inside the service: from its traffic and its folder to alarms."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from starlette.testclient import TestClient

from dohyo.errors import UsageError
from dohyo.monitor.book import NotCounted
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger
from dohyo.serve.app import application
from dohyo.serve.live import Live
from dohyo.serve.metrics import Metrics
from dohyo.serve.service import Indexed, Service
from dohyo.serve.settings import Settings
from dohyo.serve.tapped import FIGURES, Tapped
from dohyo.serve.traffic import Pace, Traffic, Window
from dohyo.serve.watching import Plan, Watching
from dohyo.stores.registry import open_store

HOUR = timedelta(hours=1)
PACE = Pace(every=HOUR, least=20)
QUICK = {"every": 20.0, "learn": 4, "calibrate": 12, "beat_seconds": None}


class Heard:
    def __init__(self):
        self.batches, self.alarms, self.troubles = [], [], []

    def taken(self, batch, taken):
        self.batches.append((batch, taken))

    def alarm(self, row):
        self.alarms.append(row)

    def trouble(self, error):
        self.troubles.append(str(error))


class Clock:
    def __init__(self):
        self.at = datetime(2026, 1, 5, tzinfo=UTC)

    def __call__(self):
        return self.at


@pytest.fixture
def ledger(tmp_path):
    held = Ledger(tmp_path / "service.sqlite")
    yield held
    held.close()


@pytest.fixture
def tapped(ledger):
    """Watches of traffic with a clock of their own."""
    clock = Clock()
    return Tapped(
        tap=Traffic(PACE, clock()),
        live=Live(Metrics(), ledger, "goods"),
        watches={
            name: Watch(ledger, name, QUICK | {"extra": FIGURES[name]}, clock=clock)
            for name in ("queries", "items")
        },
        encoder=lambda: "e5",
        told=Heard(),
        stop=threading.Event(),
        clock=clock,
    )


def hour(tapped, seed, *, at=0.0):
    """Let an hour of requests pass and be judged."""
    rng = np.random.default_rng(seed)
    for _ in range(10):
        for modality in ("image", "text"):
            rows = rng.normal(size=(5, 8)) + 2 * (np.arange(8) == (modality == "image"))
            rows[:, 5] += at
            tapped.tap.vectors("items", modality, rows.astype(np.float32))
    tapped.clock.at += HOUR
    tapped.turn()


def test_every_hour_is_one_batch_of_its_population_alone(tapped):
    hour(tapped, 0)
    ((batch, taken),) = tapped.told.batches
    assert taken.outcome == "learning"
    assert batch.id == "items 2026-01-05T00:00:00Z"
    assert (len(batch.image.rows), len(batch.text.rows)) == (50, 50)
    assert batch.encoder == "e5"
    assert tapped.read(batch.id) is batch
    assert tapped.watches["queries"].batches() == []


def test_a_change_of_the_traffic_is_an_alarm(tapped):
    for seed in range(20):
        hour(tapped, seed)
    assert tapped.told.alarms == []
    for seed in range(20, 28):
        hour(tapped, seed, at=3.0)
    (row,) = tapped.told.alarms
    assert (row["watch"], row["kind"]) == ("items", "drift")


def test_a_window_waits_while_the_ledger_refuses_and_is_counted_once(tapped, monkeypatch):
    take = Watch.take
    monkeypatch.setattr(Watch, "take", _refuse)
    hour(tapped, 0)
    hour(tapped, 1)
    assert len(tapped.told.troubles) == 1  # the same trouble is told once
    monkeypatch.setattr(Watch, "take", take)
    tapped.turn()
    assert [taken.outcome for _, taken in tapped.told.batches] == ["learning"] * 2
    tapped.turn()
    assert len(tapped.told.batches) == 2


def _refuse(self, batch, *, bookmark=None):
    raise NotCounted("The disk is full.", hint="Make room.")


def test_live_figures_are_those_since_the_last_window(ledger):
    metrics = Metrics()
    live = Live(metrics, ledger, "goods")
    window = Window(
        population="queries",
        began=datetime(2026, 1, 5, tzinfo=UTC),
        ended=datetime(2026, 1, 5, 2, tzinfo=UTC),
        rows={},
        seen={},
        figures={},
    )
    for status, n in ((200, 60), (422, 20), (429, 20)):
        for _ in range(n):
            metrics.answered("/v1/search", status, 0.01)
    metrics.answered("/v1/transform", 200, 0.01)
    assert live.of(window) == {"volume": 50.0, "refused": 0.2}  # busy is nobody's wrong input
    assert live.of(window) == {"volume": 0.0}


def test_benefit_is_the_share_of_interleaved_searches_that_the_correction_won(ledger):
    live = Live(Metrics(), ledger, "goods")
    with ledger.change():
        for search in range(40):
            team = "c" if search < 30 else "r"
            for collection, at in (("goods", "05T01"), ("other", "05T01"), ("goods", "06T01")):
                ledger.rows(
                    "INSERT INTO feedback VALUES (?, 1, 'clicked', ?, 'interleaved', ?, NULL, ?)",
                    *(f"{search} {collection} {at}", collection, team, f"2026-01-{at}:00+00:00"),
                )
    window = Window(
        population="queries",
        began=datetime(2026, 1, 5, tzinfo=UTC),
        ended=datetime(2026, 1, 6, tzinfo=UTC),
        rows={},
        seen={},
        figures={},
    )
    assert live.of(window)["benefit"] == 0.75


@pytest.fixture
def watching(tmp_path, shop, fitted):
    """A service that watches: `watching(**plan)`."""
    entered = []

    def make(**plan):
        service = Service(
            settings=Settings(state=tmp_path / "state"),
            indexed=Indexed(collection="goods"),
            opening=open_store(shop),
        )
        service.start_with(fitted)
        client = TestClient(
            application(service, None, Watching(service, Plan(**plan))),
            base_url="http://127.0.0.1",
        )
        client.__enter__()
        entered.append(client)
        client.service = service
        return client

    yield make
    for client in entered:
        client.__exit__(None, None, None)


def until(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def test_what_is_searched_with_and_what_is_corrected_become_two_watches(watching, sides):
    pace = Pace(every=timedelta(seconds=0.1), least=20)
    client = watching(pace=pace, traffic=dict.fromkeys(("queries", "items"), QUICK))
    image, text = sides
    for row in image[:20]:
        asked = {"vector": row.tolist(), "modality": "image"}
        assert client.post("/v1/search", json=asked).status_code == 200
    body = {"vectors": text[:30].tolist(), "modality": "text"}
    assert client.post("/v1/transform", json=body).status_code == 200
    assert client.post("/v1/transform", json=body | {"role": "query"}).status_code == 200
    assert client.post("/v1/transform", json=body | {"strength": 7}).status_code == 400
    ledger = client.service.ledger
    until(lambda: len(ledger.rows("SELECT 1 FROM batches")) == 2)
    found = {row["watch"]: row for row in ledger.rows("SELECT * FROM batches")}
    assert (found["queries"]["images"], found["queries"]["texts"]) == (20, 30)
    assert (found["items"]["images"], found["items"]["texts"]) == (0, 30)
    assert json.loads(found["items"]["figures"])["volume"] > 0
    names = [row["name"] for row in client.get("/v1/monitor").json()["watches"]]
    assert names == ["items", "queries"]


def test_a_stop_counts_what_has_passed(watching, tmp_path, sides):
    client = watching(pace=Pace(every=HOUR, least=20))
    body = {"vectors": sides[1][:30].tolist(), "modality": "text"}
    client.post("/v1/transform", json=body)
    client.__exit__(None, None, None)
    ledger = Ledger(tmp_path / "state" / "service.sqlite")
    assert ledger.rows("SELECT texts FROM batches") == [{"texts": 30}]
    ledger.close()


def test_files_of_a_folder_are_taken_as_they_come(watching, tmp_path, sides):
    folder = tmp_path / "days"
    folder.mkdir()
    client = watching(folder=folder, batches=QUICK, poll=0.1)
    np.savez(tmp_path / "x.npz", image=sides[0], text=sides[1])
    (tmp_path / "x.npz").rename(folder / "2026-01-05.npz")
    (folder / "2026-01-06.npz").write_text("no archive")
    ledger = client.service.ledger
    until(lambda: len(ledger.rows("SELECT 1 FROM batches")) == 2)
    found = {row["id"]: row["outcome"] for row in ledger.rows("SELECT id, outcome FROM batches")}
    assert found == {"2026-01-05.npz": "learning", "2026-01-06.npz": "refused"}


def test_a_watch_that_ends_by_a_fault_is_told_and_searching_goes_on(watching, sides, monkeypatch):
    def fault(self, now, *, ending=False):
        raise RuntimeError("x")

    monkeypatch.setattr(Traffic, "close", fault)
    client = watching(pace=PACE)
    until(lambda: client.get("/v1/monitor").json()["ended"])
    asked = {"vector": sides[0][0].tolist(), "modality": "image"}
    assert client.post("/v1/search", json=asked).status_code == 200


def test_a_watch_that_cannot_be_set_so_is_told_before_the_service_listens(tmp_path, fitted):
    service = Service(settings=Settings(state=tmp_path / "state"))
    with pytest.raises(UsageError, match="learn"):
        Watching(service, Plan(pace=PACE, traffic={"items": {"learn": 0}}))
    service.abandon()


def test_a_fault_in_what_follows_an_alarm_ends_no_watch(tapped):
    def fault(ledger, number, memory):
        raise RuntimeError("x")

    tapped.follow = {"items": fault}
    for seed in range(28):
        hour(tapped, seed, at=3.0 * (seed >= 20))
    worker = threading.Thread(target=tapped.follow_until_stopped)
    worker.start()
    until(lambda: tapped.told.troubles)
    hour(tapped, 40, at=3.0)
    tapped.stop.set()
    worker.join(5)
    assert len(tapped.told.batches) == 29
