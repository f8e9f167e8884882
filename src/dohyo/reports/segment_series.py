"""What the picture of segments shows, as rows, and what its segments are called."""

from dohyo.decision.policy import Policy
from dohyo.decision.segments import OWN_NAMES, Part, Segments, code_of, shrunk
from dohyo.reports.series import Rows
from dohyo.verification.protocols import PROTOCOLS
from dohyo.verification.segments import Segment
from dohyo.words import Words

RECALL = "recall_at_1"
MOST_DRAWN = 16
LONGEST = 36
"""Letters that fit above a line on a phone."""


def called(segment: Segment, words: Words) -> str:
    """Return the reader's name of a segment; one that the data gave is left as it is."""
    if segment.name is None or segment.kind in OWN_NAMES:
        return words.name(code_of(segment))
    return segment.name


def drawn(segments: Segments, policy: Policy) -> tuple[Segment, ...]:
    """Return the segments that are drawn: all of them in order, or those served worst."""
    if len(segments.segments) <= MOST_DRAWN:
        return segments.segments
    standing = {
        id(segment): min(
            shrunk(_part(segments, segment, protocol), policy)
            for protocol in PROTOCOLS
            if protocol in segment.figures
        )
        for segment in segments.segments
    }
    return tuple(sorted(segments.segments, key=lambda each: standing[id(each)])[:MOST_DRAWN])


def segment_rows(segments: Segments, policy: Policy, words: Words) -> Rows:
    """Return the change of cross-modal R@1 of each segment, by protocol, and how it stands."""
    marked = {(id(p.segment), p.protocol) for p in segments.harmed if p.figure == RECALL}
    marked.add((id(segments.worst.segment), segments.worst.protocol))
    rows = []
    for place, segment in enumerate(drawn(segments, policy)):
        for protocol, figures in segment.figures.items():
            change = figures[RECALL].change.estimate()
            standing = "worst" if (id(segment), protocol) in marked else "usual"
            rows.append(
                {
                    "line": place,
                    "label": _short(called(segment, words)),
                    "protocol": protocol,
                    "value": change.value,
                    "low": change.low,
                    "high": change.high,
                    "standing": words(f"chart.segments.{standing}"),
                }
            )
    return rows


def _part(segments: Segments, segment: Segment, protocol: str) -> Part:
    known = next(name for name in segment.figures if name == protocol)
    whole = segments.whole[known][RECALL]
    return Part(segment=segment, protocol=known, figure=RECALL, whole=whole)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
