"""The whole story in a real browser: a change comes, is explained, answered by people, undone."""

import json
import shutil
import time
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import chromium, needs_chromium
from dohyo.corrections.map import load_map
from dohyo.demo.shop import Shop
from dohyo.demo.supply import supply
from dohyo.demo.traffic import Traffic, day, write_days
from dohyo.demo.visitors import visit
from dohyo.encoders.builtin import load
from dohyo.rollout.ledger import Ledger
from dohyo.serve.tokens import Tokens
from dohyo.stores.registry import open_store
from shots import keep

pytestmark = [needs_chromium, pytest.mark.timeout(600)]
PLAN = Traffic(pictures=30, after=20, seed=5)
DRIFTED = 5


@pytest.fixture(scope="module")
def encoder():
    return load("shapes-world")


@pytest.fixture
def story(shop, serving, encoder, tmp_path):
    """A shop of its own behind a service that watches a folder, and a person's tokens."""
    own = Shop(tmp_path / "shop")
    shutil.copytree(shop.folder, own.folder)
    days, state = tmp_path / "days", tmp_path / "state"
    ledger = Ledger(state / "service.sqlite")
    token = Tokens(ledger).make("Aiko", "approver")
    ledger.close()
    list(write_days(encoder, days, PLAN, PLAN.after))
    running = serving(
        *(own, state, "--watch-folder", days, "--watch-poll", "0.3s", "--no-watch-stress"),
        *("--false-alarm-every", "30d", "--learn", 6, "--calibrate", 12, "--reservoir", 60),
    )
    running.token, running.shop, running.days = token, own, days
    yield running
    running.stop()


def ask(story, path, body=None, method="GET"):
    request = urllib.request.Request(
        f"{story.url}{path}",
        None if body is None else json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {story.token}"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def cross(story, corpus):
    """Return the share of the other kind in the lists that drifted queries get."""
    return visit(story.url, corpus, searches=40, token=story.token).cross


def reload_until(page, true, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page.reload()
        if true():
            return
        time.sleep(0.5)
    raise AssertionError(page.text_content("main"))


def test_a_change_is_told_explained_answered_and_undone(story, encoder):
    ask(story, "/v1/rollout", {"stage": "on", "why": "proved"}, "PUT")
    old = ask(story, "/v1/rollout")["rollout"]["map"]
    with chromium() as browser:
        page = browser.new_page(extra_http_headers={"accept-language": "en"})
        heard = []
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(f"{story.url}/en/monitor")
        page.fill("#token", story.token)
        page.click("main form button")
        page.goto(f"{story.url}/en/monitor")
        reload_until(page, lambda: page.query_selector(".light [class='lamp correct on']"), 60)
        keep(page, "story_1_quiet")

        arrives(story, encoder)
        asked = day(encoder, PLAN, PLAN.after + 20)
        before = cross(story, asked)
        page.wait_for_selector(".news a", state="visible", timeout=60_000)
        page.click(".news a")
        reload_until(page, lambda: page.query_selector(".alarm"), 60)
        reload_until(page, lambda: page.query_selector(".alarm .proposal"), 300)
        keep(page, "story_2_alarm")
        pictures = page.query_selector_all(".examples .fresh img")
        assert pictures
        assert all(each.evaluate("img => img.naturalWidth > 0") for each in pictures)
        assert Axe().run(page).violations_count == 0

        page.click("text=Report: the proof of this proposal")
        keep(page, "story_3_report")
        assert page.query_selector("button.copy")  # its one script ran
        assert page.query_selector_all("svg")
        page.go_back()

        page.fill(".alarm .proposal input[name=why]", "The pictures are blurred now; it is right.")
        page.click("button[value=approve]")
        assert "Approved and carried out." in page.text_content('[role="status"]')
        keep(page, "story_4_approved")
        rollout = ask(story, "/v1/rollout")["rollout"]
        assert rollout["map"] != old
        assert (rollout["stage"], rollout["percent"]) == ("canary", 10.0)
        body = {"vectors": asked.image[:2].tolist(), "modality": "image"}
        assert ask(story, "/v1/transform", body, "POST")["map"] == rollout["map"]

        page.goto(f"{story.url}/en/rollout")
        page.select_option("#stage", "on")
        page.click('button[value="apply"]')
        after = cross(story, asked)
        assert after > before + 0.1

        page.goto(f"{story.url}/en/monitor")
        page.click("button[value=back]")
        assert "the map before" in page.text_content('[role="status"]')
        rollout = ask(story, "/v1/rollout")["rollout"]
        assert (rollout["map"], rollout["stage"]) == (old, "on")
        assert cross(story, asked) == pytest.approx(before)
        keep(page, "story_5_back")
        assert heard == []


def arrives(story, encoder):
    """Let the drifted days arrive: indexed as the shop does it, and dropped into the folder."""
    fitted = load_map(story.shop.map)
    with open_store(story.shop.store) as store:
        for number in range(PLAN.after, PLAN.after + DRIFTED):
            corpus = day(encoder, PLAN, number)
            supply(store, corpus, f"{number}", [fitted], story.shop.pictures)
    list(write_days(encoder, story.days, PLAN, DRIFTED, first=PLAN.after))
