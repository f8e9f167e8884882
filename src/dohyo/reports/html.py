"""The report as one page that needs nothing but a browser."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dohyo.reports import charts
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings
from dohyo.reports.page import answer, tables
from dohyo.reports.page.passages import passages
from dohyo.reports.page.provenance import definitions, provenance
from dohyo.reports.page.searches import searches
from dohyo.reports.theme import DARK, LIGHT, Chart, svg, variables
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words

SECTIONS = ("gap", "choice", "proof", "searches", "risks", "method")
WIDTHS: tuple[charts.Width, charts.Width] = ("wide", "narrow")
LONG_FRACTION = re.compile(r"(\.\d\d)\d+")


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
    decision = findings.decision
    changed = answer.touched(findings)
    page: dict[str, Any] = {
        "t": words,
        "language": words.language,
        "sections": SECTIONS,
        "style": _style(),
        "day": Markup(variables(LIGHT)),
        "night": Markup(variables(DARK)),
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
            findings.corpus, findings.examples, findings.illustrated.method, words
        ),
        "definitions": definitions(findings, words),
        "provenance": provenance(findings, facts, words),
    }
    return _environment().get_template("page.html.j2").render(page)


def _charts(findings: Findings, words: Words, *, changed: bool) -> dict[str, dict[str, Markup]]:
    """Draw every picture that the findings hold, in both widths."""
    decision = findings.decision
    illustrated = bool(decision.candidates)
    corrected = findings.after is not findings.before

    def every(width: charts.Width) -> dict[str, Chart]:
        before, after = findings.gap_map
        drawn: dict[str, Chart] = {
            "gap_map": charts.gap_map(before, after if illustrated else None, words, width=width),
            "profile": charts.gap_profile(
                findings.before, findings.after if corrected else None, words, width=width
            ),
        }
        if decision.candidates:
            drawn["ladder"] = charts.ladder(
                decision.candidates, decision.recipe, decision.policy, words, width=width
            )
        if decision.protocols:
            drawn["before_after"] = charts.before_after(
                decision.protocols, words, touched=changed, width=width
            )
            drawn["who"] = charts.who_finds_whom(
                decision.protocols["unseen_corpus"], words, touched=changed, width=width
            )
        return drawn

    found: dict[str, dict[str, Markup]] = {}
    for width in WIDTHS:
        for name, chart in every(width).items():
            # Made by the chart module, not by a user; hundredths of a pixel are fine enough.
            picture = Markup(LONG_FRACTION.sub(r"\1", svg(chart)))
            found.setdefault(name, {})[width] = picture
    return found


def _style() -> Markup:
    rules = files("dohyo.reports.page").joinpath("page.css").read_text(encoding="utf-8")
    return Markup(rules)


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dohyo.reports", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
