"""How each figure is made, and how to get it again."""

from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings, headline
from dohyo.reports.page.provenance import definitions, provenance
from dohyo.reports.sections.section import Definitions, Prose, Section
from dohyo.words import Words


def method(findings: Findings, words: Words, facts: Facts) -> Section:
    """Lay out the definitions and all that makes the page reproducible."""
    lead = words("figure.between").join((words("method.lead"), words("page.print_hint")))
    return Section(
        name="method",
        parts=(
            Prose(text=lead),
            Prose(text=words("method.definitions"), kind="heading"),
            Definitions(terms=definitions(headline(findings), words)),
            Prose(text=words("method.reproduce"), kind="heading"),
            provenance(findings, facts, words),
        ),
    )
