"""The tolerances that a correction is held to, and what they are weighed for."""

from dataclasses import asdict, dataclass, replace

from dohyo.corrections.recipe import Recipe
from dohyo.corrections.scores.options import DEFAULTS
from dohyo.errors import UsageError
from dohyo.verification.protocols import PROTOCOLS, Protocol

RANGES: dict[str, tuple[float, float]] = {
    "growing": (0.0, 1.0),
    "recall_margin": (0.0, 1.0),
    "share_departure": (0.0, 1.0),
    "neighbours_kept": (0.0, 1.0),
    "label_margin": (0.0, 1.0),
    "segment_margin": (0.0, 1.0),
    "level": (0.5, 0.9999),
    "signal_p": (0.0, 1.0),
    "minimum_groups": (2.0, float("inf")),
    "most_groups": (100.0, float("inf")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Guardrails and their tolerances, printed in every report.

    Attributes
    ----------
    growing : share of the searches that will hit items added after the fit. Mixed nDCG@10 on an
        unseen corpus has this weight in the choice, that on unseen queries the rest. At 0 nobody
        adds items, so *unseen corpus* forbids nothing; at 1 nobody asks the fitted ones, so
        *unseen query* forbids nothing; anywhere between, both protocols must hold
    recall_margin : a loss of cross-modal R@1 of this much must be excluded, one-sided
    share_departure : how far the other kind's share of the first ten may lie from its base rate
    neighbours_kept : of the nearest neighbours that centering leaves an item among its own kind,
        a correction must leave at least this share, one-sided. Taking out the mean is the least
        that any correction does; two thirds of that separates what reshapes a cloud from what
        replaces it
    label_margin : a loss of this much in zero-shot accuracy, in the accuracy of neighbours' labels
        and in the NMI of clusters with labels must be excluded, one-sided, where labels exist
    segment_margin : a loss of R@1 of this much must not be shown in any segment (a label, a source,
        a length of caption, …); 1, as no loss is larger, lets the worst segment be shown alone
    level : confidence of every one-sided bound
    signal_p : largest p-value of the pairing signal at which there is something to align
    minimum_groups : below this the intervals themselves cannot be trusted
    most_groups : of a corpus with more, so many are drawn and judged; see `judged_part`
    keep_dimension : whether a correction may add no columns, because the index takes none

    Raises
    ------
    UsageError
        If a value is out of its range.
    """

    growing: float = 0.5
    recall_margin: float = 0.03
    share_departure: float = 0.15
    neighbours_kept: float = 2 / 3
    label_margin: float = 0.03
    segment_margin: float = 1.0
    level: float = 0.95
    signal_p: float = 0.01
    minimum_groups: int = 40
    most_groups: int = 2_000
    keep_dimension: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise UsageError(
                    f"{name} is {value}, outside {low:g} to {high:g}.",
                    hint="Choose a value inside.",
                )

    @property
    def guarded(self) -> tuple[Protocol, ...]:
        """The protocols whose guardrails can forbid a correction."""
        idle = {0.0: "unseen_corpus", 1.0: "unseen_query"}.get(self.growing)
        return tuple(protocol for protocol in PROTOCOLS if protocol != idle)

    def weighed(self, recipe: Recipe) -> Recipe:
        """Return the recipe with its calibration, if any, learnt for this share of growth."""
        calibrated = recipe.parameters.get("calibrate", recipe.method == "calibrate")
        if not calibrated or self.growing == DEFAULTS["growing"]:
            return recipe
        return replace(recipe, parameters={"growing": self.growing, **recipe.parameters})

    def to_json(self) -> dict[str, float]:
        """Return every tolerance by name."""
        return asdict(self)


def policy_for(
    growing: float | None, *, keep_dimension: bool = False, policy: Policy | None = None
) -> Policy:
    """Return a policy, with what is given beside it set in its place.

    Parameters
    ----------
    growing : share of searches that will hit items added after the fit; None leaves the policy's
    keep_dimension : that corrected vectors must have no more columns; False leaves the policy's
    policy : the default tolerances if left out

    Raises
    ------
    UsageError
        If it is outside 0 to 1.
    """
    chosen = policy or Policy()
    if keep_dimension:
        chosen = replace(chosen, keep_dimension=True)
    return chosen if growing is None else replace(chosen, growing=growing)
