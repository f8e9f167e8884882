"""The page of several profiles: all of them, on one page, with what is real."""

import re

import numpy as np
import pytest
from tests.reports.test_html import outline

from dohyo.measures.difference import differences, number_of_tests
from dohyo.measures.profile import measure
from dohyo.reports.compare_page import render_comparison
from dohyo.reports.page.digits import figure
from dohyo.words import LANGUAGES, Words
from worlds import paired, strangers


@pytest.fixture(scope="module")
def profiles():
    rng = np.random.default_rng(1)
    good = paired(rng, 60, 16, gap=1.0, noise=0.3)
    unpaired = type(good).from_arrays(good.image, good.text[:50], paired=False)
    worlds = {"good <b>": good, "control": strangers(rng, 60, 16, gap=1.0), "unpaired": unpaired}
    return [(name, measure(corpus)) for name, corpus in worlds.items()]


@pytest.fixture(scope="module", params=LANGUAGES)
def told(request, profiles):
    found = differences([profile for _, profile in profiles])
    words = Words(request.param)
    return render_comparison(profiles, found, words), words, found


def test_it_is_well_formed_and_fetches_nothing(told):
    read = outline(told[0])
    assert not read.unbalanced
    assert not read.open
    assert len(read.ids) == len(set(read.ids))
    assert read.headings.count(1) == 1
    assert all(where.startswith(("#", "data:")) for where in read.fetched)
    assert "good <b>" not in told[0]
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>", "", told[0], flags=re.S)
    assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b|Estimate\(|e[+-]\d\d", text)


def test_every_profile_and_figure_is_there(told, profiles):
    page, words, _ = told
    for letter, (_, profile) in zip("ABC", profiles, strict=True):
        assert f'<span class="letter">{letter}</span>' in page
        for name, estimate in profile.estimates.items():
            assert words.measure(name) in page
            assert figure(estimate) in page
    for standing in ("yes", "no", "unknown"):
        assert f'class="tile signal-{standing}"' in page


def test_the_number_of_tests_is_stated(told):
    page, words, found = told
    real = [each for each in found if each.adjusted is not None and each.adjusted <= 0.05]
    assert words("compare.tested", tests=number_of_tests(found), real=len(real)) in page
    assert words("compare.approximate") in page
    assert any(each.measure == "pairing_signal" for each in real)
