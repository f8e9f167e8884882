"""The page of the watches: what it tells, what its buttons do, who may press them."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.testclient import TestClient

import dohyo
from dohyo.corpus import Corpus
from dohyo.dashboard.pages import dashboard
from dohyo.dashboard.views.monitor import _seasons
from dohyo.serve.app import application
from dohyo.serve.service import Service
from dohyo.serve.settings import Settings
from dohyo.words import Words
from dohyo.words.words import sentences
from watched import HOSTILE, watched


def test_everything_that_the_log_can_hold_has_words():
    """The page of the log looks each action up: one without words would take the page down."""
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(dohyo.__file__).parent.rglob("*.py")
    )
    found = set(re.findall(r'action="([a-z_]+)"', source))
    found |= set(re.findall(r'audit\(\s*\w+,\s*"([a-z_]+)"', source))
    assert {"went_back", "learn_anew", "approved_first"} <= found
    known = sentences("ja")
    assert [name for name in sorted(found) if f"dashboard.action.{name}" not in known] == []


def test_learned_seasons_are_a_table_of_weekdays_or_of_extremes():
    words = Words("ja")
    effects = {
        "gap_size": {"Mon": 0.5, "Tue": -0.25, "Sat": -0.25},
        "image_direction_2": {"Mon": 0.1, "Tue": -0.1},
    }
    table = _seasons(_learned(effects), words)
    assert table["head"] == ["月", "火", "土"]
    assert table["rows"][0] == ("ギャップの大きさ", ["+0.5", "−0.25", "−0.25"])
    assert table["rows"][1][1] == ["+0.1", "−0.1", "–"]
    hours = {"gap_size": {f"{hour:02d}": float(hour) for hour in range(24)}}
    table = _seasons(_learned(hours), Words("en"))
    assert table["head"] == ["Highest", "Lowest"]
    assert table["rows"] == [("size of the gap", ["23: +23", "00: +0"])]
    assert _seasons(_learned({}), words) is None


def _learned(effects):
    return SimpleNamespace(monitor=lambda: SimpleNamespace(effects=lambda: effects))


@pytest.fixture(scope="module")
def fitted():
    meaning = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)
    return dohyo.align(Corpus.from_arrays(meaning + 2, meaning - 2), "center", calibrate=1.0)


@pytest.fixture
def opened(tmp_path, fitted):
    """Open the pages over a state: `opened(fill=True, tokens=False)`."""
    entered = []

    def make(*, fill=True, guarded=False):
        service = Service(settings=Settings(state=tmp_path, needs_token=guarded))
        service.start_with(fitted)
        if fill:
            watched(tmp_path).close()
        app = application(service, dashboard(None, None))
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        client.__enter__()
        client.service = service
        entered.append(client)
        return client

    yield make
    for client in entered:
        client.__exit__(None, None, None)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_without_a_watch_the_page_says_how_to_begin_one(opened, lang):
    said = opened(fill=False).get(f"/{lang}/monitor")
    assert said.status_code == 200
    assert "--watch-folder" in said.text


def test_an_alarm_is_told_with_its_change_its_examples_and_its_proposal(opened):
    page = opened().get("/en/monitor").text
    for told in ("Alarm 1: the data has changed", "Open alarms: 1", "Source phone is new"):
        assert told in page
    assert page.count("data:image/png") >= 2  # a new item and an old one beside it
    assert "Proposal 1" in page
    assert "Mixed nDCG@10" in page
    assert "webhook alerts.example" in page
    assert 'id="chart-evidence-0"' in page
    assert 'id="chart-live-0"' in page
    for name, n in (("refused", 1), ("twice", 1), ("late", 0)):
        assert f"<dt>{name}</dt><dd>{n}</dd>" in page


def test_strangers_words_are_escaped(opened):
    page = opened().get("/ja/monitor").text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>Really</b>" not in page


def test_a_report_comes_by_its_number_alone_and_runs_no_script_but_ours(opened):
    client = opened()
    said = client.get("/en/monitor/report/1")
    assert "The proof" in said.text
    policy = said.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src 'sha256-")
    assert "allow-same-origin" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    for other in ("2", "0", "-1", "1.5", "..%2F..%2Fservice.sqlite", "x", "9" * 40):
        assert client.get(f"/en/monitor/report/{other}").status_code in (404, 422)


def test_buttons_put_off_approve_and_return(opened):
    client = opened()
    service = client.service

    def press(**form):
        return client.post("/en/monitor", data=form)

    put_off = press(action="snooze", number="1", until="week")
    assert put_off.headers["location"] == "/en/monitor?done=snooze"
    assert "put off until" in client.get("/en/monitor?done=snooze").text
    approved = press(action="approve", number="1", why="seen")
    assert approved.headers["location"].endswith("done=approve")
    assert (service.rollout.stage, service.rollout.percent) == ("canary", 25.0)
    assert 'value="back"' not in client.get("/en/monitor").text  # it is the same map as before
    assert press(action="back").status_code == 409
    assert press(action="raw").status_code == 303
    assert press(action="close", number="1", why="dealt with").status_code == 303
    page = client.get("/en/monitor").text
    assert "There is no open alarm" in page
    assert "Alarm 1" in page  # among the closed ones
    actions = [row["action"] for row in service.ledger.history(10)]
    assert actions[:4] == ["alarm_closed", "rolled_back", "rollout", "approved"]


def test_a_rejection_needs_a_reason_and_wrong_wishes_are_told_on_the_page(opened):
    client = opened()
    for form in (
        {"action": "reject", "number": "1"},
        {"action": "snooze", "number": "1", "until": "never"},
        {"action": "approve", "number": "77"},
        {"action": "approve", "number": "9" * 400},
        {"action": "close", "number": "5"},
        {"action": "dance"},
    ):
        said = client.post("/en/monitor", data=form)
        assert said.status_code in (404, 422)
        assert 'class="said" role="status"' in said.text
    assert client.service.proposals.one(1)["state"] == "open"


def test_each_role_sees_its_buttons_and_may_press_no_others(opened):
    client = opened(guarded=True)
    sees = {"viewer": set(), "operator": {"snooze", "close"}}
    sees["approver"] = sees["operator"] | {"approve", "reject"}
    for role, buttons in sees.items():
        head = {"authorization": f"Bearer {client.service.tokens.make(role, role)}"}
        page = client.get("/en/monitor", headers=head).text
        assert {name for name in sees["approver"] if f'value="{name}"' in page} == buttons
        for action in sees["approver"] - buttons:
            form = {"action": action, "number": "1", "why": "x", "until": "day"}
            assert client.post("/en/monitor", data=form, headers=head).status_code == 403
    assert client.get("/en/monitor/report/1").status_code == 401
