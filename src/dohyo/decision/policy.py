"""The tolerances that a correction is held to."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Guardrails and their tolerances, printed in every report.

    Attributes
    ----------
    recall_margin : a loss of cross-modal R@1 of this much must be excluded, one-sided
    share_departure : how far the other kind's share of the first ten may lie from its base rate
    level : confidence of every one-sided bound
    signal_p : largest p-value of the pairing signal at which there is something to align
    minimum_groups : below this the intervals themselves cannot be trusted
    """

    recall_margin: float = 0.03
    share_departure: float = 0.15
    level: float = 0.95
    signal_p: float = 0.01
    minimum_groups: int = 40

    def to_json(self) -> dict[str, float]:
        """Return every tolerance by name."""
        return asdict(self)
