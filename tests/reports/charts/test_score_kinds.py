"""Distributions of scores, as they are drawn."""

import re

import pytest

from dohyo.reports.charts.score_kinds import score_kinds, score_rows
from dohyo.reports.theme import svg
from dohyo.words import LANGUAGES, Words

WORDS = Words()
EDGES = [0.0, 0.25, 0.5, 0.75, 1.0]
CURVE = {
    "edges": EDGES,
    "threshold": 0.9,
    "within_image": [0.0, 0.2, 0.8, 0.0],
    "within_text": [0.1, 0.2, 0.7, 0.0],
    "cross": [1.0, 0.0, 0.0, 0.0],
    "match": [0.0, 0.0, 0.5, 0.5],
}
CURVES = {"before": CURVE, "after": CURVE | {"threshold": 0.4}}


def drawn(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data]


def test_every_share_is_drawn_in_the_middle_of_its_bin():
    rows = score_rows(CURVE, WORDS)
    name = WORDS("chart.score_kinds.within_text")
    here = {row["score"]: row["share"] for row in rows if row["kind"] == name}
    assert here == {0.125: 0.1, 0.375: 0.2, 0.625: 0.7, 0.875: 0.0}
    chart = score_kinds(CURVES, WORDS)
    assert all(row in drawn(chart) for row in rows)


def test_a_line_ends_where_its_scores_do():
    rows = score_rows(CURVE, WORDS)
    name = WORDS("chart.score_kinds.cross")
    assert [row["score"] for row in rows if row["kind"] == name] == [0.125, 0.375]


def test_both_thresholds_are_drawn():
    marks = [row["at"] for row in drawn(score_kinds(CURVES, WORDS)) if "at" in row]
    assert set(marks) == {0.9, 0.4}


def test_without_a_correction_there_is_only_a_before():
    chart = score_kinds(CURVES, WORDS, touched=False)
    assert {row["at"] for row in drawn(chart) if "at" in row} == {0.9}


def test_without_pairs_no_match_is_drawn():
    curve = {name: part for name, part in CURVE.items() if name != "match"}
    chart = score_kinds({"before": curve, "after": curve}, WORDS)
    assert WORDS("chart.score_kinds.match") not in {row.get("kind") for row in drawn(chart)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("touched", [True, False])
@pytest.mark.parametrize(("width", "limit"), [("wide", 936), ("narrow", 343)])
def test_it_fits_its_column_and_says_what_it_is(language, touched, width, limit):
    picture = svg(score_kinds(CURVES, Words(language), touched=touched, width=width))
    assert float(re.search(r'viewBox="0 0 ([\d.]+)', picture)[1]) <= limit
    assert re.search(r'^<svg [^>]*role="img" aria-label="[^"]{20,}"', picture)
    assert not re.search(r'(fill|stroke)="(#|rgb)(?!000000)', picture.replace("#ddd", ""))
