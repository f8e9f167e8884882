"""Strangers stay out, and every answer carries what protects a browser."""

import time

import pytest

from dohyo.rollout.ledger import Ledger
from dohyo.serve.settings import Limits
from dohyo.serve.tokens import Tokens

BODY = {"vectors": [[1.0] * 16], "modality": "image"}


def bearer(token):
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def guarded(made):
    client = made()
    tokens = client.service.tokens
    client.tokens = {role: tokens.make(role, role) for role in ("viewer", "operator", "approver")}
    return client


def test_without_a_token_only_health_answers(guarded):
    assert guarded.get("/v1/health").status_code == 200
    for path in ("/v1/ready", "/v1/maps", "/metrics", "/v1/audit", "/v1/openapi.json", "/nowhere"):
        said = guarded.get(path)
        assert said.status_code == 401, path
        assert said.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("wrong", ["", "viewer", "viewer.", "viewer.x", "nobody.x", "a.b.c"])
def test_wrong_tokens_open_nothing(guarded, wrong):
    assert guarded.get("/v1/maps", headers=bearer(wrong)).status_code == 401


def test_revoked_and_expired_tokens_open_nothing_from_the_next_request_on(guarded):
    tokens = guarded.service.tokens
    assert guarded.get("/v1/maps", headers=bearer(guarded.tokens["viewer"])).status_code == 200
    tokens.revoke("viewer")
    assert guarded.get("/v1/maps", headers=bearer(guarded.tokens["viewer"])).status_code == 401
    short = tokens.make("short", "viewer", days=0.2 / 86_400)
    time.sleep(0.3)
    assert guarded.get("/v1/maps", headers=bearer(short)).status_code == 401


def test_a_token_made_by_another_process_works_at_once(guarded):
    other = Ledger(guarded.service.settings.state / "service.sqlite")
    made = Tokens(other).make("late", "viewer")
    assert guarded.get("/v1/maps", headers=bearer(made)).status_code == 200
    Tokens(other).revoke("late")
    assert guarded.get("/v1/maps", headers=bearer(made)).status_code == 401
    other.close()


def test_no_token_can_be_read_from_the_state(guarded):
    secret = guarded.tokens["approver"].partition(".")[2].encode()
    for file in guarded.service.settings.state.rglob("*"):
        if file.is_file():
            assert secret not in file.read_bytes()


def test_each_role_may_do_what_it_says(guarded):
    def status(role, method, path, body):
        return guarded.request(
            method, path, json=body, headers=bearer(guarded.tokens[role])
        ).status_code

    on = {"stage": "on"}
    assert status("viewer", "POST", "/v1/transform", BODY) == 200
    assert status("viewer", "POST", "/v1/rollout/proposals", on) == 403
    assert status("operator", "PUT", "/v1/rollout", on) == 403
    assert status("operator", "POST", "/v1/rollout/proposals", on) == 201
    assert status("operator", "POST", "/v1/rollout/proposals/1/approve", {}) == 403
    assert status("approver", "POST", "/v1/rollout/proposals/1/approve", {}) == 200
    assert guarded.service.rollout.stage == "on"
    assert status("viewer", "POST", "/v1/maps/rollback", {}) == 403
    assert status("operator", "POST", "/v1/maps/rollback", {"to": "previous"}) == 403
    assert status("operator", "POST", "/v1/maps/rollback", {}) == 200
    assert guarded.service.rollout.stage == "off"


@pytest.mark.parametrize(
    "head",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://[bad"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_other_sites_may_not_change_anything(client, head):
    said = client.post("/v1/transform", json=BODY, headers=head)
    assert (said.status_code, said.json()["error"]["code"]) == (403, "origin")
    allowed = {"origin": "http://127.0.0.1"}
    assert client.post("/v1/transform", json=BODY, headers=allowed).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::", "a b"])
def test_a_name_that_was_bound_to_this_address_is_refused(client, host):
    said = client.get("/v1/health", headers={"host": host})
    assert said.status_code == 421


@pytest.mark.parametrize(
    "path",
    [
        "/v1/maps/../../etc/passwd",
        "/v1/maps/%2e%2e%2fstate/activate",
        "/static/../../pyproject.toml",
    ],
)
def test_path_tricks_find_nothing(client, path):
    assert client.get(path).status_code in (404, 405, 422)


def test_every_answer_protects_the_browser(client):
    for path in ("/v1/health", "/nowhere", "/v1/maps"):
        head = client.get(path).headers
        assert head["x-content-type-options"] == "nosniff"
        assert head["x-frame-options"] == "DENY"
        assert "default-src 'none'" in head["content-security-policy"]
        assert head["cache-control"] == "no-store"
        assert "server" not in head


def test_a_request_id_is_kept_if_it_is_one(client):
    kept = client.get("/v1/health", headers={"x-request-id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    made = client.get("/v1/health", headers={"x-request-id": "a b\tc"})
    assert made.headers["x-request-id"] != "a b\tc"


def test_bodies_beyond_the_limit_and_compressed_ones_are_refused(made):
    client = made(limits=Limits(body=1_000))
    said = client.post("/v1/transform", content=b"x" * 1_001)
    assert (said.status_code, said.json()["error"]["code"]) == (413, "too_large")

    def parts():
        for _ in range(20):
            yield b"x" * 100

    said = client.post(
        "/v1/transform", content=parts(), headers={"content-type": "application/json"}
    )
    assert said.status_code == 413
    said = client.post("/v1/transform", json=BODY, headers={"content-encoding": "gzip"})
    assert said.status_code == 415


def test_who_asks_too_often_is_told_when_to_come_back(made):
    client = made(limits=Limits(per_second=2, burst=3))
    codes = [client.get("/v1/health") for _ in range(4)]
    assert [each.status_code for each in codes] == [200, 200, 200, 429]
    assert codes[-1].headers["retry-after"] == "1"
    time.sleep(0.6)
    assert client.get("/v1/health").status_code == 200


def test_one_token_that_asks_too_often_for_transforms_holds_up_no_other(made):
    client = made(limits=Limits(per_second=0.5, burst=2))
    tokens = {name: client.service.tokens.make(name, "viewer") for name in ("busy", "calm")}

    def ask(name):
        return client.post("/v1/transform", json=BODY, headers=bearer(tokens[name]))

    said = [ask("busy") for _ in range(3)]
    assert [each.status_code for each in said] == [200, 200, 429]
    assert said[-1].json()["error"]["code"] == "rate"
    assert 1 <= int(said[-1].headers["retry-after"]) <= 2
    assert ask("calm").status_code == 200
    assert ask("busy").status_code == 429


def test_methods_and_addresses_that_are_not_there(client):
    assert client.get("/v1/transform").json()["error"]["code"] == "method"
    assert client.get("/v1/nothing").json()["error"]["code"] == "not_found"
