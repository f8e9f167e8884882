"""Which part of the collection gains, and which one pays for it."""

from dohyo.decision.segments import Segments
from dohyo.reports.charts.segments import segments as chart
from dohyo.reports.findings import Findings
from dohyo.reports.page.answer import touched
from dohyo.reports.page.segment_tables import segment_tables
from dohyo.reports.page.segment_words import harmed_sentences, segment_sentence
from dohyo.reports.sections.section import Aside, Figure, Part, Prose, Section
from dohyo.reports.segment_series import MOST_DRAWN
from dohyo.verification.partitions import LEAST_GROUPS
from dohyo.words import Words


def segments(findings: Findings, words: Words) -> Section | None:
    """Lay out the held-out figures by segment; None where the corpus falls into none."""
    found = findings.decision.segments
    if found is None:
        return None
    changed = touched(findings)
    kinds = list(dict.fromkeys(segment.kind for segment in found.segments))
    named = words("figure.and").join(words(f"segments.kind.{kind}") for kind in kinds)
    parts: list[Part] = [
        Prose(text=words("segments.lead" if changed else "segments.lead_untouched", kinds=named))
    ]
    if changed:
        parts += _changed(findings, found, words)
    parts += segment_tables(findings, found, words, changed=changed)
    if found.pooled or found.left_out:
        small = words(
            "segments.small",
            least=LEAST_GROUPS,
            pooled=sum(found.pooled.values()),
            left_out=sum(found.left_out.values()),
        )
        parts.append(Prose(text=small, kind="small"))
    return Section(name="segments", parts=tuple(parts))


def _changed(findings: Findings, found: Segments, words: Words) -> list[Part]:
    policy = findings.decision.policy
    told = [segment_sentence("segments.worst", found.worst, words)]
    if policy.segment_margin < 1:
        told.append(words("segments.margin", margin=policy.segment_margin))
    parts: list[Part] = []
    if found.harmed:
        parts.append(
            Aside(
                title=words("segments.harmed_title"),
                sentences=harmed_sentences(found, words),
                tone="do_not_correct",
            )
        )
    else:
        told.append(
            words(
                "segments.none_harmed",
                segments=len(found.segments),
                comparisons=found.comparisons,
            )
        )
    caption = [words("segments.chart")]
    if len(found.segments) > MOST_DRAWN:
        caption.append(words("segments.chart_some", all=len(found.segments), shown=MOST_DRAWN))
    between = words("figure.between")
    return [
        Prose(text=between.join(told)),
        *parts,
        Figure(
            name="segments",
            title=words("segments.chart_title"),
            text=between.join(caption),
            draw=lambda width: chart(found, policy, words, width=width),
        ),
        Prose(text=words("segments.rule", added=policy.minimum_groups), kind="small"),
    ]
