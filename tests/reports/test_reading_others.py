"""The pages of profiles, comparisons, maps and sweeps for everybody."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.reports.test_compare_page import render_comparison
from tests.reports.test_map_page import page_of
from tests.reports.test_sweep_page import SWEPT, render_sweep

from browsing import chromium, needs_chromium, opened
from dohyo.corrections.recipe import Recipe
from dohyo.decision.sweep import sweep
from dohyo.measures.difference import differences
from dohyo.measures.portrait import portray
from dohyo.reports.profile_page import Taken, render_profile
from dohyo.words import LANGUAGES, Words
from worlds import paired, strangers

pytestmark = needs_chromium
TAKEN = Taken(created="2026-01-02T03:04:05+00:00", seed=0, effort="standard")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages():
    rng = np.random.default_rng(1)
    corpora = (paired(rng, 60, 16, gap=1.0, noise=0.3), strangers(rng, 60, 16, gap=1.0))
    portraits = [portray(corpus) for corpus in corpora]
    profiles = [portrait.profile for portrait in portraits]
    swept = sweep(corpora[0], Recipe(method="center"))
    made = {}
    for language in LANGUAGES:
        words = Words(language)
        named = list(zip(("one", "other"), profiles, strict=True))
        made |= {
            ("profile", language): render_profile(portraits[0], corpora[0], words, taken=TAKEN),
            ("compare", language): render_comparison(named, differences(profiles), words),
            ("sweep", language): render_sweep(swept, corpora[0], words, swept=SWEPT),
            ("map", language): page_of("displacement", language, calibrate=1.0),
        }
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["profile", "compare", "sweep", "map"])
def test_axe_finds_nothing(browser, pages, tmp_path, kind, language, scheme):
    with opened(browser, pages[kind, language], tmp_path, scheme=scheme) as (page, heard):
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert not heard
