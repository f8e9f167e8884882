"""The page of a profile: the answer first, nothing fetched, nothing hidden."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.reports.conftest import HOSTILE
from tests.reports.test_html import outline

from dohyo.corpus import Corpus
from dohyo.measures.portrait import portray
from dohyo.measures.registry import MEASURES
from dohyo.reports import profile_charts as charts
from dohyo.reports.page.profile_answer import answer, shift_share, signal_of, size_of
from dohyo.reports.profile_page import Taken, render_profile
from dohyo.reports.profile_series import KINDS, by_kind, scale_end, scale_rows
from dohyo.reports.theme import svg
from dohyo.words import LANGUAGES, Words
from worlds import paired, strangers

TAKEN = Taken(created="2026-01-02T03:04:05+00:00", seed=0, effort="standard", command="<out>")
WORLDS = ("good", "control", "unpaired", "tiny")


def worlds() -> dict[str, Corpus]:
    rng = np.random.default_rng(1)
    good = paired(rng, 60, 16, gap=1.0, noise=0.3)
    pictures = rng.integers(0, 256, (60, 20, 30, 3)).astype(np.uint8)
    return {
        "good": replace(
            good, caption=tuple(f"{HOSTILE} {row}" for row in range(60)), picture=pictures
        ),
        "control": strangers(rng, 60, 16, gap=1.0),
        "unpaired": Corpus.from_arrays(good.image, good.text[:50], paired=False),
        "tiny": Corpus.from_arrays(good.image[:3], good.text[:3]),
    }


@pytest.fixture(scope="module")
def portraits():
    return {name: (portray(corpus), corpus) for name, corpus in worlds().items()}


@pytest.fixture(scope="module")
def pages(portraits):
    return {
        (name, language): render_profile(*found, Words(language), taken=TAKEN)
        for name, found in portraits.items()
        for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", WORLDS)
class TestEveryPage:
    def test_nothing_is_fetched_and_nothing_runs(self, pages, name, language):
        page = pages[name, language]
        read = outline(page)
        assert all(where.startswith(("#", "data:")) for where in read.fetched)
        assert [tag for tag, _ in read.tags].count("script") == 1
        addresses = re.findall(r"https?://[^\s\"'<>)]+", page)
        assert set(addresses) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}

    def test_it_is_well_formed_and_can_be_read_aloud(self, pages, name, language):
        read = outline(pages[name, language])
        assert not read.unbalanced
        assert not read.open
        assert len(read.ids) == len(set(read.ids))
        assert read.headings.count(1) == 1
        steps = zip(read.headings, read.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps)
        links = {where[1:] for where in read.fetched if where.startswith("#")}
        assert links <= set(read.ids)

    def test_no_placeholder_or_python_is_left(self, pages, name, language):
        text = re.sub(
            r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>",
            "",
            pages[name, language],
            flags=re.S,
        )
        assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b|Estimate\(|e[+-]\d\d", text)

    def test_every_measure_stands_there_with_its_reading(self, pages, portraits, name, language):
        page, words = pages[name, language], Words(language)
        profile = portraits[name][0].profile
        for measure in MEASURES:
            assert words.measure(measure).split("{")[0] in page or measure in profile.absent
        for measure in profile.estimates:
            assert words(f"measure.{measure}.reads").replace("'", "&#39;") in page


def test_the_control_is_told_at_a_glance(portraits, pages):
    words = Words()
    good, control = (portraits[name][0].profile for name in ("good", "control"))
    assert size_of(good) == size_of(control) == "large"
    assert (signal_of(good), signal_of(control)) == ("yes", "no")
    assert 'class="answer signal-no"' in pages["control", "en"]
    assert 'class="answer signal-yes"' in pages["good", "en"]
    assert words("profile.headline.large_no") in pages["control", "en"]
    assert words("profile.headline.large_yes") in pages["good", "en"]


def test_without_pairs_nobody_claims_to_know(portraits, pages):
    profile = portraits["unpaired"][0].profile
    assert signal_of(profile) == "unknown"
    assert 'class="answer signal-unknown"' in pages["unpaired", "en"]
    assert Words()("profile.caption.absent") in pages["unpaired", "en"]
    assert 'id="chart-components"' not in pages["unpaired", "en"]


def test_the_shift_is_the_centroid_part_of_the_frechet_distance(portraits):
    profile = portraits["good"][0].profile
    share = shift_share(profile)
    assert 0.0 < share <= 1.0
    no_frechet = {k: v for k, v in profile.estimates.items() if k != "frechet_distance"}
    assert shift_share(replace(profile, estimates=no_frechet)) is None


def test_the_answer_survives_the_loss_of_any_measure(portraits):
    profile = portraits["good"][0].profile
    for lost in profile.estimates:
        rest = {name: each for name, each in profile.estimates.items() if name != lost}
        assert answer(replace(profile, estimates=rest), Words()).headline
    assert answer(replace(profile, estimates={}), Words()).size == "unknown"


def test_captions_and_thumbnails_stand_at_the_ends_and_cannot_speak_html(pages):
    page = pages["good", "en"]
    assert page.count("<script") == 1  # ours, which copies tables
    assert "&lt;script&gt;" in page
    images = [a for tag, a in outline(page).tags if tag == "img"]
    assert images
    assert all(a["src"].startswith("data:image/png;base64,") for a in images)


def test_every_measure_belongs_to_one_kind_of_the_page():
    names = by_kind(MEASURES)
    assert sorted(name for own in names.values() for name in own) == sorted(MEASURES)
    assert set(names) <= set(KINDS)


def test_the_common_scale_runs_from_no_gap_to_the_largest(portraits):
    profile, words = portraits["good"][0].profile, Words()
    rows = {row["label"]: row for row in scale_rows(profile, words)}
    for name, estimate in profile.estimates.items():
        end, start = scale_end(name), profile.references[name]
        if end is None:
            assert words.measure(name) not in rows
            continue
        row = rows[words.measure(name)]
        where = (estimate.value - start) / (end - start)
        assert row["value"] == pytest.approx(min(max(where, 0), 1))
        assert row["low"] <= row["high"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "limit"), [("wide", 936), ("narrow", 343)])
def test_charts_fit_their_column_and_say_what_they_are(portraits, language, width, limit):
    found, words = portraits["good"][0], Words(language)
    drawn = (
        charts.common_scale(found.profile, words, width=width),
        charts.component_map(found.components, words, width=width),
        charts.spectra(found.spectrum, words, width=width),
        charts.cluster_curve(found.clusters, words, width=width),
        charts.score_densities(found.scores, words, width=width),
    )
    for chart in map(svg, drawn):
        assert float(re.search(r'viewBox="0 0 ([\d.]+)', chart)[1]) <= limit
        assert re.search(r'^<svg [^>]*role="img" aria-label="[^"]{20,}"', chart)


def test_the_same_portrait_makes_the_same_page(portraits, pages):
    assert render_profile(*portraits["good"], Words("ja"), taken=TAKEN) == pages["good", "ja"]
