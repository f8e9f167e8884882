"""The chapter on judged queries, and the first screen of a verdict that rests on them."""

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import LADDER
from dohyo.decision.guardrails import Scores
from dohyo.judgements import Judgements, QuerySet
from dohyo.reports.charts.ladder import ladder
from dohyo.reports.findings import Findings, investigate
from dohyo.reports.html import render
from dohyo.reports.page import answer, tables
from dohyo.reports.page.passages import passages
from dohyo.reports.sections.judged import judged
from dohyo.reports.theme import svg
from dohyo.words import Words
from worlds import paired, strangers

RNG = np.random.default_rng


def counterparts(rows: int) -> Judgements:
    names = [(f"image/{row}", f"text/{row}") for row in range(rows)]
    return Judgements.from_lists(
        [name for pair in names for name in pair],
        [name for pair in names for name in reversed(pair)],
        [1] * (2 * rows),
    )


@pytest.fixture(scope="module")
def endings() -> dict[str, Findings]:
    """Findings by how they end: judged from inside and outside, refused, undecided."""
    world = paired(RNG(2), 70, 16)
    alone = Corpus.from_arrays(world.image, world.text, paired=False)
    nothing = strangers(RNG(0), 70, 16, gap=1.0)
    index = Corpus.from_arrays(world.image, world.text[50:], paired=False)
    said = Judgements.from_lists(
        [*(f"text/{row}" for row in range(50)), "text/0"],
        [*(f"image/{row}" for row in range(50)), "image/9"],
        [*[1] * 50, 0],
        queries=QuerySet.from_arrays(texts=world.text[:50]),
    )
    given = {
        "inside": (world, counterparts(70)),
        "alone": (alone, counterparts(70)),
        "outside": (index, said),
        "no_signal": (nothing, counterparts(70)),
        "too_few": (world, counterparts(5)),
    }
    return {
        name: investigate(corpus, judgements=judgements, stress=False)
        for name, (corpus, judgements) in given.items()
    }


def test_the_endings_are_what_they_are_called(endings):
    verdicts = {name: each.decision.verdict for name, each in endings.items()}
    assert verdicts == {
        "inside": "correct",
        "alone": "correct",
        "outside": "correct",
        "no_signal": "do_not_correct",
        "too_few": "insufficient_data",
    }


@pytest.mark.parametrize(
    ("name", "language"), [("outside", "ja"), ("no_signal", "en"), ("too_few", "ja")]
)
def test_every_ending_makes_a_whole_page(endings, facts, name, language):
    words = Words(language)
    page = render(endings[name], words, facts=facts)
    assert (words("caption.judged") in page) == (name != "too_few")


def test_the_summary_promises_what_judged_queries_found(endings):
    told = answer.summary(endings["outside"], Words())
    assert "of their answers instead of" in told
    assert "nDCG@10" in told
    assert "pairs" not in told
    told = answer.summary(endings["no_signal"], Words())
    assert "no better than chance" in told
    assert "only 5 groups" in answer.summary(endings["too_few"], Words())


def test_the_tiles_are_of_judged_queries(endings):
    for name, last in (("outside", "tile.risk"), ("no_signal", "tile.judged_groups")):
        tiles = answer.tiles(endings[name], Words())
        assert len(tiles) == 4
        assert tiles[-1].label == Words()(last)
    assert answer.tiles(endings["too_few"], Words())[1].value == "5"


def test_the_chapter_tells_counts_kinds_and_what_nobody_judged(endings):
    section = judged(endings["outside"], Words())
    lead, whole, kinds, unjudged = section.parts
    assert "51 judgements of 50 queries" in lead.text
    assert "in no index" in lead.text
    assert [row[0].text for row in kinds.rows] == ["text queries"]
    assert len(whole.rows) == 5
    assert "nobody judged" in unjudged.text
    both = judged(endings["inside"], Words()).parts[2]
    assert [row[1].text for row in both.rows] == ["70", "70"]


def test_nothing_is_told_where_nothing_was_judged(every_ending):
    assert judged(every_ending["correct"], Words()) is None


def test_the_candidates_and_rules_are_of_judged_queries(endings):
    for name, harms in (("outside", 1), ("inside", 3)):
        table = tables.candidates_table(endings[name], Words())
        assert len(table.rows) == len(LADDER)
        assert len(table.head) == len(table.rows[0]) == 8
        rules = tables.guardrails_table(endings[name], Words())
        named = [row[0].text for row in rules.rows]
        assert sum("recall" in each or "R@1" in each for each in named) == harms
        assert {len(row) for row in rules.rows} == {3}


def test_the_refused_correction_is_told_by_judged_figures(endings):
    told = passages(endings["no_signal"], Words()).refused
    assert "judged nDCG@10" in told[0].replace("Judged", "judged")


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_ladder_is_of_judged_queries_alone(endings, width):
    decision = endings["inside"].decision
    assert all(isinstance(s, Scores) for c in decision.candidates for s in c.scores.values())
    drawn = svg(ladder(decision.candidates, decision.recipe, decision.policy, Words(), width=width))
    assert "judged recall@10" in drawn
    assert "Unseen corpus" not in drawn
