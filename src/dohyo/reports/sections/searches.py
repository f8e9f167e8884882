"""A few searches before and after."""

from dohyo.reports.findings import Findings
from dohyo.reports.page.passages import passages
from dohyo.reports.page.searches import searches as cards
from dohyo.reports.sections.section import Lists, Prose, Section
from dohyo.words import Words


def searches(findings: Findings, words: Words) -> Section:
    """Lay out the searches drawn at random, as lists of cards."""
    text = passages(findings, words)
    lead = Prose(text=text.searches)
    if not findings.examples:
        return Section(name="searches", parts=(lead,))
    shown = cards(findings.judged_on, findings.examples, findings.illustrated.label, words)
    return Section(name="searches", parts=(lead, Lists(searches=shown, no_match=text.no_match)))
