"""A canary inside the service: its own encoder, at once after a start with another one."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.monitor.canaries.drawn import fill

from dohyo.cli.monitor.setting import WatchSetting
from dohyo.cli.options import Common
from dohyo.cli.watching import Watched
from dohyo.encoders.builtin import load
from dohyo.errors import UsageError
from dohyo.monitor.canaries.kept import read_kept
from dohyo.serve.canary import Pairs
from dohyo.serve.service import Service
from dohyo.serve.settings import Settings
from dohyo.serve.tapped import FIGURES
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


@pytest.fixture
def planned(tmp_path):
    """Return the plan that the command line makes of its options."""
    service = Service(settings=Settings(state=tmp_path / "state"))

    def plan(**options):
        watched, setting, common = Watched(**options), WatchSetting(), Common()
        assert watched.anything
        return watched.plan(setting, service, channels=(), common=common, pairs=None, store=None)

    yield plan
    service.abandon()


def test_the_recall_of_a_canary_is_a_figure_of_the_watch_that_has_it(planned, pairs, tmp_path):
    found = planned(watch=True, canary=pairs.path, canary_every="2d")
    assert found.canary == Pairs(path=pairs.path, every=timedelta(days=2))
    assert found.traffic["items"]["extra"] == (*FIGURES["items"], "canary_recall")
    assert found.traffic["queries"]["extra"] == FIGURES["queries"]
    alone = planned(watch_folder=tmp_path, canary=pairs.path)
    assert alone.batches["extra"] == ("canary_recall",)
    assert "canary_recall" not in planned(watch=True).traffic["items"]["extra"]


@pytest.mark.parametrize("options", [{"canary": Path("pairs")}, {"anew": True}])
def test_a_canary_without_a_watch_is_refused(planned, options):
    with pytest.raises(UsageError, match="there is none"):
        planned(**options)
