"""Whom a correction serves worst, and whom it harms although the whole gains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.estimate import Estimate
from dohyo.stats.holm import holm
from dohyo.verification.compare import Comparison
from dohyo.verification.evaluate import Outcome
from dohyo.verification.partitions import LENGTHS, RARITIES, Partition
from dohyo.verification.protocols import Protocol
from dohyo.verification.segments import FIGURES, Segment, Tried, excess_p, segmented

RECALL = "recall_at_1"
OWN_NAMES = {"caption_length": LENGTHS, "rarity": RARITIES}
"""Segments that have no name in the data."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """One figure of one segment, under one protocol.

    Attributes
    ----------
    whole : change of the same figure over all segments together
    """

    segment: Segment
    protocol: Protocol
    figure: str
    whole: float

    @property
    def change(self) -> Estimate:
        """Its change, with the p-values."""
        changed = self.segment.figures[self.protocol][self.figure]
        return replace(changed.change.estimate(changed.p), p_holm=changed.p_holm)

    def to_json(self) -> dict[str, Any]:
        """Return which segment, protocol and figure, its change, and that of the whole."""
        return {
            "kind": self.segment.kind,
            "name": self.segment.name,
            "protocol": self.protocol,
            "figure": self.figure,
            "change": self.change.to_json(),
            "whole": self.whole,
        }


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Segments:
    """Held-out results by segment.

    Attributes
    ----------
    segments : all of them, by kind
    pooled, left_out : by kind, how many segments were too small to stand alone: gathered into
        one, or left out because they are too small even together
    comparisons : how many tests the corrected p-values allow for
    worst : the segment served worst in cross-modal R@1, which is what works today and may be lost
    harmed : every figure of a segment that is shown to have become worse, most certain first
    whole : change over all segments, by protocol and figure
    """

    segments: tuple[Segment, ...]
    pooled: Mapping[str, int]
    left_out: Mapping[str, int]
    comparisons: int
    worst: Part
    harmed: tuple[Part, ...]
    whole: Mapping[Protocol, Mapping[str, float]]

    def to_json(self) -> dict[str, Any]:
        """Return every segment, and which is the worst and which are harmed."""
        return {
            "segments": [segment.to_json() for segment in self.segments],
            "pooled": dict(self.pooled),
            "left_out": dict(self.left_out),
            "comparisons": self.comparisons,
            "worst": self.worst.to_json(),
            "harmed": [part.to_json() for part in self.harmed],
        }


def segments_of(
    cuts: Sequence[Partition],
    tried: Mapping[Protocol, tuple[Outcome, Outcome]],
    compared: Mapping[Protocol, Comparison],
    policy: Policy,
    *,
    seed: int,
) -> Segments | None:
    """Return the results by segment; None where the corpus does not fall into any.

    Parameters
    ----------
    cuts : see `partitions`
    tried : what came of no correction and of the one judged, by protocol
    compared : the same as figures of the whole

    Notes
    -----
    A figure of a segment counts as harmed when its change is below 0 and its two-sided p-value,
    corrected over all segments, protocols and figures, is at most 1 − the policy's level.
    """
    ranked: Tried = {p: (before.ranked, after.ranked) for p, (before, after) in tried.items()}
    found = segmented(cuts, ranked, seed=seed)
    if not found:
        return None
    whole = {
        protocol: {name: side.change[name].value for name in FIGURES}
        for protocol, side in compared.items()
    }
    parts = [
        Part(segment=segment, protocol=protocol, figure=figure, whole=whole[protocol][figure])
        for segment in found
        for protocol in ranked
        for figure in FIGURES
    ]
    harmed = [part for part in parts if _shown_worse(part, policy)]
    asked = [p for p in parts if p.figure == RECALL and p.protocol in policy.guarded]
    return Segments(
        segments=found,
        pooled={cut.kind: cut.pooled for cut in cuts if cut.pooled},
        left_out={cut.kind: cut.left_out for cut in cuts if cut.left_out},
        comparisons=len(parts),
        worst=min(asked, key=lambda part: shrunk(part, policy)),
        harmed=tuple(sorted(harmed, key=lambda part: (part.change.p_holm, part.change.value))),
        whole=whole,
    )


def shrunk(part: Part, policy: Policy) -> float:
    """Return the change as if more groups had been asked, that changed like the whole.

    As many are added as the policy wants at least before it trusts an interval. The plain
    change would name the smallest segment, where chance reaches furthest; its upper bound would
    name the largest, where it reaches least.
    """
    own, added = len(part.segment.groups), policy.minimum_groups
    return (own * part.change.value + added * part.whole) / (own + added)


def harmed_segments(
    found: Segments | None,
    tried: Mapping[Protocol, tuple[Outcome, Outcome]],
    policy: Policy,
    *,
    seed: int,
) -> tuple[Reason, ...]:
    """Return a reason for every segment that is shown to lose more than the policy's margin.

    A loss must not be *shown*; to ask that it be *excluded* everywhere, as for the whole corpus,
    would refuse every correction: a segment of 40 groups has an interval of ± .15. What is shown
    is corrected for all the segments and protocols looked at (Holm), so that the chance of even
    one false refusal stays at 1 − the policy's level.
    """
    if found is None or policy.segment_margin >= 1:
        return ()
    looks = [(segment, protocol) for segment in found.segments for protocol in policy.guarded]
    p_values = []
    for segment, protocol in looks:
        before, after = tried[protocol]
        p_values.append(
            excess_p(
                (before.ranked, after.ranked),
                segment,
                protocol,
                margin=policy.segment_margin,
                seed=seed,
            )
        )
    return tuple(
        Reason("segment", _values(segment, protocol, policy, p))
        for (segment, protocol), p in zip(looks, holm(p_values), strict=True)
        if p <= 1 - policy.level
    )


def code_of(segment: Segment) -> str:
    """Return what `Words.name` knows a segment by: its own name if the data gave it one."""
    if segment.name is None:
        return f"{segment.kind}_rest"
    if segment.kind in OWN_NAMES:
        return f"{segment.kind}_{segment.name}"
    return segment.name


def _shown_worse(part: Part, policy: Policy) -> bool:
    changed = part.segment.figures[part.protocol][part.figure]
    corrected = changed.p_holm
    return corrected is not None and changed.change.value < 0 and corrected <= 1 - policy.level


def _values(
    segment: Segment, protocol: Protocol, policy: Policy, p: float
) -> dict[str, float | str]:
    return {
        "segment": code_of(segment),
        "protocol": protocol,
        "value": segment.figures[protocol][RECALL].change.value,
        "margin": policy.segment_margin,
        "p": p,
        "count": float(len(segment.groups)),
    }
