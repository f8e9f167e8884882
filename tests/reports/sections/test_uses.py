"""The chapter of tasks tells every figure of every task."""

from dataclasses import replace

import pytest

from dohyo.reports.page.tables import Table
from dohyo.reports.sections.section import Figure, Prose
from dohyo.reports.sections.uses import ELSEWHERE, uses
from dohyo.verification.tasks.registry import TASKS
from dohyo.words import LANGUAGES, Words


@pytest.fixture(scope="module")
def found(every_ending):
    return every_ending["correct"]


def tables(section):
    return [part for part in section.parts if isinstance(part, Table)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_every_task_has_a_name_and_a_row(found, language):
    words = Words(language)
    section = uses(found, words)
    every = found.decision.tasks.items()
    tasks = {n: task for n, task in every if task is not None and n not in ELSEWHERE}
    assert {"fairness", "diversity", "comparability"} <= set(tasks)
    for table, (name, task) in zip(tables(section), tasks.items(), strict=True):
        assert table.caption == words(f"uses.caption.{name}")
        assert [row[0].text for row in table.rows] == [words.name(each) for each in task.figures]
        for row, figure in zip(table.rows, task.figures, strict=True):
            assert row[0].text != figure
            assert len(row) == len(table.head) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_there_is_can_be_told(language):
    words = Words(language)
    for name in TASKS:
        assert words(f"table.task.{name}")
        if name not in ELSEWHERE:
            assert words(f"uses.caption.{name}")
            assert words(f"uses.reads.{name}")


def test_the_table_shows_the_corrected_p_and_says_so(found):
    task = found.decision.tasks["fairness"]
    tested = {name: replace(each, p=0.02, p_holm=0.5) for name, each in task.figures.items()}
    told = replace(
        found, decision=replace(found.decision, tasks={"fairness": replace(task, figures=tested)})
    )
    section = uses(told, Words())
    assert {row[-1].text for row in tables(section)[0].rows} == {"0.50"}
    assert section.parts[-1] == Prose(text=Words()("uses.p_corrected"), kind="small")
    plain = {name: replace(each, p_holm=None) for name, each in tested.items()}
    told = replace(
        found, decision=replace(found.decision, tasks={"fairness": replace(task, figures=plain)})
    )
    section = uses(told, Words())
    assert {row[-1].text for row in tables(section)[0].rows} == {"0.020"}
    assert section.parts[-1] == Prose(text=Words()("uses.p_plain"), kind="small")


def test_the_picture_of_scores_follows_its_table(found):
    section = uses(found, Words())
    (figure,) = (part for part in section.parts if isinstance(part, Figure))
    assert figure.name == "score_kinds"
    assert "chart" not in figure.text
    for width in ("wide", "narrow"):
        assert figure.draw(width).to_dict()["datasets"]


def test_an_untouched_corpus_has_no_after(every_ending):
    section = uses(every_ending["no_signal"], Words())
    for table in tables(section):
        assert len(table.head) == 3
    # Neighbours kept by nobody's correction say nothing.
    captions = [table.caption for table in tables(section)]
    assert Words()("uses.caption.neighbours") not in captions


def test_where_nothing_was_held_out_there_is_no_chapter(every_ending):
    found = every_ending["too_few"]
    assert uses(replace(found, decision=replace(found.decision, tasks={})), Words()) is None
