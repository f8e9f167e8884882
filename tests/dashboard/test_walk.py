"""A real browser walks every page in both languages."""

import time
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe

import dohyo
from browsing import chromium, needs_chromium
from dohyo.corrections.maps.library import Library
from dohyo.io.read import read
from shots import keep

pytestmark = [needs_chromium, pytest.mark.timeout(600)]
VIEWS = ("overview", "gap", "correct", "compare", "value", "rollout", "monitor", "health")


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@contextmanager
def visit(browser, site, path, *, width=1100, scheme="light"):
    """Open a page; what it complained of or fetched elsewhere fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        extra_http_headers={"accept-language": "en"},
    )
    page = context.new_page()
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda sent: (
            None if sent.url.startswith((site.url, "data:", "blob:")) else heard.append(sent.url)
        ),
    )
    page.goto(site.url + path)
    page.wait_for_selector("[data-study]", state="detached", timeout=400_000)
    try:
        yield page
        assert heard == []
    finally:
        context.close()


def until(true):
    """Wait; the pages' policy keeps Playwright from evaluating strings in them."""
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (375, "dark")])
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_and_nothing_is_fetched_elsewhere(
    browser, site, view, lang, width, scheme
):
    asked = "?q=a+red+star" if view == "compare" else ""
    with visit(browser, site, f"/{lang}/{view}{asked}", width=width, scheme=scheme) as page:
        keep(page, f"{view}_{lang}_{width}_{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_attribute("html", "lang") == lang
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        link = page.get_attribute(f'a[hreflang="{"ja" if lang == "en" else "en"}"]', "href")
        assert f"/{view}{asked}" in link


def test_the_slider_moves_the_figures(browser, site):
    with visit(browser, site, "/en/correct") as page:
        shown = '[data-figure="gain_unseen_query"]'
        full = page.text_content(shown)
        page.focus("#strength")
        for _ in range(10):
            page.keyboard.press("ArrowLeft")
        assert page.text_content("#strength-shown") == "0"
        assert page.text_content(shown) != full
        page.keyboard.press("End")
        assert page.text_content(shown) == full


def test_a_dropped_picture_finds_its_captions(browser, site, shop):
    with visit(browser, site, "/en/compare") as page:
        page.set_input_files("#file", shop.pictures / "0001.png")
        page.wait_for_selector("#lists .list")
        before, after = page.query_selector_all("#lists .list")
        assert not before.query_selector_all("li.text")
        assert after.query_selector_all("li.text")
        assert after.query_selector("li.fresh")
        first = before.query_selector("img")
        until(lambda: page.evaluate("document.querySelector('#lists img').naturalWidth > 0"))
        assert first is not None
        with (shop.pictures / "0002.png").open("rb") as file:
            held = list(file.read())
        page.evaluate(
            """bytes => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], "x.png", {type: "image/png"}));
                const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true});
                document.getElementById("drop").dispatchEvent(drop);
            }""",
            held,
        )
        until(lambda: "image-0002" in page.inner_html("#lists"))


def test_a_sentence_and_the_strength_change_the_lists_and_the_address(browser, site):
    with visit(browser, site, "/en/compare") as page:
        page.fill("#q", "a huge striped yellow star over a pink square on the grass")
        page.keyboard.press("Enter")
        page.wait_for_selector("#lists .list")
        scores = "#lists .list:nth-child(2) .score"
        full = page.text_content(scores)
        page.focus("#s")
        page.keyboard.press("Home")
        until(lambda: page.text_content(scores) != full)
        assert "strength=0" in page.url
        page.reload()
        assert page.query_selector_all("#lists .list")


def test_points_of_the_map_can_be_walked_on_by_keys(browser, site):
    with visit(browser, site, "/en/gap") as page:
        page.focus("#plane")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#point img")
        assert "picture" in page.text_content("#point")
        whole = page.get_attribute("#plane", "viewBox")
        page.keyboard.press("+")
        assert page.get_attribute("#plane", "viewBox") != whole
        page.keyboard.press("0")
        assert page.get_attribute("#plane", "viewBox") == whole
        page.click('[data-plane="after"]')
        assert page.get_attribute('[data-plane="after"]', "aria-pressed") == "true"
        assert page.get_attribute("#plane", "viewBox") != whole


def test_a_link_leads_to_the_map_the_point_and_the_strength_that_were_looked_at(browser, site):
    with visit(browser, site, "/en/gap") as page:
        page.click('[data-plane="after"]')
        page.focus("#plane")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#point img")
        told = page.text_content("#point")
        link = page.url
        assert page.get_attribute("header a[hreflang]", "href").endswith("?plane=after&point=2")
    with visit(browser, site, link.removeprefix(site.url)) as page:
        page.wait_for_selector("#point img")
        assert page.text_content("#point") == told
        assert page.get_attribute('[data-plane="after"]', "aria-pressed") == "true"
    with visit(browser, site, "/en/correct?strength=0.3") as page:
        assert page.text_content("#strength-shown") == "0.3"
        page.focus("#strength")
        page.keyboard.press("ArrowLeft")
        assert page.url.endswith("/en/correct?strength=0.2")
        page.click("header a[hreflang]")
        page.wait_for_url("**/ja/correct?strength=0.2")
        until(lambda: page.text_content("#strength-shown") == "0.2")
        page.goto(f"{site.url}/en/gap?plane=x&point=9999")
        assert "No point" in page.text_content("#point")


def test_some_of_each_kind_are_shown_where_one_kind_was_alone(browser, site):
    with visit(browser, site, "/en/compare?q=a+red+star&strength=0.1") as page:
        assert not page.query_selector_all("#lists .list:nth-child(2) li.image")
        page.click("#lists [data-each]")
        until(lambda: len(page.query_selector_all("#lists .list:nth-child(2) li.image")) == 3)
        assert page.input_value("#each") == "3"
        assert "each=3" in page.url
        page.select_option("#each", "5")
        until(lambda: len(page.query_selector_all("#lists .list:nth-child(2) li.image")) == 5)
        page.reload()
        assert page.input_value("#each") == "5"
        assert len(page.query_selector_all("#lists .list:nth-child(2) li.image")) == 5


@pytest.mark.parametrize("view", VIEWS)
def test_the_keyboard_reaches_every_control_the_link_to_the_content_first(browser, site, view):
    with visit(browser, site, f"/en/{view}") as page:
        page.evaluate(
            """() => [...document.querySelectorAll(
                "a[href], button, input, select, textarea, summary, [tabindex='0']"
            )].filter(each => each.checkVisibility() && !each.disabled && each.type !== "hidden")
                .forEach((each, n) => { each.dataset.n = n; })"""
        )
        wanted = page.evaluate("document.querySelectorAll('[data-n]').length")
        reached = []
        for _ in range(wanted):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.dataset.n"))
        assert reached == [str(n) for n in range(wanted)]
        page.focus(".skip")
        assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_costs_change_the_value_and_stay_in_the_address(browser, site):
    with visit(browser, site, "/en/value") as page:
        before = page.text_content("main")
        page.fill("#hourly_cost", "90, 100, 110")
        page.click("form button")
        assert "hourly_cost=90" in page.url
        assert page.text_content("main") != before
        page.fill("#hourly_cost", "many")
        page.click("form button")
        assert "hourly_cost is no number" in page.text_content('[role="alert"]')


def test_operator_proposes_approver_approves_and_one_button_returns_to_raw(browser, guarded):
    with visit(browser, guarded, "/en/rollout") as page:
        assert "/login" in page.url
        keep(page, "login")
        assert Axe().run(page).violations_count == 0
        page.fill("#token", guarded.tokens["operator"])
        page.click("main form button")
        assert page.url.endswith("/en/rollout")
        page.select_option("#stage", "canary")
        page.fill("#percent", "25")
        page.fill("#why", "<script>alert(1)</script> it is time")
        assert page.query_selector('button[value="apply"]') is None
        page.click('button[value="propose"]')
        assert "it is time" in page.text_content(".proposal")
        assert page.query_selector('button[value="approve"]') is None
        page.click("header button")
        page.fill("#token", guarded.tokens["approver"])
        page.click("main form button")
        page.goto(guarded.url + "/ja/rollout")
        keep(page, "proposal")
        page.click('button[value="approve"]')
        assert "25" in page.text_content('[aria-current="step"]')
        page.click("button.stop")
        assert "補正前の結果に戻しました" in page.text_content('[role="status"]')
        assert page.get_attribute("button.stop", "disabled") is not None
        log = page.text_content("#log ~ table")
        assert "operator" in log
        assert "approver" in log


def test_an_approver_activates_a_map_and_brings_the_one_before_back(
    browser, serving, shop, tmp_path
):
    library = Library(tmp_path / "state" / "maps")
    other = library.add(dohyo.align(read(shop.corpus), "center", calibrate=1.0))
    running = serving(shop, tmp_path / "state")
    try:
        with visit(browser, running, "/en/rollout") as page:
            first = page.text_content("tr:has(small) code")
            assert page.query_selector('button[value="back"]') is None
            page.fill(f"#strength-{other}", "0.5")
            page.fill(f"#because-{other}", "newer")
            page.keyboard.press("Enter")
            assert "begins at off" in page.text_content('[role="status"]')
            assert page.text_content("tr:has(small) code") == other
            assert page.input_value(f"#strength-{other}") == "0.5"
            keep(page, "two_maps")
            assert Axe().run(page).violations_count == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= 1100
            page.set_viewport_size({"width": 375, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= 375
            page.click('button[value="back"]')
            assert page.text_content("tr:has(small) code") == first
            assert "newer" in page.text_content("#log ~ table")
    finally:
        running.stop()


def test_empty_states_say_what_to_do(browser, guarded):
    with visit(browser, guarded, "/en/overview") as page:
        page.fill("#token", guarded.tokens["viewer"])
        page.click("main form button")
        for view in ("overview", "gap", "correct", "value"):
            page.goto(f"{guarded.url}/en/{view}")
            assert "--report corpus.npz" in page.text_content(".empty")
            assert Axe().run(page).violations_count == 0
        page.goto(f"{guarded.url}/en/rollout")
        assert page.query_selector("button.stop") is None
