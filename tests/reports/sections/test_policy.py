"""The chapter on the rules: every one of them, and which were set."""

from dataclasses import replace

import pytest

from dohyo.decision.policy import Policy
from dohyo.decision.policy_file import RULES
from dohyo.reports.sections.policy import policy
from dohyo.words import LANGUAGES, Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_printed_with_what_it_protects(every_ending, language):
    words = Words(language)
    _, table = policy(every_ending["correct"], words).parts
    assert len(table.rows) == len(RULES)
    assert {row[2].text for row in table.rows} == {words("policy.origin.default")}
    assert all(cell.text for row in table.rows for cell in row)


def test_what_was_set_is_marked(every_ending):
    findings = every_ending["correct"]
    decision = replace(findings.decision, policy=Policy(recall_margin=0.01))
    _, table = policy(replace(findings, decision=decision), Words()).parts
    place = RULES.index("recall_margin")
    assert [cell.text for cell in table.rows[place][1:3]] == ["0.01", "set"]
    assert sum(row[2].text == "set" for row in table.rows) == 1
