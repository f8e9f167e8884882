"""The pages without a browser: what is escaped, what is refused, where a login leads."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

import dohyo
from dohyo.corrections.map import load_map
from dohyo.dashboard.pages import dashboard
from dohyo.dashboard.paper import VIEWS
from dohyo.dashboard.views.value import costs_from, examples
from dohyo.encoders.builtin import load
from dohyo.errors import UsageError
from dohyo.io.read import read
from dohyo.rollout.proposals import MONITOR
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Wanted
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


@pytest.fixture
def other(shop, client):
    """Another map in the library; its identity."""
    return client.service.library.add(dohyo.align(read(shop.corpus), "center", calibrate=1.0))


def test_an_approver_activates_a_map_and_returns_to_the_one_before(client, other):
    service, first = client.service, client.service.rollout.map

    def press(**form):
        return client.post("/en/rollout", data=form)

    assert 'value="back"' not in client.get("/en/rollout").text  # there was none before
    press(action="apply", stage="shadow")
    for wrong in ({"map": "0" * 16}, {"map": "../x"}, {"map": other, "strength": "0"}, {}):
        assert press(action="activate", **wrong).status_code in (404, 422)
    assert press(action="activate", map=other, strength="many").status_code == 422
    assert service.rollout.map == first
    done = press(action="activate", map=other, strength="0.5", why="newer")
    assert done.headers["location"] == "/en/rollout?done=activate"
    assert (service.rollout.map, service.rollout.strength) == (other, 0.5)
    assert service.rollout.stage == "off"
    page = client.get("/ja/rollout").text
    assert f"、マップ {first}、強さ 1" in page
    assert press(action="back", why="worse").headers["location"].endswith("done=back")
    assert (service.rollout.map, service.rollout.stage) == (first, "shadow")
    assert service.ledger.history(1)[0]["action"] == "went_back"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 403)])
def test_who_may_not_activate_sees_no_button_and_is_refused(client, other, role, status):
    head = {"authorization": f"Bearer {client.service.tokens.make(role, role)}"}
    page = client.get("/en/rollout", headers=head).text
    assert other in page
    assert 'value="activate"' not in page
    for action in ("activate", "back"):
        said = client.post("/en/rollout", data={"action": action, "map": other}, headers=head)
        assert said.status_code == status
    assert client.service.rollout.map != other


def test_approvals_so_far_are_told_and_what_was_put_off_stands_apart(client):
    service = client.service
    anna, bert = Caller("anna", "approver"), Caller("bert", "approver")
    assert "One approver is enough" in client.get("/en/rollout").text
    service.rollouts.set_four_eyes(True, anna, "")
    propose = service.proposals.propose
    number = propose(service.collection, Wanted(stage="shadow"), MONITOR, "why", alarm=7)
    page = client.get("/en/rollout").text
    assert "Four eyes:" in page
    assert "0 of 2 have approved" in page
    assert "/en/monitor#alarm-7" in page
    service.proposals.decide(number, anna, "I agree", approve=True)
    page = client.get("/en/rollout").text
    assert "1 of 2 have approved</strong> · anna" in page
    assert "I agree" in page
    assert 'id="put-off"' not in page
    service.proposals.snooze(number, datetime.now(UTC) + timedelta(days=1), bert)
    page = client.get("/en/rollout").text
    assert page.index("Nothing waits.") < page.index('id="put-off"') < page.index("1 of 2 have")
    assert "comes back on" in page
    said = client.post("/en/rollout", data={"action": "approve", "number": str(number)})
    assert said.headers["location"].endswith("done=approve")
    assert service.rollout.stage == "shadow"


def test_a_first_approval_is_not_told_as_the_last(client):
    client.service.rollouts.set_four_eyes(True, Caller("anna", "approver"), "")
    wanted = Wanted(stage="shadow")
    number = client.service.proposals.propose(client.service.collection, wanted, MONITOR, "why")
    said = client.post("/en/rollout", data={"action": "approve", "number": str(number)})
    assert said.headers["location"].endswith("done=approve_first")
    assert client.service.rollout.stage == "off"
    assert client.post("/en/rollout", data={"action": "dance"}).status_code == 422


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


@pytest.fixture
def asking(shop, tmp_path):
    """A service that encodes, asked on its page Compare: `asking(lang, q=…)`."""
    service = Service(
        settings=Settings(state=tmp_path / "asking"),
        indexed=Indexed(collection="shapes"),
        opening=open_store(shop.store),
        encoder=load("shapes-world"),
    )
    service.start_with(load_map(shop.map))
    with TestClient(
        application(service, dashboard(None, shop.pictures)), base_url="http://127.0.0.1"
    ) as client:
        yield lambda lang, **asked: client.get(f"/{lang}/compare", params=asked).text


def test_a_list_of_one_kind_is_explained_and_some_of_each_can_be_asked_for(asking):
    asked = {"q": "a red star", "strength": "0.1"}
    page = asking("en", **asked)
    assert "There is no picture among these 10. Here the correction works at less" in page
    assert 'href="?q=a+red+star&amp;strength=0.1&amp;each=3"' in page.replace("%20", "+")
    for lang, counts in (
        ("en", "{} pictures and {} texts."),
        ("ja", "画像 {} 件、テキスト {} 件。"),
    ):
        for each in (3, 5):
            page = asking(lang, **asked, each=str(each))
            assert page.count(counts.format(each, 10 - each)) == 2  # both lists, one question
            assert f'<option value="{each}" selected>' in page
            assert "data-each" not in page
            assert f"each={each}" in page.partition("hreflang")[0]  # the other language's link
    for wrong in ("11", "-3", "x", "0.5"):
        assert '<option value="0" selected>' in asking("en", **asked, each=wrong)


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


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "Four eyes asked for<",
                "Changed shapes: shadow → canary, 25 % of the keys, 10 % of the searches inter",
                "Map activated for shapes: shadow → off, map {other}, strength 0.5<",
                "Proposed for shapes: on, 10 % of",
            ],
        ),
        (
            "ja",
            [
                "2 名承認の有効化<",
                "段階の変更：shapes（シャドー → カナリア、リクエストキーの 25 %、検索の 10 % を",
                "マップの有効化：shapes（シャドー → 停止中、マップ {other}、強さ 0.5）",
                "申請：shapes（全面展開、",
            ],
        ),
    ],
)
def test_the_log_says_what_changed_and_nothing_that_did_not(client, other, lang, lines):
    me, service = Caller("me", "approver"), client.service
    first = service.rollout.map
    for wanted in (
        Wanted(stage="shadow"),
        Wanted(map=other, strength=0.5),
        Wanted(map=first, strength=1.0, stage="shadow"),
        Wanted(stage="canary", percent=25, interleave=0.1),
    ):
        action = "activated" if wanted.map == other else "rollout"
        service.rollouts.change(service.collection, wanted, me, "", action=action)
    service.proposals.propose(service.collection, Wanted(stage="on", interleave=0.1), me, "")
    service.rollouts.set_four_eyes(True, me, "")
    assert "Proposal 1: on</h3>" in client.get("/en/rollout").text
    page = client.get(f"/{lang}/rollout").text
    for line in lines:
        assert line.format(other=other) in page
