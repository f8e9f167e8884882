"""What was tried, what passed, and what was taken."""

from dohyo.reports.charts.ladder import ladder
from dohyo.reports.findings import Findings
from dohyo.reports.page.passages import passages
from dohyo.reports.page.tables import candidates_table
from dohyo.reports.sections.section import Aside, Figure, Part, Prose, Section
from dohyo.words import Words


def choice(findings: Findings, words: Words) -> Section:
    """Lay out every candidate's gain against its harm, and why it was taken or left."""
    decision, text = findings.decision, passages(findings, words)
    if not decision.candidates:
        return Section(name="choice", parts=(Prose(text=words("choice.none")),))
    parts: list[Part] = [
        Prose(text=words("choice.lead_classes" if decision.by_classes else "choice.lead"))
    ]
    if text.refused:
        undecided = decision.verdict == "insufficient_data"
        parts.append(
            Aside(
                title=words("choice.open_title" if undecided else "choice.refused_title"),
                sentences=text.refused,
                tone=decision.verdict,
            )
        )
    if all(candidate.scores for candidate in decision.candidates):
        parts.append(
            Figure(
                name="ladder",
                title=words("choice.ladder_title"),
                text=text.ladder,
                draw=lambda width: ladder(
                    decision.candidates, decision.recipe, decision.policy, words, width=width
                ),
            )
        )
    return Section(name="choice", parts=(*parts, candidates_table(findings, words)))
