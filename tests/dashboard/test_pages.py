"""The pages without a browser: what is escaped, what is refused, where a login leads."""

import pytest
from starlette.testclient import TestClient

from dohyo.corrections.map import load_map
from dohyo.dashboard.pages import dashboard
from dohyo.dashboard.paper import VIEWS
from dohyo.dashboard.views.value import costs_from, examples
from dohyo.errors import UsageError
from dohyo.serve.app import application
from dohyo.serve.service import Indexed, Service
from dohyo.serve.settings import Settings
from dohyo.stores.registry import open_store
from dohyo.words import Words


@pytest.fixture
def client(shop, tmp_path):
    service = Service(
        settings=Settings(state=tmp_path / "state"),
        indexed=Indexed(collection="shapes"),
        opening=open_store(shop.store),
    )
    service.start_with(load_map(shop.map))
    app = application(service, dashboard(None, shop.pictures))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        client.service = service
        yield client


def test_the_first_page_follows_the_browser(client):
    for asked, lang in (("ja,en;q=0.5", "ja"), ("en-GB", "en"), ("fr", "en")):
        said = client.get("/", headers={"accept-language": asked})
        assert said.headers["location"] == f"/{lang}/overview"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_page_is_there_without_a_corpus_and_runs_no_script_of_others(client, lang, view):
    said = client.get(f"/{lang}/{view}", params={"q": "<script>alert(1)</script>"})
    assert said.status_code == 200
    assert "<script>alert" not in said.text
    policy = said.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy


def test_a_hostile_reason_is_escaped_in_the_log(client):
    why = '"><img src=x onerror=alert(1)>'
    client.post("/en/rollout", data={"action": "apply", "stage": "shadow", "why": why})
    page = client.get("/en/rollout").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_forms_of_other_sites_are_refused(client):
    said = client.post(
        "/en/rollout", data={"action": "raw"}, headers={"origin": "https://evil.example"}
    )
    assert said.status_code == 403


def test_what_a_form_cannot_do_is_said_on_the_page(client):
    data = {"action": "apply", "stage": "canary", "percent": "0"}
    said = client.post("/en/rollout", data=data)
    assert said.status_code == 422
    assert "canary of 0" in said.text
    assert client.service.rollout.stage == "off"


def test_pictures_come_from_inside_the_folder_alone(client, shop, monkeypatch):
    said = client.get("/picture", params={"id": "image-0001"})
    assert said.headers["content-type"] == "image/jpeg"
    for key in ("text-0001", "nobody", "../0001.png", "5", "9" * 30):
        assert client.get("/picture", params={"id": key}).status_code == 404
    (shop.folder / "secret.png").write_bytes((shop.pictures / "0001.png").read_bytes())
    from dohyo.dashboard import thumbnails

    for path in ("../secret.png", str(shop.folder / "secret.png"), "a\0b", "missing.png"):
        with pytest.raises(Exception, match=r"no picture|no such file"):
            thumbnails._bytes_of({"path": path}, shop.pictures)


@pytest.mark.parametrize("name", ["../pages.py", "dashboard.css%00", "__init__.py", "x"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "leads"),
    [("/en/rollout", "/en/rollout"), ("//evil.example", "/"), ("https://evil.example", "/")],
)
def test_a_login_leads_to_pages_of_ours_alone(client, asked, leads):
    token = client.service.tokens.make("me", "viewer")
    said = client.post("/login", data={"token": token, "next": asked})
    assert said.headers["location"] == leads
    cookie = said.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    wrong = client.post("/login", data={"token": "me.x", "next": "/"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers


def test_costs_of_a_form_are_read_as_they_are_shown():
    shown = examples(Words("en"))
    costs = costs_from(shown)
    assert costs.amounts["hourly_cost"].likely == 40
    assert costs_from(shown | {"hourly_cost": "50"}).amounts["hourly_cost"].low == 50
    for wrong in ("", "x", "3, 2, 1", "1, 2", "nan"):
        with pytest.raises(UsageError):
            costs_from(shown | {"hourly_cost": wrong})


def test_a_corpus_that_cannot_be_read_is_told(shop, tmp_path):
    from dohyo.dashboard.study import Study

    study = Study(tmp_path / "missing.npz")
    study.begin()
    for _ in range(100):
        if study.standing == "failed":
            break
        import time

        time.sleep(0.05)
    assert study.standing == "failed"
    assert "missing.npz" in study.trouble
