"""The tables of held-out figures by segment."""

from dohyo.decision.segments import Segments
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.segment_series import called, drawn
from dohyo.verification.changed import Changed
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.verification.segments import FIGURES, Segment
from dohyo.words import Words

SHORT = {
    "mixed_ndcg_at_10": "segment_mixed",
    "mixed_recall_at_10": "segment_easy",
    "recall_at_1": "segment_recall",
}


def segment_tables(
    findings: Findings, found: Segments, words: Words, *, changed: bool
) -> list[Table]:
    """Lay out the segments that are drawn, a table for each protocol.

    Parameters
    ----------
    changed : whether anything was applied; otherwise there is only a before
    """
    shown = drawn(found, findings.decision.policy)
    head = ["segment", "n", *(SHORT[name] for name in FIGURES)]
    return [
        Table(
            caption=words(f"caption.segments_{protocol}"),
            head=tuple(words(f"column.{column}") for column in head),
            rows=tuple(_row(segment, protocol, found, words, changed=changed) for segment in shown),
        )
        for protocol in PROTOCOLS
        if protocol in found.whole
    ]


def _row(
    segment: Segment, protocol: Protocol, found: Segments, words: Words, *, changed: bool
) -> tuple[Cell, ...]:
    harmed = {p.figure for p in found.harmed if (p.segment, p.protocol) == (segment, protocol)}
    figures = segment.figures[protocol]
    return (
        Cell(called(segment, words), tone="wraps"),
        Cell(f"{len(segment.groups):,}"),
        *(
            _cell(figures[name], words, tone="stop" if name in harmed else "", changed=changed)
            for name in FIGURES
        ),
    )


def _cell(each: Changed, words: Words, *, tone: str, changed: bool) -> Cell:
    """Return the figure before and after, and under it the change with its interval."""
    before, after = each.before.estimate(), each.after.estimate()
    if not changed:
        return Cell(digits.figure(before), digits.interval(before, words))
    change = each.change.estimate()
    both = words("tile.change", before=digits.figure(before), after=digits.figure(after))
    told = digits.interval(change, words, signed=True)
    return Cell(both, f"{digits.figure(change, signed=True)} ({told})", tone=tone)
