"""A small shop of shapes world, and the service with its pages as a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import lancedb
import pytest

import dohyo
from dohyo.demo import build
from dohyo.demo.shapes_world import corpus_of
from dohyo.demo.shop import Shop, stock
from dohyo.encoders.builtin import load
from watched import watched


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    encoder = load("shapes-world")
    world = build(encoder, pictures=120, seed=3)
    corpus = corpus_of(world, encoder.fingerprint)
    shop = Shop(folder)
    dohyo.align(corpus, "gaussian_ot", calibrate=1.0).save(shop.map)
    stock(shop, lancedb, world, corpus)
    return shop


class Running:
    """A service in a process of its own."""

    def __init__(self, shop, state, *options):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        given = [shop.map, "--store", shop.store, "--pictures", shop.pictures, "--state", state]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "dohyo", "serve", *map(str, given)),
                *("--port", str(self.port), *map(str, options)),
            ],
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/v1/health", timeout=5):
                return
            assert self.process.poll() is None
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def serving():
    """Start a service of one's own: `serving(shop, state, *options)`."""
    return Running


@pytest.fixture(scope="session")
def site(shop, tmp_path_factory):
    """Pages that need no token, the corpus worked out, an alarm told."""
    state = tmp_path_factory.mktemp("state")
    running = Running(shop, state, "--report", shop.corpus)
    watched(state).close()
    yield running
    running.stop()


@pytest.fixture
def guarded(shop, tmp_path):
    """Pages behind tokens, without a corpus; `tokens` by role."""
    from dohyo.rollout.ledger import Ledger
    from dohyo.serve.tokens import Tokens

    ledger = Ledger(tmp_path / "state" / "service.sqlite")
    tokens = {role: Tokens(ledger).make(role, role) for role in ("viewer", "operator", "approver")}
    ledger.close()
    bare = tmp_path / "bare"
    shutil.copytree(shop.map, bare / "map")
    running = Running(BareShop(bare, shop), tmp_path / "state")
    running.tokens = tokens
    yield running
    running.stop()


class BareShop:
    """The same database and pictures, with a map that no corpus lies beside."""

    def __init__(self, folder, shop):
        self.map, self.store, self.pictures = folder / "map", shop.store, shop.pictures
