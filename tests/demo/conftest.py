"""The demo's corpus, built once: drawing and embedding it takes seconds."""

import pytest

from dohyo.demo import ShapesWorld, build
from dohyo.encoders.builtin import load


@pytest.fixture(scope="session")
def world() -> ShapesWorld:
    return build(load("shapes-world"))


@pytest.fixture(scope="session")
def untrained_world() -> ShapesWorld:
    return build(load("shapes-world-untrained"))
