"""The page of one map: what it shows, and that a phone can show it."""

import html
import re
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.reports.test_browser import CHROMIUM, PHONE, WRAPPER, browse

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.maps.inspection import inspection
from dohyo.reports.map_answer import Written, say, size
from dohyo.reports.map_page import render_map
from dohyo.words import LANGUAGES, Words
from worlds import paired

WORLD = paired(np.random.default_rng(0), 60, 16, gap=1.0)
WRITTEN = Written(
    name="<b>map</b>", bytes=12_345, date=datetime(2026, 1, 2, tzinfo=UTC), dohyo_version="9.9.9"
)


def page_of(method, language="en", **parameters):
    fitted = fit_map(method, Evidence.of(WORLD), parameters)
    return render_map(fitted, inspection(fitted), WRITTEN, Words(language))


@pytest.mark.parametrize(
    ("method", "parameters", "charts"),
    [
        ("none", {}, set()),
        ("calibrate", {}, {"offsets"}),
        ("center", {}, {"moves"}),
        ("whiten", {"calibrate": 1.0}, {"moves", "scaling", "offsets"}),
        ("displacement", {}, {"moves", "scaling"}),
    ],
)
def test_it_draws_what_there_is_to_draw(method, parameters, charts):
    page = page_of(method, **parameters)
    assert set(re.findall(r'id="chart-(\w+)"', page)) == charts
    assert ('href="#pictures"' in page) == bool(charts)
    assert "&lt;b&gt;map&lt;/b&gt;" in page
    assert "<b>map</b>" not in page


def test_the_offset_is_told_as_it_is():
    fitted = fit_map("whiten", Evidence.of(WORLD), {"calibrate": 1.0})
    said = " ".join(
        sentence
        for each in say(fitted, inspection(fitted), WRITTEN, Words("en"))
        for sentence in each.sentences
    ).replace("\N{MINUS SIGN}", "-")
    image, text = fitted.offset
    assert f"every text gains {image:+.3f}" in said
    assert f"every picture gains {text:+.3f}" in said
    assert f"level with a picture at {0.25 + image:.3f}" in said
    assert "Roles matter" in said
    assert "12.3 kB" in said


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (4_200_000, "4.2 MB")]
)
def test_sizes_are_written_in_a_fitting_unit(count, shown):
    assert size(count) == shown


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_shows_the_page_without_scrolling_sideways(tmp_path, language):
    page = page_of("whiten", language, calibrate=1.0, hubs=0.5)
    dom, told = browse(WRAPPER.format(width=PHONE, page=html.escape(page)), tmp_path)
    title = re.search(r"<title>width (\d+) pictures (\d+) least (\d+)</title>", dom)
    assert title, dom[:200]
    width, pictures, least = map(int, title.groups())
    assert width <= PHONE
    assert pictures == len(re.findall('<div class="narrow"', page))
    assert least >= 11  # pixels: a line of the smallest writing in a picture
    assert "CONSOLE" not in told, told
