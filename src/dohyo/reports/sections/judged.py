"""What judged queries say, and what was not judged."""

from dohyo.decision.verdict import Decision
from dohyo.estimate import Estimate
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.answer import touched
from dohyo.reports.page.tables import Cell, Table, protocol_table
from dohyo.reports.sections.section import Part, Prose, Section
from dohyo.verification.changed import Changed
from dohyo.verification.judged.compare import JudgedFigures
from dohyo.verification.judged.figures import NDCG, RECALL, RECIPROCAL, UNJUDGED_SHARE
from dohyo.words import Words


def judged(findings: Findings, words: Words) -> Section | None:
    """Lay out what was judged and how each kind of query fares; None without judgements."""
    decision, told = findings.decision, findings.decision.judged
    if told is None:
        return None
    changed = touched(findings)
    parts: list[Part] = [
        Prose(text=words("figure.between").join(_lead(told, words))),
        protocol_table("judged", findings, words),
        _by_kind(told, words, changed=changed),
        Prose(text=_unjudged(decision, words, changed=changed), kind="small"),
    ]
    return Section(name="judged", parts=tuple(parts))


def _lead(told: JudgedFigures, words: Words) -> list[str]:
    sentences = [
        words("judged.lead", judgements=f"{told.judgements:,}", queries=f"{told.queries:,}"),
        words("judged.outside" if told.outside else "judged.inside"),
        words("judged.nested"),
    ]
    if told.unanswered:
        sentences.append(words("judged.unanswered", count=f"{told.unanswered:,}"))
    return sentences


def _unjudged(decision: Decision, words: Words, *, changed: bool) -> str:
    compared = decision.protocols["judged"]
    before, after = (
        digits.percent(side[UNJUDGED_SHARE], words) for side in (compared.before, compared.after)
    )
    if changed:
        return words("judged.unjudged", before=before, after=after)
    return words("judged.unjudged_today", before=before)


def _by_kind(told: JudgedFigures, words: Words, *, changed: bool) -> Table:
    metrics = (NDCG, RECALL, RECIPROCAL)
    rows = []
    for kind, figures in told.by_modality.items():
        row = [
            Cell(words("judged.of_kind", kind=words.name(kind))),
            Cell(f"{figures[NDCG].change.groups:,}"),
        ]
        row += [_cell(figures[name], words, changed=changed) for name in metrics]
        rows.append(tuple(row))
    return Table(
        caption=words("caption.judged_by_kind"),
        head=(
            words("column.judged_kind.kind"),
            words("column.n"),
            *(words.name(name) for name in metrics),
        ),
        rows=tuple(rows),
    )


def _cell(figure: Changed, words: Words, *, changed: bool) -> Cell:
    before: Estimate = figure.before.estimate()
    if not changed:
        return Cell(digits.figure(before), digits.interval(before, words))
    change = figure.change.estimate()
    shown = {"before": digits.figure(before), "after": digits.figure(figure.after.estimate())}
    return Cell(words("tile.change", **shown), digits.interval(change, words, signed=True))
