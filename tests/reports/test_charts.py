"""What the charts show is what was found."""

import re

import numpy as np
import pytest

from dohyo.reports.charts.before_after import before_after
from dohyo.reports.charts.gap_map import gap_map
from dohyo.reports.charts.gap_profile import gap_profile
from dohyo.reports.charts.ladder import ladder
from dohyo.reports.charts.who_finds_whom import who_finds_whom
from dohyo.reports.findings import HEADLINE
from dohyo.reports.labels import placed, text_width
from dohyo.reports.series import (
    figure_rows,
    gap_rows,
    ladder_rows,
    pair_rows,
    rank_rows,
)
from dohyo.reports.theme import DARK, LIGHT, READABLE, svg
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import LANGUAGES, Words

WORDS = Words()


def datasets(chart) -> list[list[dict]]:
    return list(chart.to_dict()["datasets"].values())


def holds(chart, rows) -> bool:
    """Whether every row is drawn; labels may have been given a place on top."""
    drawn = [row for data in datasets(chart) for row in data]
    return all(any(row.items() <= each.items() for each in drawn) for row in rows)


@pytest.fixture(scope="module")
def found(every_ending):
    return every_ending["correct"]


def test_the_gap_map_holds_every_point_and_joins_every_pair(found):
    before, after = found.gap_map
    rows = gap_rows(before, WORDS)
    assert [row["kind"] for row in rows].count("picture") == len(before.image)
    np.testing.assert_allclose(
        [row["x"] for row in rows[: len(before.image)]], before.image[:, 0], atol=1e-4
    )
    pairs = pair_rows(before)
    assert len(pairs) == len(before.image) == len(before.text)
    np.testing.assert_allclose([p["x2"] for p in pairs], before.text[:, 0], atol=1e-4)
    chart = gap_map(before, after, WORDS)
    assert holds(chart, rows + pairs + gap_rows(after, WORDS))


def test_pairs_of_the_gap_map_are_true_pairs(found):
    before = found.gap_map[0]
    assert (before.image_row == before.text_row).all()  # this corpus pairs row by row


def test_the_ladder_shows_the_bounds_that_decide(found):
    decision = found.decision
    rows = ladder_rows(decision.candidates, decision.recipe, decision.policy, WORDS)
    assert len(rows) == len(decision.candidates) * len(PROTOCOLS)
    for candidate in decision.candidates:
        for protocol in PROTOCOLS:
            scores = candidate.scores[protocol]
            name = WORDS.short(candidate.recipe.label.replace("+calibrate", ""))
            row = next(r for r in rows if (r["method"], r["protocol"]) == (name, protocol))
            assert row["gain"] == scores.gain.value
            assert row["bottom"] == scores.gain.lower_bound(decision.policy.level)
            assert row["low"] == scores.harm.lower_bound(decision.policy.level)
            assert row["low"] <= row["harm"] <= row["high"]
            chosen = candidate.recipe == decision.recipe
            assert (row["standing"] == WORDS("standing.chosen")) == chosen
    chart = ladder(decision.candidates, decision.recipe, decision.policy, WORDS)
    assert holds(chart, rows)
    assert any(data == [{"at": -decision.policy.recall_margin}] for data in datasets(chart))


def test_who_finds_whom_shows_every_rank(found):
    compared = found.decision.protocols["unseen_corpus"]
    rows = rank_rows(compared, WORDS, touched=True)
    for kind, (before, after) in compared.cross_by_rank.items():
        for when, shares in (("before", before), ("after", after)):
            shown = [r for r in rows if r["kind"] == kind and r["when"] == WORDS(f"chart.{when}")]
            assert [r["share"] for r in shown] == shares
            assert [r["rank"] for r in shown] == list(range(1, len(shares) + 1))
    assert holds(who_finds_whom(compared, WORDS), rows)


def test_an_untouched_corpus_has_no_after(every_ending):
    compared = every_ending["no_signal"].decision.protocols["unseen_corpus"]
    after = WORDS("chart.after")
    assert after not in {r["when"] for r in rank_rows(compared, WORDS, touched=False)}
    assert after not in {r["when"] for r in figure_rows(compared, WORDS, touched=False)}


def test_the_main_figures_are_drawn_with_their_intervals(found):
    chart = before_after(found.decision.protocols, WORDS)
    for compared in found.decision.protocols.values():
        for metric in ("mixed_ndcg_at_10", "mixed_recall_at_10", "recall_at_1"):
            for when in ("before", "after"):
                figure = getattr(compared, when)[metric]
                row = {"label": WORDS.name(metric), "when": WORDS(f"chart.{when}")}
                ends = {"value": figure.value, "low": figure.low, "high": figure.high}
                assert holds(chart, [row | ends])


def test_the_profile_is_drawn_against_its_references(found):
    chart = gap_profile(found.before, found.after, WORDS)
    for name in HEADLINE:
        figure = found.before.estimates[name]
        label = WORDS.measure(name)
        assert holds(chart, [{"label": label, "when": "before", "value": figure.value}])
        wanted = {"label": label, "when": WORDS("chart.reference")}
        assert holds(chart, [wanted | {"value": found.before.references[name]}])


def every_chart(found, words, width):
    decision = found.decision
    yield gap_map(*found.gap_map, words, width=width)
    yield gap_profile(found.before, found.after, words, width=width)
    yield ladder(decision.candidates, decision.recipe, decision.policy, words, width=width)
    yield before_after(decision.protocols, words, width=width)
    yield who_finds_whom(decision.protocols["unseen_corpus"], words, width=width)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "limit"), [("wide", 936), ("narrow", 343)])
def test_charts_fit_their_column_and_say_what_they_are(found, language, width, limit):
    for chart in every_chart(found, Words(language), width):
        drawn = svg(chart)
        assert float(re.search(r'viewBox="0 0 ([\d.]+)', drawn)[1]) <= limit
        assert re.search(r'^<svg [^>]*role="img" aria-label="[^"]{20,}"', drawn)
        assert not re.search(r'(fill|stroke)="(#|rgb)(?!000000)', drawn.replace("#ddd", ""))


def test_labels_stay_inside_and_apart():
    row = {"method": "Gaussian optimal transport", "harm": 0.0, "low": -0.04, "high": 0.04}
    rows = [row | {"gain": g, "bottom": g - 0.01, "top": g + 0.01} for g in (0.5, 0.51, 0.9)]
    size = (265.0, 250.0)
    spots = placed(rows, ([-0.05, 0.05], [-0.05, 1.0]), size)
    across = [(spot["label_x"] + 0.05) / 0.1 * size[0] for spot in spots]
    up = [(spot["label_y"] + 0.05) / 1.05 * size[1] for spot in spots]
    half = text_width(row["method"]) / 2
    assert all(half - 1 <= x <= size[0] - half + 1 for x in across)
    assert min(abs(a - b) for i, a in enumerate(up) for b in up[:i]) > 11


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", READABLE)
def test_every_colour_of_text_reads_on_page_and_panel(palette, name):
    for under in ("page", "panel"):
        assert contrast(palette[name], palette[under]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.1)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
