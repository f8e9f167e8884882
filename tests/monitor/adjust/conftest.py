"""A state in which the data has changed and a map is in service."""

import pytest

import dohyo
from adjusting import World, pairs, short_proof, spoiling


@pytest.fixture(scope="session")
def centred():
    """A map of the old data that removes the gap; it still helps when images move a little."""
    return dohyo.align(pairs(60, seed=1), "center", calibrate=1.0)


@pytest.fixture(scope="session")
def spoilt():
    return spoiling()


@pytest.fixture
def world(tmp_path):
    """Make worlds: `world(map_=…, moved=…)`."""
    made = []

    def make(**given):
        made.append(World(tmp_path / "state", **given))
        return made[-1]

    yield make
    for each in made:
        each.ledger.close()


@pytest.fixture
def short(monkeypatch):
    """Let the proof be a short one."""
    monkeypatch.setattr("dohyo.monitor.adjust.case.write_proof", short_proof)
