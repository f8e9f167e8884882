"""What docs/alerts.md shows is what happens."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from tests.monitor.alerts.receiver import SECRET
from tests.monitor.alerts.rows import message

from dohyo.monitor.alerts.signature import sign
from dohyo.monitor.exposition import FAMILIES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
RECEIVER, VERIFY, TRIAL = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_receiver_gets_the_trial_and_believes_it(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    (tmp_path / "webhook-secret").write_text(SECRET.decode() + "\n")
    assert "9000" in RECEIVER
    assert "9000" in TRIAL
    receiver = subprocess.Popen(
        [sys.executable, "-u", "-c", RECEIVER.replace("9000", port)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _until_it_listens(int(port))
        asked = [sys.executable, "-c", TRIAL.replace("9000", port)]
        first, again = (
            subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        )
        got = json.loads(receiver.stdout.readline())
    finally:
        receiver.kill()
        receiver.communicate()
    assert first.strip() in PAGE
    assert "sent=0" in again
    assert (got["event"], got["kind"], got["watch"]) == ("alarm", "refused", "trial")


def _until_it_listens(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the receiver never listened")


def test_the_check_without_dohyo_agrees():
    found: dict = {}
    exec(VERIFY, found)
    verify, now = found["verify_signature"], int(time.time())
    header = sign("secret", b"body", now)
    assert verify("secret", header, b"body")
    assert not verify("secret", header, b"Body")
    assert not verify("other", header, b"body")
    assert not verify("secret", sign("secret", b"body", now - 301), b"body")
    assert not any(verify("secret", bad, b"body") for bad in ("", "t=", "x", f"t={now},v1="))


def test_the_body_is_the_one_that_is_shown():
    shown = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    real = message(17).body | {"delivery": "x"}
    assert shown.keys() == real.keys()
    assert shown["detail"].keys() == real["detail"].keys()
    assert shown["subject"] == real["subject"]
    assert real["text"].startswith(shown["text"].split(" …")[0])


@pytest.mark.parametrize("name", FAMILIES)
def test_every_metric_is_listed_with_what_it_says(name):
    assert f"| `{name}` | {FAMILIES[name][1]} |" in PAGE


def test_every_rule_is_listed_with_its_severity():
    rules = yaml.safe_load((ROOT / "packaging" / "prometheus-rules.yml").read_text())["groups"]
    for rule in (rule for group in rules for rule in group["rules"]):
        assert re.search(rf"\| `{rule['alert']}` \| .* \| {rule['labels']['severity']} \|", PAGE)
    assert PAGE.count("| `Dohyo") == len([r for g in rules for r in g["rules"]])
