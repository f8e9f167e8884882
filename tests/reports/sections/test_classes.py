"""The chapter on classes and clusters, and the first screen of a verdict that rests on them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING
from dohyo.decision.reason import Reason
from dohyo.reports.charts.cluster_composition import cluster_composition, composition_rows
from dohyo.reports.charts.reliability import reliability
from dohyo.reports.findings import Findings, investigate
from dohyo.reports.page import answer, tables
from dohyo.reports.page.passages import passages
from dohyo.reports.sections.classes import classes
from dohyo.reports.sections.section import Figure
from dohyo.reports.series import pair_rows
from dohyo.reports.theme import svg
from dohyo.words import LANGUAGES, Words
from worlds import classed, paired

WORDS = Words()


@pytest.fixture(scope="module")
def corrected() -> Findings:
    rng = np.random.default_rng(0)
    found = investigate(classed(rng, 200, gap=2.0, tilt=1.0, noise=1.0), stress=False)
    assert found.decision.verdict == "correct"
    return found


@pytest.fixture(scope="module")
def refused(corrected) -> Findings:
    corpus = corrected.corpus
    dealt = np.random.default_rng(1).permutation(corpus.label)
    found = investigate(replace(corpus, label=dealt), stress=False)
    assert found.decision.verdict == "do_not_correct"
    return found


@pytest.fixture(scope="module")
def pairs() -> Findings:
    return investigate(paired(np.random.default_rng(2), 60, 16, noise=0.3), stress=False)


def figures(section) -> dict[str, Figure]:
    return {part.name: part for part in section.parts if isinstance(part, Figure)}


def test_the_chapter_holds_both_pictures_and_the_tables(corrected):
    section = classes(corrected, WORDS)
    assert list(figures(section)) == ["reliability", "clusters_classes"]
    captions = [part.caption for part in section.parts if hasattr(part, "rows")]
    assert len(captions) == 4  # zero-shot, clusters, over k, guardrails


def test_without_labels_the_kinds_alone_are_told(pairs):
    section = classes(pairs, WORDS)
    assert list(figures(section)) == ["clusters_kinds"]
    assert section.parts[0].text == WORDS("classes.lead_kinds")


def test_without_the_tasks_there_is_no_chapter(pairs):
    bare = replace(pairs, decision=replace(pairs.decision, tasks={}))
    assert classes(bare, WORDS) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "limit"), [("wide", 936), ("narrow", 343)])
def test_the_pictures_fit_their_column(corrected, pairs, language, width, limit):
    named = replace(
        corrected,
        corpus=replace(corrected.corpus, class_name=("a name that is far too long",) * 4),
    )
    named = replace(named, judged_on=named.corpus)
    for findings in (named, pairs):
        for figure in figures(classes(findings, Words(language))).values():
            drawn = svg(figure.draw(width))
            assert float(re.search(r'viewBox="0 0 ([\d.]+)', drawn)[1]) <= limit
            assert re.search(r'^<svg [^>]*role="img" aria-label="[^"]{20,}"', drawn)


def test_bars_are_full_and_named_by_their_most_frequent_class():
    clusters = [
        {"size": 10, "image": 0.4, "text": 0.6, "classes": {"2": 0.5, "0": 0.3, "1": 0.2}},
        {"size": 4, "image": 1.0, "text": 0.0, "classes": {"7": 1.0}},
    ]
    rows = composition_rows(clusters, WORDS, by="class", names=("a", "b", "c"))
    assert [row["name"] for row in rows] == ["c"] * 3 + [
        WORDS("chart.composition.unknown", number=7)
    ] * 3
    assert [(row["from"], row["to"]) for row in rows[:3]] == [(0, 0.5), (0.5, 0.8), (0.8, 1.0)]
    kinds = composition_rows(clusters, WORDS, by="kind")
    assert [row["to"] - row["from"] for row in kinds] == pytest.approx([0.4, 0.6, 1.0, 0.0])
    chart = cluster_composition({"before": clusters, "after": clusters}, WORDS, by="kind")
    assert json.dumps(rows[0]["size"]) in json.dumps(chart.to_dict())


def test_every_bin_is_drawn(corrected):
    bins = corrected.decision.tasks["zero_shot"].curves["reliability"]
    drawn = json.dumps(reliability(bins, WORDS).to_dict()["datasets"])
    for when in ("before", "after"):
        for point in bins[when]:
            assert f'"confidence": {round(point["confidence"], 4)}' in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_speaks_of_classes(corrected, refused, language):
    words = Words(language)
    told = corrected.decision.information.classes["zero_shot_accuracy"]
    summary = answer.summary(corrected, words)
    assert f"{100 * told.after.value:.0f}%" in summary
    labels = [tile.label for tile in answer.tiles(corrected, words)]
    assert labels == [
        words(f"tile.{name}") for name in ("gap", "zero_shot", "clusters", "class_risk")
    ]
    assert words("summary.why.no_class_signal") in answer.summary(refused, words)
    labels = [tile.label for tile in answer.tiles(refused, words)]
    assert labels[1:] == [
        words(f"tile.{name}") for name in ("zero_shot", "clusters", "class_neighbours")
    ]


def test_passages_and_tables_speak_of_classes(corrected, refused):
    text = passages(refused, WORDS)
    assert text.refused[1] == WORDS("choice.refused_class_signal")
    assert WORDS("risks.classes") in text.risks
    assert text.searches == WORDS("searches.none_classes")
    assert "class" in passages(corrected, WORDS).map
    table = tables.candidates_table(corrected, WORDS)
    assert len(table.rows) == len(corrected.decision.candidates)
    assert all(len(row) == len(table.head) for row in table.rows)
    rules = tables.guardrails_table(corrected, WORDS)
    assert rules.head[-1] == WORDS("column.held_out_pictures")
    assert all(len(row) == len(rules.head) for row in rules.rows)


def test_too_few_labelled_images_are_counted():
    found = investigate(classed(np.random.default_rng(3), 30), stress=False)
    tile = answer.tiles(found, WORDS)[-1]
    assert (tile.label, tile.value) == (WORDS("tile.labelled"), "30")
    assert "30" in answer.summary(found, WORDS)


def test_every_reason_to_refuse_makes_a_sentence(corrected):
    for code in ("class_no_gain", "class_gain_undecided", "more_pictures", "labels"):
        values = {"figure": "cluster_nmi", "method": "center", "groups": 900.0, "value": 0.0}
        decision = replace(
            corrected.decision,
            verdict="insufficient_data" if "groups" in code else "do_not_correct",
            recipe=NOTHING,
            reasons=(Reason(code, values | {"bound": -0.1, "margin": 0.03}),),
        )
        findings = replace(corrected, decision=decision)
        for language in LANGUAGES:
            words = Words(language)
            assert answer.summary(findings, words)
            assert passages(findings, words).refused


def test_the_map_is_of_held_out_images_and_class_texts(corrected):
    before, after = corrected.gap_map
    assert len(before.image) == 50
    assert len(before.text) == 4
    assert not np.allclose(before.image, after.image)


def test_strangers_are_not_joined_on_the_map():
    """As many texts as images were once taken for pairs."""
    rng = np.random.default_rng(4)
    loose = Corpus.from_arrays(*rng.normal(size=(2, 60, 8)), paired=False)
    found = investigate(loose, stress=False)
    assert pair_rows(found.gap_map[0]) == []
