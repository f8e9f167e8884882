"""What the two chapters say follows from what was found."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING
from dohyo.decision.reason import Reason
from dohyo.decision.segments import Part
from dohyo.reports.document import document
from dohyo.reports.page.stress_words import breaking
from dohyo.reports.page.tables import Table
from dohyo.reports.sections.section import Aside, Figure, Prose
from dohyo.reports.sections.segments import segments
from dohyo.reports.sections.stress import stress
from dohyo.verification.protocols import PROTOCOLS
from dohyo.verification.stress.registry import CONDITIONS
from dohyo.words import LANGUAGES, Words

WORDS = Words()


def text_of(section):
    said = []
    for part in section.parts:
        if isinstance(part, Aside):
            said += [part.title, *part.sentences]
        elif isinstance(part, Figure):
            said += [part.title, part.text]
        elif isinstance(part, Prose):
            said += [part.text] if isinstance(part.text, str) else part.text
    return " ".join(said)


@pytest.fixture(scope="module")
def found(every_ending):
    return every_ending["correct"]


def harmed(findings, *, value, whole, p=0.001):
    """The findings had one segment lost so much in cross-modal R@1 on unseen queries."""
    told = findings.decision.segments
    segment = told.segments[0]
    figures = dict(segment.figures["unseen_query"])
    recall = figures["recall_at_1"]
    change = replace(
        recall.change,
        value=value,
        replicates=value + 0.01 * np.random.default_rng(0).normal(size=2_000),
    )
    figures["recall_at_1"] = replace(recall, change=change, p=p / 10, p_holm=p)
    lost = replace(segment, figures=dict(segment.figures) | {"unseen_query": figures})
    part = Part(segment=lost, protocol="unseen_query", figure="recall_at_1", whole=whole)
    changed = replace(told, segments=(lost, *told.segments[1:]), harmed=(part,), worst=part)
    return replace(findings, decision=replace(findings.decision, segments=changed))


def test_where_no_loss_is_shown_the_page_says_how_little_that_excludes(found):
    told = found.decision.segments
    text = text_of(segments(found, WORDS))
    assert f"none of the {len(told.segments)} segments" in text
    assert f"{told.comparisons} comparisons" in text
    assert "excludes little" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_harmed_segment_is_named_first_and_the_mean_that_hides_it(found, language):
    section = segments(harmed(found, value=-0.3, whole=0.1), Words(language))
    (aside,) = [part for part in section.parts if isinstance(part, Aside)]
    assert aside.tone == "do_not_correct"
    (sentence,) = aside.sentences
    for figure in ("−0.30", "+0.10", "0.001"):
        assert figure in sentence
    others = text_of(replace(section, parts=[p for p in section.parts if p is not aside]))
    assert Words(language)("segments.none_harmed", segments=6, comparisons=36)[:20] not in others


def test_a_mean_that_does_not_gain_hides_nothing(found):
    (aside,) = [
        part
        for part in segments(harmed(found, value=-0.3, whole=-0.1), WORDS).parts
        if isinstance(part, Aside)
    ]
    assert "hides" not in aside.sentences[0]


def test_the_harmed_figure_is_marked_in_its_table_alone(found):
    section = segments(harmed(found, value=-0.3, whole=0.1), WORDS)
    query, corpus = [part for part in section.parts if isinstance(part, Table)]
    assert [cell.tone for cell in query.rows[0]] == ["wraps", "", "", "", "stop"]
    assert all(cell.tone != "stop" for row in (*query.rows[1:], *corpus.rows) for cell in row)


def test_the_policys_margin_is_told_where_there_is_one(found):
    assert "By the policy" not in text_of(segments(found, WORDS))
    policy = replace(found.decision.policy, segment_margin=0.1)
    strict = replace(found, decision=replace(found.decision, policy=policy))
    assert "more than 0.100 of R@1" in text_of(segments(strict, WORDS))


def test_an_untouched_corpus_has_segments_of_today_alone(found):
    idle = replace(found, decision=replace(found.decision, chosen_by_fold=(NOTHING,) * 4))
    section = segments(idle, WORDS)
    assert not any(isinstance(part, Figure | Aside) for part in section.parts)
    table = next(part for part in section.parts if isinstance(part, Table))
    assert all("→" not in cell.text for row in table.rows for cell in row)
    assert "today" in text_of(section)


def test_without_pairs_there_is_neither_chapter(every_ending):
    assert segments(every_ending["unpaired"], WORDS) is None
    assert stress(every_ending["unpaired"], WORDS) is None


def broken(findings, name, verdict, failed):
    """The findings had the first level of a condition come to this."""
    reason = Reason("no_gain", {"protocol": "unseen_query", "value": -0.1, "bound": -0.2})
    trials = list(findings.stress.trials)
    place = next(i for i, trial in enumerate(trials) if trial.condition == name)
    trials[place] = replace(
        trials[place], verdict=verdict, reasons=(reason,), draws=3, failed=failed
    )
    return replace(findings.stress, trials=tuple(trials))


def steady(findings):
    trials = [replace(t, verdict="correct", draws=1, failed=0) for t in findings.stress.trials]
    return replace(findings, stress=replace(findings.stress, trials=tuple(trials)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("verdict", "failed", "key"),
    [
        ("do_not_correct", 3, "refused"),
        ("insufficient_data", 2, "unproven"),
        ("do_not_correct", 1, "wavers"),
    ],
)
def test_where_the_benefit_breaks_is_said_with_the_reason(found, language, verdict, failed, key):
    words = Words(language)
    told = breaking(broken(steady(found), "wrong_pairs", verdict, failed), words)
    expected = words(
        f"stress.{key}",
        condition=words("stress.condition.wrong_pairs", level="5%"),
        failed=failed,
        draws=3,
        reason=words("reason.no_gain", protocol=words.name("unseen_query"), value=-0.1, bound=-0.2),
    )
    assert told == (expected, words("stress.others_hold"))


def test_a_verdict_that_holds_everywhere_is_said_to(found):
    firm = steady(found)
    assert breaking(firm.stress, WORDS) == (WORDS("stress.holds", trials=9),)
    assert not any(isinstance(part, Aside) for part in stress(firm, WORDS).parts)


def test_a_shortened_judgement_that_refuses_the_clean_data_blames_no_fault(found):
    clean = replace(
        found.stress.unstressed,
        verdict="insufficient_data",
        reasons=(Reason("unsteady"),),
    )
    (told,) = breaking(replace(found.stress, unstressed=clean), WORDS)
    assert told.startswith("Even without a fault")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trial_has_its_line_and_every_fault_its_meaning(found, language):
    words = Words(language)
    section = stress(found, words)
    (table,) = [part for part in section.parts if isinstance(part, Table)]
    assert len(table.rows) == 1 + len(found.stress.trials)
    assert all(len(row) == len(table.head) for row in table.rows)
    meanings = next(p for p in section.parts if isinstance(p, Prose) and p.kind == "list")
    assert len(meanings.text) == len(CONDITIONS)


def test_a_trial_without_figures_shows_dashes(found):
    trial = replace(found.stress.trials[0], gain={}, harm={})
    thin = replace(found, stress=replace(found.stress, trials=(trial,)))
    (table,) = [part for part in stress(thin, WORDS).parts if isinstance(part, Table)]
    assert [cell.text for cell in table.rows[1][3:]] == ["–"] * 4


def test_report_json_holds_both_under_verify(found, every_ending, facts):
    verify = document(found, WORDS, facts)["verify"]
    assert set(verify["stress"]["conditions"]) == set(CONDITIONS)
    assert set(verify["segments"]["segments"][0]) == {"kind", "name", "groups", *PROTOCOLS}
    without = document(every_ending["unpaired"], WORDS, facts)["verify"]
    assert without["stress"] is without["segments"] is None
