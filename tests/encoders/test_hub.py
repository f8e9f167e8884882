"""The model hub out of reach: known at once, and what is kept here is used."""

import socket
import time
from importlib import import_module

import pytest
from tests.encoders.conftest import torch_library

from dohyo.encoders import hub
from dohyo.encoders.load import load_encoder
from dohyo.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")


@pytest.fixture
def at(monkeypatch):
    """Put the hub at a port of this machine, no proxy between."""
    constants = import_module("huggingface_hub.constants")
    monkeypatch.setattr(hub, "getproxies", dict)

    def put(port: int):
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        return constants

    return put


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("open_clip:ViT-B-32/openai", "open_clip"),
        ("open_clip:hf-hub:nobody/nothing", "open_clip"),
        ("transformers:nobody/nothing", "transformers"),
        ("sentence-transformers:nobody/nothing", "sentence_transformers"),
    ],
)
def test_a_name_without_a_network_is_refused_within_seconds(at, name, module):
    torch_library(module)
    constants, began = at(9), time.monotonic()
    with pytest.raises(UsageError, match=r"cannot be downloaded\. .*folder of a saved model"):
        load_encoder(name)
    assert time.monotonic() - began < 5
    assert constants.HF_HUB_OFFLINE is False


def test_a_hub_that_answers_is_asked(at):
    pytest.importorskip("huggingface_hub")
    with socket.create_server(("127.0.0.1", 0)) as server:
        constants = at(server.getsockname()[1])
        with hub.kept_if_unreachable():
            assert constants.HF_HUB_OFFLINE is False


def test_a_proxy_is_not_passed_by(at, monkeypatch):
    pytest.importorskip("huggingface_hub")
    constants = at(9)
    monkeypatch.setattr(hub, "getproxies", lambda: {"http": "http://127.0.0.1:9"})
    with hub.kept_if_unreachable():
        assert constants.HF_HUB_OFFLINE is False


def test_a_network_that_swallows_everything_has_its_time(monkeypatch):
    monkeypatch.setattr(hub, "PATIENCE", 0.2)
    monkeypatch.setattr(hub.socket, "getaddrinfo", lambda *_: time.sleep(1) or [])
    began = time.monotonic()
    assert not hub._answers("nobody.invalid", 443)
    assert time.monotonic() - began < 0.8
