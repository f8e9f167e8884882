"""The pictures of segments and stress show what was found, on a page and on a phone."""

import re
from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.recipe import Recipe
from dohyo.decision.decide import judge
from dohyo.decision.policy import Policy
from dohyo.decision.stress import stress as stressed
from dohyo.reports.charts.segments import segments
from dohyo.reports.charts.stress import stress
from dohyo.reports.segment_series import LONGEST, MOST_DRAWN, called, drawn, segment_rows
from dohyo.reports.stress_series import stress_rows
from dohyo.reports.theme import svg
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import LANGUAGES, Words
from worlds import paired

WORDS = Words()
CENTER = Recipe(method="center")
POLICY = Policy()


@pytest.fixture(scope="module")
def found():
    corpus = replace(
        paired(np.random.default_rng(2), 240, 12, noise=0.3),
        source=tuple(
            f"shop {place % 20:02} with a name that goes on and on" for place in range(240)
        ),
    )
    return judge(corpus, CENTER).segments


@pytest.fixture(scope="module")
def trials():
    return stressed(paired(np.random.default_rng(1), 60, 8), CENTER)


def datasets(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data]


def test_of_many_segments_those_served_worst_are_drawn(found):
    assert len(found.segments) == 23
    shown = drawn(found, POLICY)
    assert len(shown) == MOST_DRAWN
    assert found.worst.segment in shown
    few = replace(found, segments=found.segments[:5])
    assert drawn(few, POLICY) == few.segments


def test_every_change_drawn_is_the_one_found(found):
    rows = segment_rows(found, POLICY, WORDS)
    assert len(rows) == MOST_DRAWN * len(PROTOCOLS)
    for row in rows:
        segment = drawn(found, POLICY)[row["line"]]
        change = segment.figures[row["protocol"]]["recall_at_1"].change.estimate()
        assert (row["value"], row["low"], row["high"]) == (change.value, change.low, change.high)
    drawn_rows = datasets(segments(found, POLICY, WORDS))
    assert all(any(row.items() <= each.items() for each in drawn_rows) for row in rows)
    for protocol in PROTOCOLS:
        assert {"at": found.whole[protocol]["recall_at_1"]} in drawn_rows


def test_the_worst_is_marked_and_nothing_else_where_none_is_harmed(found):
    assert not found.harmed
    mark = WORDS("chart.segments.worst")
    (marked,) = [r for r in segment_rows(found, POLICY, WORDS) if r["standing"] == mark]
    assert marked["protocol"] == found.worst.protocol
    assert drawn(found, POLICY)[marked["line"]] is found.worst.segment


def test_a_long_name_is_cut_in_the_picture_only(found):
    row = segment_rows(found, POLICY, WORDS)[0]
    name = called(drawn(found, POLICY)[0], WORDS)
    if len(name) > LONGEST:
        assert len(row["label"]) == LONGEST
        assert name.startswith(row["label"][:-1])


def test_every_trial_is_drawn_with_both_changes(trials):
    rows = stress_rows(trials, WORDS)
    judged = [t for t in (trials.unstressed, *trials.trials) if t.gain]
    assert len(rows) == len(judged) * 2 * len(PROTOCOLS)
    for row in rows:
        trial = (trials.unstressed, *trials.trials)[row["line"]]
        change = getattr(trial, row["figure"])[row["protocol"]]
        assert (row["value"], row["low"], row["high"]) == (change.value, change.low, change.high)
        holds = row["standing"] == WORDS("chart.stress.holds")
        assert holds == (trial.verdict == "correct")
    drawn_rows = datasets(stress(trials, POLICY, WORDS))
    assert all(any(row.items() <= each.items() for each in drawn_rows) for row in rows)
    assert {"at": -POLICY.recall_margin} in drawn_rows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "limit"), [("wide", 936), ("narrow", 343)])
def test_both_fit_their_column_and_say_what_they_are(found, trials, language, width, limit):
    words = Words(language)
    for chart in (
        segments(found, POLICY, words, width=width),
        stress(trials, POLICY, words, width=width),
    ):
        picture = svg(chart)
        assert float(re.search(r'viewBox="0 0 ([\d.]+)', picture)[1]) <= limit
        assert re.search(r'^<svg [^>]*role="img" aria-label="[^"]{20,}"', picture)
        assert not re.search(r'(fill|stroke)="(#|rgb)(?!000000)', picture.replace("#ddd", ""))
