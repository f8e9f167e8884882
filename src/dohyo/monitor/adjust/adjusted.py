"""What came of following up an alarm."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Outcome = Literal[
    "notified", "waiting", "too_few", "kept", "proposed", "proposed_raw", "encoder", "left"
]
BySelf = Literal["lowered", "returned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What came of it.

    Attributes
    ----------
    outcome : "notified", as the policy wants no more; "waiting" for more data, to be tried again;
        "too_few" when it gave up waiting; "kept", as the map in service still holds; "proposed"
        a new map; "proposed_raw", to return to raw; "encoder", as another one made the batches and
        nothing is corrected; "left", as nothing is in service and no map helps
    why : in sentences
    proposal : its number; None where there is none
    by_itself : what "auto-conservative" did at once; None for nothing
    groups, needed : since the change, and how many would decide; None where that is not the point
    contest : figures of new against old; None where nothing was compared
    report : folder within the state's folder; None where there is none
    copy : of the collection, see `Shop.copy`; "none" where no store is known
    """

    outcome: Outcome
    why: str
    proposal: int | None = None
    by_itself: BySelf | None = None
    groups: int | None = None
    needed: int | None = None
    contest: Mapping[str, Any] | None = None
    report: str | None = None
    copy: str = "none"

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` told."""
        return cls(**told)
