"""The chapter on value: an account, its assumptions beside it, and no money where none is shown."""

from dataclasses import replace

import pytest
from tests.value.ledger import LIKELY, changes, costs

from dohyo.reports.charts.net_value import net_value_chart
from dohyo.reports.charts.tornado import MOST, tornado_chart, tornado_rows
from dohyo.reports.page.tables import Table
from dohyo.reports.page.value_words import value_sentence, value_tile
from dohyo.reports.sections.section import Figure
from dohyo.reports.sections.value import value as section
from dohyo.reports.theme import svg
from dohyo.value.value import value_of_changes
from dohyo.words import LANGUAGES, Words

RANGES = {"hourly_cost": (20.0, 30.0, 50.0), "mixed_share": (0.1, 0.3, 0.5)}


def worth(verdict="correct", found=0.2, **changed):
    return value_of_changes(changes(found), costs(**RANGES, **changed), verdict, seed=0)


def parts(findings, told, language="en"):
    made = section(replace(findings, value=told), Words(language))
    return list(made.parts)


def test_without_costs_there_is_no_chapter(every_ending):
    assert section(every_ending["correct"], Words()) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_assumption_stands_beside_the_result(every_ending, language):
    made = parts(every_ending["correct"], worth(), language)
    results, assumptions = [each for each in made if isinstance(each, Table)]
    assert len(assumptions.rows) == len(LIKELY)
    assert len(results.rows) >= 8
    assert [each.name for each in made if isinstance(each, Figure)] == ["net_value", "tornado"]


@pytest.mark.parametrize("verdict", ["do_not_correct", "insufficient_data"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_corrected_no_money_is_shown(every_ending, verdict, language):
    told, words = worth(verdict), Words(language)
    made = parts(every_ending["correct"], told, language)
    assert [each for each in made if isinstance(each, Figure)] == []
    assert "$" not in value_sentence(told, words) + value_tile(told, words).value
    assert value_tile(told, words).value == words("value.tile.none")
    results = next(each for each in made if isinstance(each, Table))
    assert len(results.rows) == 1  # the break-even alone


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "told",
    [worth(), worth(found=0.0), worth(found=None), worth("do_not_correct"), worth(found=-0.3)],
    ids=lambda told: told.standing,
)
def test_every_standing_has_a_sentence_and_a_tile(told, language):
    words = Words(language)
    assert value_sentence(told, words).endswith(("。", "."))
    tile = value_tile(told, words)
    assert tile.note
    assert bool(tile.interval) == told.shown


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_draw_and_speak(width, language):
    told, words = worth(), Words(language)
    for drawn in (
        tornado_chart(told.worth.bars, "USD", words, width=width),
        net_value_chart(told.worth, "USD", words, width=width),
    ):
        assert 'role="img"' in svg(drawn)


def test_the_tornado_always_shows_what_was_measured():
    told = value_of_changes(changes(error=1e-6), costs(**RANGES), "correct", seed=0)
    label = Words()("costs.name.found")
    assert [bar.name for bar in told.worth.bars].index("found") > MOST
    spec = tornado_chart(told.worth.bars, "USD", Words()).to_dict()
    assert label in str(spec)
    rows = tornado_rows(told.worth.bars, "USD", Words())
    assert len(rows) == 2 * len(told.worth.bars)
    assert rows[0]["value"] == pytest.approx(told.worth.bars[0].at_low, rel=1e-3)
