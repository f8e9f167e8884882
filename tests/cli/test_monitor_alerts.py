"""`dohyo monitor watch --webhook`: an alarm reaches its receiver from the command line."""

import json
import os

import pytest
from tests.monitor.alerts.receiver import SECRET, receiving

from dohyo.monitor import verify_signature


@pytest.fixture
def asked(tmp_path):
    """The command for a folder with three broken batches, which are an alarm together."""
    folder = tmp_path / "batches"
    folder.mkdir()
    for day in (1, 2, 3):
        file = folder / f"2026-01-0{day}.npz"
        file.write_bytes(b"a caption that nobody else may read")
        os.utime(file, (1_000, 1_000))
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    secret = ("--webhook-secret-file", tmp_path / "secret")
    return "monitor", "watch", folder, "--once", "--policy", "notify", *secret


def test_an_alarm_is_told_once_signed_and_without_what_a_file_holds(asked, dohyo):
    with receiving() as receiver:
        for _ in range(2):
            said = dohyo(*asked, "--webhook", receiver.url)
            assert said.code == 0, said.err
    ((head, body),) = receiver.got
    assert verify_signature(SECRET, head["Dohyo-Signature"], body)
    told = json.loads(body)
    assert (told["event"], told["kind"], told["watch"]) == ("alarm", "refused", "batches")
    assert told["detail"] == {"batches": 3, "latest": "2026-01-03.npz"}
    assert b"caption" not in body


def test_trouble_is_said_without_the_secret_and_the_address(asked, dohyo):
    with receiving() as receiver:
        receiver.status = 503
        said = dohyo(*asked, "--webhook", f"{receiver.url}/very-secret")
    assert said.code == 0
    assert "did not accept a message: HTTP 503. It is tried again." in said.err
    assert "very-secret" not in said.out + said.err
    assert SECRET.decode() not in said.out + said.err
    waiting = json.loads(dohyo("monitor", "status", "--json").out)
    assert (waiting["unsent_messages"], waiting["given_up_messages"]) == (1, 0)
