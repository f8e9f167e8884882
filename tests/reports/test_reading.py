"""The page for everybody: a screen reader, a phone, the dark, a printer, a spreadsheet."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import chromium, needs_chromium, opened
from dohyo.reports.html import render
from dohyo.words import LANGUAGES, Words

pytestmark = needs_chromium
ENDINGS = ("correct", "no_signal", "unpaired")
PHONE = 375


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(every_ending, facts):
    return {
        (ending, language): render(every_ending[ending], Words(language), facts=facts)
        for ending in ENDINGS
        for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (1100, "dark"), (PHONE, "light")])
def test_axe_finds_nothing(browser, pages, tmp_path, ending, language, width, scheme):
    with opened(browser, pages[ending, language], tmp_path, width=width, scheme=scheme) as (
        page,
        heard,
    ):
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not heard


def test_a_table_is_copied_as_a_spreadsheet_takes_it(browser, pages, tmp_path):
    with opened(browser, pages["correct", "en"], tmp_path) as (page, heard):
        table = page.locator("table").first
        page.locator("button.copy").first.click()
        page.get_by_text(Words()("page.copied")).wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        rows = [line.split("\t") for line in copied.split("\n")]
        assert len({len(row) for row in rows}) == 1
        assert len(rows) == table.locator("tr").count()
        assert rows[0] == table.locator("thead th").all_inner_texts()
        assert not heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_printing_leaves_out_what_paper_cannot_do(browser, pages, tmp_path, language):
    with opened(browser, pages["correct", language], tmp_path, scheme="dark") as (page, _):
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert not page.locator("button.copy").first.is_visible()
        # Dark pages would drink the ink: paper is white whatever the screen is.
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.pdf(format="A4").startswith(b"%PDF")
