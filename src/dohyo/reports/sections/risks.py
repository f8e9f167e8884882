"""What could go wrong, and what was done about it."""

from dohyo.reports.findings import Findings
from dohyo.reports.page.answer import touched
from dohyo.reports.page.passages import passages
from dohyo.reports.page.tables import guardrails_table
from dohyo.reports.sections.section import Part, Prose, Section
from dohyo.words import Words


def risks(findings: Findings, words: Words) -> Section:
    """Lay out the guardrails against what was found, and the ways a correction can still fail."""
    correct = findings.decision.verdict == "correct"
    parts: list[Part] = [Prose(text=words("risks.lead" if correct else "risks.lead_refused"))]
    if findings.decision.protocols and touched(findings):
        parts.append(Prose(text=words("risks.guardrails"), kind="heading"))
        parts.append(guardrails_table(findings, words))
    parts.append(Prose(text=passages(findings, words).risks, kind="list"))
    return Section(name="risks", parts=tuple(parts))
