"""The rules that the verdict keeps, each with its tolerance."""

from dohyo.decision.policy import Policy
from dohyo.decision.policy_file import RULES, protects, tolerance
from dohyo.reports.findings import Findings
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.sections.section import Prose, Section
from dohyo.words import Words


def policy(findings: Findings, words: Words) -> Section:
    """Lay out every rule: its tolerance, whether it was set, and what it protects."""
    return Section(
        name="policy",
        parts=(Prose(text=words("policy.lead")), _table(findings.decision.policy, words)),
    )


def _table(given: Policy, words: Words) -> Table:
    values, defaults = given.to_json(), Policy().to_json()
    rows = []
    for name in RULES:
        origin = "default" if values[name] == defaults[name] else "set"
        rows.append(
            (
                Cell(words(f"policy.rule.{name}")),
                Cell(tolerance(name, given, words)),
                Cell(words(f"policy.origin.{origin}")),
                Cell(protects(name, words), tone="wraps"),
            )
        )
    columns = ("rule", "tolerance", "origin", "protects")
    return Table(
        caption=words("caption.policy"),
        head=tuple(words(f"policy.column.{column}") for column in columns),
        rows=tuple(rows),
    )
