"""What happened where nobody had looked before."""

from dohyo.reports.charts.before_after import before_after
from dohyo.reports.charts.who_finds_whom import who_finds_whom
from dohyo.reports.findings import Findings
from dohyo.reports.page.answer import touched
from dohyo.reports.page.passages import passages
from dohyo.reports.page.tables import protocol_table
from dohyo.reports.sections.section import Figure, Part, Prose, Section
from dohyo.words import Words


def proof(findings: Findings, words: Words) -> Section | None:
    """Lay out the held-out figures of search; None where classes were judged instead."""
    protocols, changed = findings.decision.protocols, touched(findings)
    if findings.decision.by_classes:
        return None
    if not protocols:
        return Section(name="proof", parts=(Prose(text=words("proof.none")),))
    text = passages(findings, words)
    suffix = "" if changed else "_untouched"
    parts: list[Part] = [
        Prose(text=words("proof.lead" if changed else "proof.untouched")),
        Figure(
            name="before_after",
            title=words(f"proof.chart_title{suffix}"),
            text=words(f"proof.chart{suffix}"),
            draw=lambda width: before_after(protocols, words, touched=changed, width=width),
        ),
        # The chapter of judged searches lays out its own figures.
        *(protocol_table(name, findings, words) for name in protocols if name != "judged"),
        Prose(text=words("figure.between").join((text.p_note, text.share_note)), kind="small"),
    ]
    compared = protocols.get("unseen_corpus", next(iter(protocols.values())))
    parts.append(
        Figure(
            name="who",
            title=words("proof.who_title"),
            text=words("proof.who"),
            draw=lambda width: who_finds_whom(compared, words, touched=changed, width=width),
        )
    )
    return Section(name="proof", parts=tuple(parts))
