"""The figures of data that a choice never saw, and the guardrails they fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dohyo.decision.choose import told_of
from dohyo.decision.guardrails import failures, score
from dohyo.decision.information import Information
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.segments import Segments, harmed_segments, segments_of
from dohyo.verification.compare import Comparison, compare
from dohyo.verification.evaluate import Outcome
from dohyo.verification.partitions import Partition
from dohyo.verification.protocols import Protocol


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Proof:
    """What a correction did where nobody had looked before.

    Attributes
    ----------
    protocols : figures before and after, by protocol
    information : what it kept of each modality by itself
    failed : the reason for every guardrail that it fails
    segments : the same figures segment by segment; None where there are none to tell apart
    """

    protocols: Mapping[Protocol, Comparison]
    information: Information | None
    failed: tuple[Reason, ...]
    segments: Segments | None = None


def proof_of(
    tried: Mapping[Protocol, tuple[Outcome, Outcome]],
    policy: Policy,
    *,
    cuts: Sequence[Partition] = (),
    seed: int,
) -> Proof:
    """Compare outcomes without and with a correction, by protocol, and hold them to the policy.

    Parameters
    ----------
    cuts : how the corpus falls into segments
    """
    told = told_of(tried, seed=seed)
    scores = {p: score(before, after, p, seed=seed) for p, (before, after) in tried.items()}
    protocols = {
        protocol: compare(
            before.ranked,
            after.ranked,
            protocol,
            gap_left=(before.gap_left, after.gap_left),
            seed=seed,
        )
        for protocol, (before, after) in tried.items()
    }
    parts = segments_of(cuts, tried, protocols, policy, seed=seed)
    return Proof(
        protocols=protocols,
        information=told,
        failed=(
            *failures(scores, policy, told),
            *harmed_segments(parts, tried, policy, seed=seed),
        ),
        segments=parts,
    )
