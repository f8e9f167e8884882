"""The addresses of the monitor: how watches stand, what alarms say, who may close them."""

import pytest

from dohyo.rollout.ledger import Ledger
from watched import watched


@pytest.fixture
def told(made, tmp_path):
    """A service whose ledger holds a watch that has told of a change."""
    client = made()
    watched(tmp_path / "state").close()
    return client


def test_a_service_without_a_watch_says_so(client):
    assert client.get("/v1/monitor").json() == {"watches": [], "ended": False}
    assert client.get("/v1/monitor/alarms").json() == {"alarms": []}
    said = client.get("/v1/monitor/alarms/1")
    assert (said.status_code, said.json()["error"]["code"]) == (404, "no_alarm")


def test_a_watch_tells_phase_evidence_threshold_and_counts(told):
    (watch,) = told.get("/v1/monitor").json()["watches"]
    assert watch["name"] == "batches"
    assert watch["phase"] == "calibrating"  # after the alarm it learns anew what is usual
    assert watch["threshold"] == 30.0
    assert (watch["alarms"], watch["open_alarms"]) == (1, 1)
    assert (watch["counts"]["refused"], watch["counts"]["duplicate"]) == (1, 1)


def test_an_alarm_is_explained_in_the_asked_language_and_names_its_proposal(told):
    (row,) = told.get("/v1/monitor/alarms", params={"watch": "batches"}).json()["alarms"]
    assert "explained" not in row  # pictures belong to the one that is asked for
    whole = told.get(f"/v1/monitor/alarms/{row['number']}").json()
    assert any("Source phone is new" in each for each in whole["said"])
    assert whole["explained"]["examples"]
    assert whole["proposal"]["alarm"] == row["number"]
    japanese = told.get(f"/v1/monitor/alarms/{row['number']}", params={"lang": "ja"}).json()
    assert japanese["said"] != whole["said"]
    assert told.get("/v1/monitor/alarms", params={"watch": "other"}).json() == {"alarms": []}


def test_a_proposal_is_put_off_and_an_alarm_closed_with_an_audit(told):
    put_off = told.post("/v1/rollout/proposals/1/snooze", json={"days": 3, "why": "Monday"})
    assert put_off.json()["state"] == "snoozed"
    assert told.post("/v1/monitor/alarms/1/close", json={"why": "new camera"}).status_code == 200
    assert told.get("/v1/monitor").json()["watches"][0]["open_alarms"] == 0
    assert [row["action"] for row in told.service.ledger.history(2)] == ["alarm_closed", "snoozed"]
    assert told.post("/v1/monitor/alarms/9/close", json={}).status_code == 404
    assert told.post("/v1/rollout/proposals/1/snooze", json={"days": 4000}).status_code == 422


def test_a_viewer_may_look_and_change_nothing(told):
    head = {"authorization": f"Bearer {told.service.tokens.make('eye', 'viewer')}"}
    assert told.get("/v1/monitor/alarms/1", headers=head).status_code == 200
    for path in ("/v1/monitor/alarms/1/close", "/v1/rollout/proposals/1/snooze"):
        assert told.post(path, json={}, headers=head).status_code == 403
    assert told.get("/v1/monitor").status_code == 401


def test_metrics_tell_of_the_watches_too(told):
    text = told.get("/v1/metrics").text
    assert 'dohyo_monitor_evidence_threshold{watch="batches"} 30.0' in text
    assert 'dohyo_monitor_batches_total{watch="batches",outcome="refused"} 1' in text
    assert "dohyo_requests_total" in text


def test_what_another_process_counts_is_seen_at_once(told, tmp_path):
    ledger = Ledger(tmp_path / "state" / "service.sqlite")
    with ledger.change():
        ledger.rows("UPDATE alarms SET state = 'closed'")
    ledger.close()
    assert told.get("/v1/monitor").json()["watches"][0]["open_alarms"] == 0
