import re
from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.recipe import Recipe
from dohyo.decision.reason import Reason
from dohyo.decision.sweep import sweep
from dohyo.reports.charts.strength_path import strength_path
from dohyo.reports.series import strength_rows
from dohyo.reports.sweep_page import Swept, render_sweep, summary
from dohyo.words import LANGUAGES, Words
from worlds import paired

CORPUS = paired(np.random.default_rng(2), 60, 12)
SWEPT = Swept(created="2026-01-02T03:04:05+00:00", command="dohyo align <corpus>")


@pytest.fixture(scope="module")
def swept():
    return sweep(CORPUS, Recipe(method="center"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_fetches_nothing(swept, language):
    page = render_sweep(swept, CORPUS, Words(language), swept=SWEPT)
    assert f'lang="{language}"' in page
    assert page.count("<script") == 1  # ours, which copies tables
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert "dohyo align &lt;corpus&gt;" in page
    assert page.count("<svg") == 2  # one for a desk, one for a phone
    assert page == render_sweep(swept, CORPUS, Words(language), swept=SWEPT)


def test_the_picture_shows_every_strength_of_both_protocols_with_its_interval(swept):
    rows = strength_rows(swept, Words())
    assert len(rows) == 11 * 2 * 3
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    harm = [row for row in rows if row["figure"] == "harm" and row["strength"] == 1.0]
    for row in harm:
        last = swept.points[-1].scores[row["protocol"]]
        assert row["value"] == last.harm.value
    spec = str(strength_path(swept, Words()).to_dict())
    assert str(-swept.policy.recall_margin) in spec


def test_the_summary_names_what_passes_and_the_best_of_it(swept):
    best = max(swept.passing, key=swept.gain)
    assert f"{best.strength:g} gains most" in summary(swept, Words())
    failing = tuple(replace(point, why=(Reason("none_passes"),)) for point in swept.points)
    assert summary(replace(swept, points=failing), Words()) == Words()("sweep.none_passes")
