"""How an alarm is followed up."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from dohyo.decision.policy import Policy as Guardrails
from dohyo.errors import UsageError

Policy = Literal["notify", "propose", "auto-conservative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustSettings:
    """What may follow an alarm, and within which bounds.

    Attributes
    ----------
    policy : "notify" leaves it at the alarm; "propose" prepares a change for people to approve;
        "auto-conservative" may besides weaken the correction or return to raw by itself, and
        never anything else
    collection : whose roll-out it is about; None for the only one
    least_groups : groups since the change before the first try; the verdict then says how many
        more would decide
    most_groups : of more, the newest are taken
    patience : batches after the alarm until it gives up waiting for more
    guardrails : what a new map must keep, and the margin past which the old one harms
    stress : whether a report also judges under the faults of industry, which takes minutes
    begin_percent : canary at which a new map begins where the old one answered everybody
    step, floor : "auto-conservative" takes so much off the strength, and not below the floor:
        there it returns to raw
    hours : between two steps that it takes by itself, at least
    copy_rows : a collection with at most so many rows gets its corrected copy beforehand
    seed : of folds, samples and resampling

    Raises
    ------
    UsageError
        If a value makes no sense.
    """

    policy: Policy = "propose"
    collection: str | None = None
    least_groups: int = 100
    most_groups: int = 20_000
    patience: int = 90
    guardrails: Guardrails = field(default_factory=Guardrails)
    stress: bool = False
    begin_percent: float = 10.0
    step: float = 0.25
    floor: float = 0.5
    hours: float = 24.0
    copy_rows: int = 100_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.policy not in get_args(Policy):
            raise UsageError(
                f"There is no policy {self.policy!r}.", hint=f"Take {', '.join(get_args(Policy))}."
            )
        fine = (
            0 < self.step < 1
            and 0 < self.floor < 1
            and self.hours >= 0
            and 0 < self.begin_percent <= 100
            and 0 < self.least_groups <= self.most_groups
        )
        if not fine:
            raise UsageError(
                "A bound of the adjustment is out of range.",
                hint="Step and floor lie between 0 and 1, a canary above 0 up to 100.",
            )
