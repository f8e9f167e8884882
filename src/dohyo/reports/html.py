"""The report as one page that needs nothing but a browser."""

from typing import Any

from markupsafe import Markup

from dohyo.reports.charts.before_after import before_after
from dohyo.reports.charts.gap_map import gap_map
from dohyo.reports.charts.gap_profile import gap_profile
from dohyo.reports.charts.ladder import ladder
from dohyo.reports.charts.marks import Width
from dohyo.reports.charts.who_finds_whom import who_finds_whom
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings, headline
from dohyo.reports.page import answer, tables
from dohyo.reports.page.paper import fill, pictures
from dohyo.reports.page.passages import passages
from dohyo.reports.page.provenance import definitions, provenance
from dohyo.reports.page.searches import searches
from dohyo.reports.theme import Chart
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words

SECTIONS = ("gap", "choice", "proof", "searches", "risks", "method")


def summary(findings: Findings, words: Words) -> str:
    """Return the answer in one sentence: the gap, what to do, the gain and the risk."""
    return answer.summary(findings, words)


def render(findings: Findings, words: Words, *, facts: Facts) -> str:
    """Return the report as one HTML document: no script, nothing fetched.

    Parameters
    ----------
    findings : what `investigate` found
    words : in which language
    facts : when, how long and with what it was made

    Returns
    -------
    str, the same for the same input. Every picture is in it twice, once for a phone; the style
    sheet shows one of them.
    """
    findings = headline(findings)
    decision = findings.decision
    changed = answer.touched(findings)
    page: dict[str, Any] = {
        "sections": SECTIONS,
        "findings": findings,
        "decision": decision,
        "changed": changed,
        "headline": answer.headline(findings, words),
        "summary": answer.summary(findings, words),
        "tiles": answer.tiles(findings, words),
        "reasons": [reason.say(words) for reason in decision.reasons],
        "charts": _charts(findings, words, changed=changed),
        "text": passages(findings, words),
        "profile": tables.profile_table(findings, words),
        "candidates": tables.candidates_table(findings, words),
        "protocols": [
            tables.protocol_table(name, findings, words)
            for name in PROTOCOLS
            if name in decision.protocols
        ],
        "guardrails": tables.guardrails_table(findings, words) if changed else None,
        "searches": searches(
            findings.judged_on, findings.examples, findings.illustrated.label, words
        ),
        "definitions": definitions(findings, words),
        "provenance": provenance(findings, facts, words),
    }
    return fill("page.html.j2", words, page, styles=("page.css",))


def _charts(findings: Findings, words: Words, *, changed: bool) -> dict[str, dict[str, Markup]]:
    """Draw every picture that the findings hold, in both widths."""
    decision = findings.decision
    illustrated = bool(decision.candidates)
    corrected = findings.after is not findings.before

    def every(width: Width) -> dict[str, Chart]:
        before, after = findings.gap_map
        drawn: dict[str, Chart] = {
            "gap_map": gap_map(before, after if illustrated else None, words, width=width),
            "profile": gap_profile(
                findings.before, findings.after if corrected else None, words, width=width
            ),
        }
        if decision.candidates:
            drawn["ladder"] = ladder(
                decision.candidates, decision.recipe, decision.policy, words, width=width
            )
        if decision.protocols:
            drawn["before_after"] = before_after(
                decision.protocols, words, touched=changed, width=width
            )
            drawn["who"] = who_finds_whom(
                decision.protocols["unseen_corpus"], words, touched=changed, width=width
            )
        return drawn

    return pictures(every)
