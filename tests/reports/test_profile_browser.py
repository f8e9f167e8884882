"""The pages of profiles in a real browser, where there is one."""

import html
import re

import numpy as np
import pytest
from tests.reports.test_browser import CHROMIUM, PHONE, WRAPPER, browse

from dohyo.measures.difference import differences
from dohyo.measures.portrait import portray
from dohyo.reports.compare_page import render_comparison
from dohyo.reports.profile_page import Taken, render_profile
from dohyo.words import LANGUAGES, Words
from worlds import paired, strangers

TAKEN = Taken(created="2026-01-02T03:04:05+00:00", seed=0, effort="standard")


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(1)
    corpora = (paired(rng, 60, 16, gap=1.0, noise=0.3), strangers(rng, 60, 16, gap=1.0))
    return [(portray(corpus), corpus) for corpus in corpora]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["profile", "compare"])
def test_a_phone_shows_the_page_without_scrolling_sideways(worlds, tmp_path, kind, language):
    words = Words(language)
    if kind == "profile":
        page = render_profile(*worlds[0], words, taken=TAKEN)
    else:
        profiles = [portrait.profile for portrait, _ in worlds]
        named = list(zip(("an-encoder-with-a-rather-long-name", "b"), profiles, strict=True))
        page = render_comparison(named, differences(profiles), words)
    dom, told = browse(WRAPPER.format(width=PHONE, page=html.escape(page)), tmp_path)
    title = re.search(r"<title>width (\d+) pictures (\d+) least (\d+)</title>", dom)
    assert title, dom[:200]
    width, pictures, least = map(int, title.groups())
    assert width <= PHONE
    assert pictures == len(re.findall('<div class="narrow"', page))
    assert least >= 11  # pixels: a line of the smallest writing in a picture
    assert "CONSOLE" not in told, told
