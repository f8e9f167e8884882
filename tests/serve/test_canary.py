"""A canary inside the service: its own encoder, at once after a start with another one."""

import threading
from datetime import timedelta

import pytest
from tests.monitor.canaries.drawn import fill

from dohyo.encoders.builtin import load
from dohyo.errors import UsageError
from dohyo.monitor.canaries.kept import read_kept
from dohyo.serve.canary import Pairs
from dohyo.serve.service import Service
from dohyo.serve.settings import Settings
from dohyo.serve.traffic import POPULATIONS, Pace
from dohyo.serve.watching import Plan, Watching

HOUR = timedelta(hours=1)
QUICK = {"every": 20.0, "learn": 2, "calibrate": 5, "beat_seconds": None, "policy": "notify"}


class Renamed:
    """The weights of one encoder under the name of another."""

    name = "shapes-world"

    def __init__(self, real):
        self.dimension, self.fingerprint = real.dimension, real.fingerprint
        self.encode_images, self.encode_texts = real.encode_images, real.encode_texts


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return Pairs(path=fill(tmp_path_factory.mktemp("canary") / "pairs"))


@pytest.fixture
def started(tmp_path):
    """Watch with an encoder for a moment, and return the alarms and what is kept of the canary."""

    def start(encoder, wait=0.0, **plan):
        service = Service(settings=Settings(state=tmp_path / "state"), encoder=encoder)
        try:
            watching = Watching(service, Plan(**plan))
            watching.start()
            for _ in range(100):
                if service.ledger.rows("SELECT 1 FROM alarms") or not wait:
                    break
                threading.Event().wait(wait / 100)
            watching.close()
            alarms = service.ledger.rows("SELECT watch, kind FROM alarms")
            return alarms, read_kept(service.ledger, alarms[0]["watch"] if alarms else "items")
        finally:
            service.abandon()

    return start


def test_a_service_with_another_encoder_tells_so_at_its_start_and_once(started, pairs):
    plan = {"pace": Pace(every=HOUR, least=20), "canary": pairs}
    plan["traffic"] = dict.fromkeys(POPULATIONS, QUICK)
    alarms, kept = started(load("shapes-world"), **plan)
    assert (alarms, kept.result["why"]) == ([], "same")
    other = Renamed(load("shapes-world-untrained"))
    alarms, kept = started(other, wait=20, **plan)
    assert alarms == [{"watch": "items", "kind": "encoder"}]
    assert kept.result["why"] == "fingerprint"
    assert len(started(other, **plan)[0]) == 1
    _, kept = started(other, **plan, anew=True)
    assert kept.result["encoder"] == [other.fingerprint] * 2


def test_a_service_without_an_encoder_says_so_before_it_listens(started, pairs, tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    with pytest.raises(UsageError, match="no encoder to check with a canary"):
        started(None, folder=folder, canary=pairs)
